// The one error of the system: a server that cannot be had or does not start.
// Its message is one sentence that names what failed and what to do; the log's last lines may follow on their own lines.

/** A server cannot be found, started or reached; `message` is meant for the person at the terminal. */
export class SystemFailure extends Error {
  override readonly name = 'SystemFailure';
}

/** The message of whatever was thrown, for use inside another sentence. */
export const reasonOf = (error: unknown): string => {
  // Not by `instanceof`: under a test runner the platform's errors come from another realm.
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  return String(error.message);
};

/** The `code` of a Node.js or MongoDB error, if it has one. */
export const codeOf = (error: unknown): string | number | undefined => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' || typeof code === 'number' ? code : undefined;
};
