// The pauses that operators asked for: one small document for each projection, in the service's own database; and the pause gate of a
// projection, which reads them.
import type { Collection, Db } from 'mongodb';
import { openPauseGate, type Pause, type PauseGate, type PausePorts, type Pauses } from '../../../operations/ports.ts';
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

export interface GateUnderPause {
  /** To be passed by everything that writes documents of the projection. */
  readonly gate: FeedGate;
  readonly pauseGate: PauseGate;
}

/** To be called before anything is fed. */
export async function openGate(
  db: Db,
  ports: Pick<PausePorts, 'name' | 'clock' | 'log' | 'lookEveryMs'>,
): Promise<GateUnderPause> {
  const gate = createFeedGate();
  const pauses = mongoPauses(db.collection<PauseDocument>('Pauses'));
  return { gate, pauseGate: await openPauseGate({ ...ports, gate, pauses }) };
}
