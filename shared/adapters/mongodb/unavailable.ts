// Tells "the database cannot be reached now" from a fault of ours, so that a caller learns to come again.
import {
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoServerSelectionError,
} from 'mongodb';
import { Failure } from '../../engine/index.ts';

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
