// What can go wrong while deploying, each with a stable code word. The message is one sentence that names
// the thing, the value and the way out; the command line prints it as it stands.

import { CommandFailure, visible } from '../terminal/index.ts';

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

export class ConnectFailure extends CommandFailure<ConnectFailureCode> {
  override readonly name: string = 'ConnectFailure';
}

export function isConnectFailure(error: unknown, code?: ConnectFailureCode): error is ConnectFailure {
  return error instanceof ConnectFailure && (code === undefined || error.code === code);
}

/** A failure that keeps nobody from doing the next thing. @throws any other error, and the end by a signal */
export function failureOf(error: unknown): ConnectFailure {
  if (isConnectFailure(error) && error.code !== 'aborted') return error;
  throw error;
}
