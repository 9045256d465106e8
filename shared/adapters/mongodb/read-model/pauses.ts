// Which projections an operator wanted to stand still: one small document for each, in the service's own database.
import type { Collection } from 'mongodb';
import type { Pause, Pauses } from '../../../operations/ports.ts';

export type PauseDocument = Pause & { readonly _id: string };

export function mongoPauses(collection: Collection<PauseDocument>): Pauses {
  return {
    async read(projection) {
      return asPause(await collection.findOne({ _id: projection }));
    },
    async begin(projection, pause) {
      // The first one stays: who wanted it, and since when.
      const there = await collection.findOneAndUpdate(
        { _id: projection },
        { $setOnInsert: pause },
        { upsert: true, returnDocument: 'before' },
      );
      return asPause(there) ?? pause;
    },
    async end(projection) {
      return asPause(await collection.findOneAndDelete({ _id: projection }));
    },
  };
}

function asPause(document: PauseDocument | null): Pause | undefined {
  if (!document) return undefined;
  const { _id, ...pause } = document;
  return pause;
}
