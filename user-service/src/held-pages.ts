// The list of what is held, page by page, for operators and for the mender.
import type { HeldPages } from '@foldline/shared/engine';
import type { HeldDocument } from '@foldline/shared/mongodb';
import type { Collection } from 'mongodb';

export function heldPagesOf(collection: Collection<HeldDocument>): HeldPages {
  return {
    async after(key, limit) {
      const filter = key === undefined ? {} : { _id: { $gt: key } };
      const found = await collection.find(filter).sort({ _id: 1 }).limit(limit).toArray();
      return found.map(({ _id, ...rest }) => ({ key: _id, ...rest }));
    },
    countAfter: (key) => collection.countDocuments({ _id: { $gt: key } }),
  };
}
