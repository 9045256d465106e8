// Keeps `Users`, the snapshots, up with the events by change stream. It writes nothing that cannot be made again:
// a snapshot that is missing, at the start or because somebody deleted it, is folded anew from the store.
import {
  type Clock,
  createProjector,
  type Documents,
  type EventStore,
  type HandleItems,
  type HeldSubjects,
  type Logger,
  type ProgressWatch,
  type StoredDocument,
  type StoredEvent,
  type VersionWaiters,
} from '@foldline/shared/engine';
import type { ProjectorMetrics } from '@foldline/shared/metrics';
import {
  type Checkpoints,
  catchUpByScanning,
  changeStreamFeed,
  type FeedLimits,
  restoreSubjects,
  watchDeletes,
} from '@foldline/shared/mongodb';
import type { Collection } from 'mongodb';
import type { AddressClaims } from './address-claims.ts';
import { userProjection } from './user.ts';

export const userEventsSource = 'user-events';

export interface SnapshotProjectorPorts {
  readonly events: Collection<StoredEvent>;
  readonly snapshots: Collection<StoredDocument>;
  readonly store: EventStore;
  readonly documents: Documents;
  readonly held: HeldSubjects;
  readonly checkpoints: Checkpoints;
  readonly addresses: AddressClaims;
  readonly waiters: VersionWaiters;
  readonly progress: ProgressWatch;
  readonly metrics: ProjectorMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: FeedLimits & { readonly subjectsPerPage: number };
}

export interface SnapshotProjector {
  trouble(): string | undefined;
  close(): Promise<void>;
}

export async function startSnapshotProjector(ports: SnapshotProjectorPorts): Promise<SnapshotProjector> {
  const models = [{ projection: userProjection, documents: ports.documents }];
  let clashes = 0;
  const projector = createProjector({
    models,
    held: ports.held,
    clock: ports.clock,
    log: ports.log,
    owner: ports.store,
    beforeWriting: async (changes) => {
      clashes += await ports.addresses.claimMissing(changes);
    },
  });
  const scan = {
    source: userEventsSource,
    events: ports.events,
    models,
    subjectsPerPage: ports.limits.subjectsPerPage,
    batchEventsMax: ports.limits.batchEventsMax,
  };

  const restore: HandleItems = async (items) => {
    await projector.apply(items);
  };
  const deletes = await watchDeletes({
    collection: ports.snapshots,
    limits: ports.limits,
    log: ports.log,
    now: ports.checkpoints.now,
    onDeleted: (subjects) => restoreSubjects(scan, subjects, restore),
    onBreak: (signal) => catchUpByScanning(scan, restore, signal),
  });

  const feed = changeStreamFeed({
    name: 'users',
    source: userEventsSource,
    collection: ports.events,
    checkpoints: ports.checkpoints,
    limits: ports.limits,
    log: ports.log,
    catchUp: (handle, signal) => catchUpByScanning(scan, handle, signal),
  });
  const handle = await feed.start(async (items) => {
    const outcome = await projector.apply(items);
    ports.waiters.reached(outcome.versions);
    ports.progress.moved(userEventsSource);
    ports.metrics.batch(outcome, clashes);
    clashes = 0;
  });
  return {
    trouble: handle.trouble,
    async close() {
      await deletes.close();
      await handle.close();
    },
  };
}
