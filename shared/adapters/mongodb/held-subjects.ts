// Held subjects on MongoDB: a small collection that is empty on a good day.
import type { Collection } from 'mongodb';
import type { Held, HeldSubjects } from '../../engine/index.ts';

export type HeldDocument = Omit<Held, 'key'> & { readonly _id: string };

export function mongoHeldSubjects(collection: Collection<HeldDocument>): HeldSubjects {
  return {
    async hold(held) {
      if (held.length === 0) return;
      await collection.bulkWrite(
        held.map(({ key, since, seenVersion, ...rest }) => ({
          updateOne: {
            filter: { _id: key },
            update: { $set: rest, $max: { seenVersion }, $setOnInsert: { since }, $inc: { attempts: 1 } },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },
    async release(reached) {
      if (reached.size === 0) return;
      // Somebody else may have held the subject again since it was looked at, for a version that came after.
      await collection.bulkWrite(
        [...reached].map(([_id, version]) => ({ deleteOne: { filter: { _id, seenVersion: { $lte: version } } } })),
        { ordered: false },
      );
    },
    async among(keys) {
      const found = await collection.find({ _id: { $in: [...keys] } }).toArray();
      return new Map(found.map(({ _id, ...rest }) => [_id, { key: _id, ...rest }]));
    },
    async list(limit) {
      const found = await collection.find().sort({ _id: 1 }).limit(limit).toArray();
      return found.map(({ _id, ...rest }) => ({ key: _id, ...rest }));
    },
    count: () => collection.countDocuments(),
  };
}
