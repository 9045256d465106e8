// Held subjects on MongoDB: a small collection that is empty on a good day.
import type { Collection } from 'mongodb';
import { bounded, type Held, type HeldSubjects } from '../../../engine/index.ts';
import type { HeldPages } from '../../../operations/ports.ts';

export type HeldDocument = Omit<Held, 'key'> & { readonly _id: string };

/** Earlier releases stored details of any length. */
const heldOf = ({ _id, ...rest }: HeldDocument): Held => ({ key: _id, ...rest, detail: bounded(rest.detail) });

export function mongoHeldSubjects(collection: Collection<HeldDocument>): HeldSubjects {
  return {
    async hold(held) {
      if (held.length === 0) return;
      await collection.bulkWrite(
        held.map(({ key, since, seenVersion, detail, ...rest }) => ({
          updateOne: {
            filter: { _id: key },
            update: {
              $set: { ...rest, detail: bounded(detail) },
              $max: { seenVersion },
              $setOnInsert: { since },
              $inc: { attempts: 1 },
            },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },
    async release(reached) {
      if (reached.size === 0) return;
      // Another process may have held the subject again meanwhile, for a later version.
      await collection.bulkWrite(
        [...reached].map(([_id, version]) => ({ deleteOne: { filter: { _id, seenVersion: { $lte: version } } } })),
        { ordered: false },
      );
    },
    async among(keys) {
      const found = await collection.find({ _id: { $in: [...keys] } }).toArray();
      return new Map(found.map((one) => [one._id, heldOf(one)]));
    },
    async list(limit) {
      const found = await collection.find().sort({ _id: 1 }).limit(limit).toArray();
      return found.map(heldOf);
    },
    count: () => collection.countDocuments(),
  };
}

/** The same list page by page, for operators and for the retrier. */
export function heldPagesOf(collection: Collection<HeldDocument>): HeldPages {
  return {
    async after(key, limit) {
      const filter = key === undefined ? {} : { _id: { $gt: key } };
      return (await collection.find(filter).sort({ _id: 1 }).limit(limit).toArray()).map(heldOf);
    },
    countAfter: (key) => collection.countDocuments({ _id: { $gt: key } }),
  };
}
