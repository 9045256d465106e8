// Counts in the store what carries an import's name, on the streams of its people: which shows that the report's own counting is right.
import type { StoredEvent } from 'foldline/engine';
import type { Collection } from 'mongodb';
import { inBatches } from './batches.ts';
import type { Person } from './identity-map.ts';
import { conversationOf, type Import, subjectIn } from './imported-events.ts';

export interface InStore {
  /** Identities that this import added. */
  readonly people: number;
  readonly events: number;
}

/**
 * One question for each batch of subjects, answered from the index on them.
 *
 * @param foundOn where lines were found that an earlier run stored
 */
export async function countInStore(
  events: Collection<StoredEvent>,
  of: Import,
  people: Iterable<Person>,
  foundOn: Iterable<string>,
  batchMax: number,
  onCounted: (share: number, subjects: number) => void,
): Promise<InStore> {
  // A person may have been deleted and taken over by another user since, or two ids may be one user's: each subject once.
  const subjects = new Set<string>(foundOn);
  for (const { subject, distinctId } of people) subjects.add(subject).add(subjectIn(of, distinctId));
  const counts = new Map<string, number>();
  let done = 0;
  for (const batch of inBatches(subjects, batchMax)) {
    const found = events.aggregate<{ _id: string; count: number }>([
      { $match: { subject: { $in: batch }, ...conversationOf(of) } },
      { $group: { _id: '$type', count: { $sum: 1 } } },
    ]);
    for await (const { _id, count } of found) counts.set(_id, (counts.get(_id) ?? 0) + count);
    done += batch.length;
    onCounted(done / subjects.size, done);
  }
  return { people: counts.get('userIdentityAdded_v1') ?? 0, events: counts.get('activityRecorded_v1') ?? 0 };
}
