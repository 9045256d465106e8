// One unordered insert of a group of events, bounded in time, with a result for each member.
import type { Collection, MongoBulkWriteError } from 'mongodb';
import type { StoredEvent } from '../../../engine/index.ts';

/** Named places around the insert at which a test ends the process; does nothing in production. */
export type CrashPoint = (
  name: 'before-insert' | 'after-insert' | 'before-settle' | 'before-commit' | 'after-commit',
) => void;

export type Inserted = { readonly stored: true } | { readonly stored: false; readonly refusedBy?: number };

/** One result for each member, in their order; what is not certain is reported as not stored, to be settled by reading. */
export async function insertGroup(
  events: Collection<StoredEvent>,
  members: readonly StoredEvent[],
  insertMs: number,
  crashPoint: CrashPoint,
): Promise<Inserted[]> {
  crashPoint('before-insert');
  try {
    await events.insertMany(members.map(asDocument), { ordered: false, maxTimeMS: insertMs, ignoreUndefined: true });
    crashPoint('after-insert');
    return members.map(() => ({ stored: true }));
  } catch (error) {
    const refused = refusedMembers(error, members.length);
    // Without a result for each member, nothing is known of any of them.
    return members.map((_, i) =>
      !refused
        ? { stored: false }
        : refused.has(i)
          ? { stored: false, refusedBy: refused.get(i) ?? 0 }
          : { stored: true },
    );
  }
}

/** The members that the server refused, by index, or undefined when the error does not account for each of them. */
function refusedMembers(error: unknown, membersCount: number): Map<number, number> | undefined {
  const { writeErrors, result } = error as Partial<MongoBulkWriteError>;
  if (writeErrors === undefined || result === undefined || result.getWriteConcernError() !== undefined)
    return undefined;
  const list = Array.isArray(writeErrors) ? writeErrors : [writeErrors];
  // An insert that ran out of time names the member it stopped at, and not those it never came to.
  if (result.insertedCount + list.length !== membersCount) return undefined;
  return new Map(list.map(({ index, code }) => [index, code]));
}

/** The driver writes `_id` into what it is given; the events stay as they are. */
function asDocument(event: StoredEvent): StoredEvent {
  return { ...event };
}
