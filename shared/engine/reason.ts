// What was thrown, as text inside another sentence. The functions look at shapes and not at classes, because errors of Node itself may
// come from another realm (Jest, worker contexts), where `instanceof Error` is false.

/** The message of an error, or the text of anything else that was thrown. */
export function reasonOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  return String(message ?? error);
}

/** The innermost message: `fetch failed` says nothing, its cause says `connect ECONNREFUSED 127.0.0.1:8083`. */
export function rootReasonOf(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 8; depth += 1) {
    const { errors, cause } = Object(current) as { errors?: unknown; cause?: unknown };
    if (Array.isArray(errors) && errors.length > 0) current = errors[0];
    else if (typeof cause === 'object' && cause !== null) current = cause;
    else break;
  }
  const { message, name } = Object(current) as { message?: unknown; name?: unknown };
  return String(message || name || current);
}

/** Why `fetch` had no answer: the code of the cause, such as `ECONNREFUSED`, else the innermost message. */
export function networkReasonOf(error: unknown): string {
  const { cause } = Object(error) as { cause?: unknown };
  return String(codeOf(cause) ?? rootReasonOf(error));
}

/** The `code` of an error of Node.js or MongoDB, if there is one. */
export function codeOf(error: unknown): string | number | undefined {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' || typeof code === 'number' ? code : undefined;
}
