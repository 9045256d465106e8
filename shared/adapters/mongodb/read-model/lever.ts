// The gate of a projection and the lever that shuts it, over the service's own database.
import type { Db } from 'mongodb';
import { openPauseLever, type PauseLever, type PausePorts } from '../../../operations/ports.ts';
import { createFeedGate, type FeedGate } from '../../../running/index.ts';
import { mongoPauses, type PauseDocument } from './pauses.ts';

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
