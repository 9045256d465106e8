// The figures of a collection's documents, summed by the server in one scan: no document leaves it.
import type { Collection, Filter } from 'mongodb';
import type { StoredDocument } from '../../../engine/index.ts';
import type { CopyFigures } from '../../../operations/ports.ts';

/** @throws MongoServerError when it takes longer than `timeoutMs` */
export async function copyFiguresIn(
  collection: Collection<StoredDocument>,
  matching: Filter<StoredDocument>,
  timeoutMs: number,
): Promise<CopyFigures> {
  const sums = { $group: { _id: null, subjects: { $sum: 1 }, versions: { $sum: '$version' } } };
  const stages = [{ $match: matching }, sums, { $project: { _id: 0 } }];
  const [found] = await collection.aggregate<CopyFigures>(stages, { maxTimeMS: timeoutMs }).toArray();
  return found ?? { subjects: 0, versions: 0 };
}
