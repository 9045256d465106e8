// The resync of a model by the snapshots that the owner of its events publishes.
import { copyFiguresIn } from '../../adapters/mongodb/index.ts';
import {
  createSnapshotIntake,
  type OwnerState,
  snapshotsFirst,
  type TopicResync,
  withHeld,
} from '../../operations/index.ts';
import type { Broker } from '../broker.ts';
import { isPublished, type RemoteOrigin } from '../declaration.ts';
import type { OpenModel } from '../models.ts';
import type { Parts } from '../parts.ts';
import type { ResyncInto } from './origin.ts';

export interface SnapshotResync {
  readonly broker: Broker;
  readonly topic: string;
  readonly snapshots: NonNullable<RemoteOrigin['snapshots']>;
  readonly model: OpenModel;
  readonly state: (signal: AbortSignal) => Promise<OwnerState>;
  readonly into: ResyncInto;
}

export function resyncBySnapshots(
  parts: Parts,
  { broker, topic, snapshots: { topic: snapshots, asDocument }, model, state, into }: SnapshotResync,
): TopicResync {
  const { held, gate, clock, logger: log } = parts;
  const { config } = broker;
  const { documents } = model.model;
  const intake = createSnapshotIntake({ documents, held, asDocument, clock, log });
  return {
    topic,
    behindMax: config.RESYNC_BEHIND_EVENTS_MAX,
    overlapMax: config.RESYNC_OVERLAP_EVENTS_MAX,
    takeIn: snapshotsFirst({
      topic,
      snapshots: broker.snapshots(snapshots),
      async intake(records) {
        const taken = await gate.pass(() => intake(records));
        into.reached(topic, taken.versions);
        return taken;
      },
      owner: state,
      async logRecords() {
        const partitions = await broker.offsets.of(topic);
        return Number(partitions.reduce((sum, { end }) => sum + end, 0n));
      },
      async copies(passed) {
        const matching = isPublished(model.declaration.projection);
        const figures = await copyFiguresIn(model.collection, matching, config.RESYNC_FIGURES_TIMEOUT_MS);
        return withHeld(figures, passed, await model.documents.read([...passed.keys()]));
      },
      holdAsOwner: (ofOwner) => holdAsOwner(parts, model, ofOwner),
      newestWaitMs: config.RESYNC_NEWEST_WAIT_MS,
      nowMs: Date.now,
      log,
    }),
  };
}

const ownerHolds = { reason: 'hole', detail: 'its owner holds it, so that no snapshot has what came' } as const;

/** A subject that is held here already keeps its reason. A subject whose document has all events that came is released again. */
async function holdAsOwner(
  { held, clock }: Pick<Parts, 'held' | 'clock'>,
  { model: { documents, projection } }: OpenModel,
  ofOwner: OwnerState['held'],
): Promise<void> {
  const keys = ofOwner.map(({ key }) => key);
  const versions = async () => {
    const found = await documents.read(keys);
    return new Map(keys.map((key) => [key, found.get(key)?.version ?? 0]));
  };
  const [before, applied] = await Promise.all([held.among(keys), versions()]);
  const fresh = ofOwner.filter(({ key, seenVersion }) => (before.get(key)?.seenVersion ?? 0) < seenVersion);
  await held.hold(
    fresh.map(({ key, seenVersion }) => {
      const { reason, detail } = before.get(key) ?? ownerHolds;
      const appliedVersion = applied.get(key) ?? 0;
      return { key, appliedVersion, seenVersion, reason, detail, projection: projection.name, since: clock.now() };
    }),
  );
  // The versions are read again: a process that repaired a subject before it was held here found nothing to release.
  await held.release(await versions());
}
