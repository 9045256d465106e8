// What can go wrong while deploying, each with a stable code word. The message is one sentence that names
// the thing, the value and the way out; the command line prints it as it stands.

import { visible } from '../terminal/index.ts';

export type ConnectFailureCode =
  /** A setting of the environment is not valid. */
  | 'config-invalid'
  /** An option of the command line is not valid. */
  | 'option-invalid'
  /** A connector file cannot be read, or breaks a rule. */
  | 'file-invalid'
  /** Somebody asked to take off what has no file, and named files that are not all there are. */
  | 'prune-needs-folders'
  /** The worker did not answer within the time allowed. */
  | 'worker-unreachable'
  /** The worker answered, and refused. */
  | 'worker-refused'
  /** The worker cannot do what is asked of it in its version. */
  | 'worker-too-old'
  /** A connector has a position and its topic is new: what lies before that position would never come into it. */
  | 'topic-new'
  /** A change of a topic would delete records that the topic keeps now. */
  | 'topic-deletes'
  | 'kafka-unreachable'
  /** A broker is there, and login or TLS keeps this command from it. */
  | 'kafka-login'
  | 'kafka-tls'
  | 'kafka-refused'
  /** Everything was applied, but a connector or one of its tasks does not run. */
  | 'not-healthy'
  /** The caller's signal ended the work. */
  | 'aborted';

/** A message of several lines, each of which stays one line whatever is in it. */
export const listed = (lines: readonly string[]) => lines.map(visible).join('\n');

export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';

  constructor(
    readonly code: ConnectFailureCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export function isConnectFailure(error: unknown, code?: ConnectFailureCode): error is ConnectFailure {
  return error instanceof ConnectFailure && (code === undefined || error.code === code);
}

/**
 * The innermost message of an error: `fetch failed` says nothing, its cause says `connect ECONNREFUSED 127.0.0.1:8083`.
 * Looks at shapes, not classes: errors of Node itself may come from another realm than ours (Jest, worker contexts).
 */
export function rootMessage(error: unknown): string {
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
