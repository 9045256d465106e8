// What can go wrong for an operator, each with a stable code word. The message is one sentence that names the thing, the value
// and the way out; the command line prints it as it stands.
import { CommandFailure } from '../terminal/index.ts';

export type AdminFailureCode =
  /** A setting of the environment is not valid. */
  | 'config-invalid'
  /** An option or an argument of the command line has a value that it cannot have. */
  | 'usage'
  /** A service did not answer in time, or not at all. */
  | 'service-unreachable'
  /** A service answered, and refused. */
  | 'service-refused'
  /** A service answered that it has no such operation: it is older, or a service of another kind. */
  | 'not-offered'
  /** None of the services that were asked has it. */
  | 'not-found'
  /** A file that was named is not there, or is not what its name says. */
  | 'file-unreadable'
  /** What was asked for does not go with what was done before. */
  | 'refused'
  /** It was ended by a signal before it was done. */
  | 'stopped';

export class AdminFailure extends CommandFailure<AdminFailureCode> {
  override readonly name = 'AdminFailure';
}

/** Whether this service failed and another may still be asked: who wanted it to end is asked for no more. */
export function isOfOneService(error: unknown): error is AdminFailure {
  return isAdminFailure(error) && error.code !== 'stopped';
}

export function isAdminFailure(error: unknown, code?: AdminFailureCode): error is AdminFailure {
  return error instanceof AdminFailure && (code === undefined || error.code === code);
}
