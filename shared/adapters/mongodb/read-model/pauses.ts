// Which projections an operator wanted to stand still: one small document for each, in the service's own database; and the lever of a
// projection over them, with the gate that it shuts.
import type { Collection, Db } from 'mongodb';
import {
  openPauseLever,
  type Pause,
  type PauseLever,
  type PausePorts,
  type Pauses,
} from '../../../operations/ports.ts';
import { createFeedGate, type FeedGate } from '../../../running/index.ts';

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

export interface GateUnderLever {
  /** To be passed by everything that writes documents of the projection. */
  readonly gate: FeedGate;
  readonly lever: PauseLever;
}

/** To be called before anything is fed. */
export async function openLever(
  db: Db,
  ports: Pick<PausePorts, 'name' | 'clock' | 'log' | 'lookEveryMs'>,
): Promise<GateUnderLever> {
  const gate = createFeedGate();
  const pauses = mongoPauses(db.collection<PauseDocument>('Pauses'));
  return { gate, lever: await openPauseLever({ ...ports, gate, pauses }) };
}
