// What an error of the server means: the database cannot be reached now, so that a caller may try again; or the user of MONGODB_URI lacks a
// right. Every other error is a fault of this code.
import {
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { Failure } from '../../engine/index.ts';

const unauthorized = 13;
const maxTimeExpired = 50;

/** The failure to answer with when the error says that MongoDB did not answer; undefined for every other error. */
export function unavailability(error: unknown): Failure | undefined {
  const unreachable =
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNetworkError ||
    error instanceof MongoOperationTimeoutError ||
    (error instanceof MongoError &&
      (error.code === maxTimeExpired || error.hasErrorLabel(MongoErrorLabel.RetryableWriteError)));
  return unreachable
    ? new Failure('overloaded', 'The database does not answer at the moment; try again.', { cause: error })
    : undefined;
}

/** What may not be done, as the server says it; undefined for every other error. */
export function lackOfRights(error: unknown): string | undefined {
  if (!(error instanceof MongoServerError) || error.code !== unauthorized) return undefined;
  // `not authorized on things to execute command { insert: "ThingEvents", documents: … }`: the rest may be somebody's data.
  return error.message.replace(/\{ (\w+)(: "[^"]*")?.*$/s, '$1$2');
}
