// Group commit: what arrives while a write is in flight leaves together in the next one, in one unordered insert, and each caller gets its
// own result. The idea is that of databases' log writers (DeWitt et al., "Implementation Techniques for Main Memory Database Systems", 1984).

import type { Collection, MongoBulkWriteError } from 'mongodb';
import { Failure, type StoredEvent } from '../../../engine/index.ts';

export interface GroupLimits {
  /** Groups that may be on their way at once. */
  readonly groupsInFlightMax: number;
  readonly membersMax: number;
  /** Members that may wait; one more is refused as `overloaded`. */
  readonly queueMax: number;
}

export interface GroupCommit<T, R> {
  /** @throws Failure `overloaded` when the queue is full; whatever `write` threw for the group. */
  submit(member: T): Promise<R>;
}

interface Waiting<T, R> {
  readonly member: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/** @param write must answer with one result for each member, in their order */
export function createGroupCommit<T, R>(
  limits: GroupLimits,
  write: (members: readonly T[]) => Promise<readonly R[]>,
): GroupCommit<T, R> {
  const queue: Waiting<T, R>[] = [];
  let inFlight = 0;

  async function send(): Promise<void> {
    inFlight += 1;
    const group = queue.splice(0, limits.membersMax);
    try {
      const results = await write(group.map(({ member }) => member));
      group.forEach((waiting, i) => {
        waiting.resolve(results[i] as R);
      });
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    } finally {
      inFlight -= 1;
      if (queue.length > 0) void send();
    }
  }

  return {
    submit(member) {
      if (queue.length >= limits.queueMax) {
        return Promise.reject(
          new Failure('overloaded', `${limits.queueMax} writes are waiting already; try again shortly.`),
        );
      }
      return new Promise((resolve, reject) => {
        queue.push({ member, resolve, reject });
        if (inFlight < limits.groupsInFlightMax) void send();
      });
    },
  };
}

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
