// Several events in one transaction of one insert. The driver's own retry loop is not used: it would go on for two minutes.
import { type ClientSession, type Collection, MongoError, MongoErrorLabel } from 'mongodb';
import type { StoredEvent } from '../../../engine/index.ts';
import type { MongoUse } from '../given-client.ts';
import type { CrashPoint } from './group-commit.ts';

/** @returns true when the commit was acknowledged; false when the outcome must be settled by reading. */
export async function insertTogether(
  client: MongoUse,
  events: Collection<StoredEvent>,
  members: readonly StoredEvent[],
  insertMs: number,
  crashPoint: CrashPoint,
): Promise<boolean> {
  const session = client.startSession();
  try {
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
      maxCommitTimeMS: insertMs,
    });
    crashPoint('before-insert');
    await events.insertMany(
      members.map((event) => ({ ...event })),
      { session, maxTimeMS: insertMs, ignoreUndefined: true },
    );
    crashPoint('before-commit');
    await commit(session);
    crashPoint('after-commit');
    return true;
  } catch (error) {
    // Conflict, time-out and lost connection all end here, and the reading afterwards tells which it was.
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    else if (!aborted(error)) await endOnServer(client, session);
    return false;
  } finally {
    await session.endSession();
  }
}

function aborted(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.TransientTransactionError);
}

/**
 * A commit without an answer may leave its transaction open. The transaction then blocks its own repetition until the server
 * gives it up. The driver does not abort after a commit; ending the session does.
 */
async function endOnServer(client: MongoUse, { id }: ClientSession): Promise<void> {
  // When this fails too, the transaction ends with its lifetime on the server; until then the append is settled or overloaded.
  await client
    .db('admin')
    .command({ killSessions: [id] })
    .catch(() => undefined);
}

async function commit(session: { commitTransaction(): Promise<void> }): Promise<void> {
  try {
    await session.commitTransaction();
  } catch (error) {
    if (!(error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.UnknownTransactionCommitResult)))
      throw error;
    await session.commitTransaction();
  }
}
