// Keeps `Users`, the snapshots, up with the events by change stream. It writes nothing that cannot be made again:
// a snapshot that is missing, at the start or because somebody deleted it, is folded anew from the store.
import {
  type Clock,
  type CrashAt,
  createMender,
  createProjector,
  type Documents,
  type EventStore,
  type FeedGate,
  type FeedWatch,
  type HandleItems,
  type HeldPages,
  type HeldSubjects,
  type Logger,
  type Mender,
  type MenderLimits,
  type ProgressWatch,
  type Projector,
  type StoredDocument,
  type StoredEvent,
  type VersionWaiters,
} from 'foldline/engine';
import type { ProjectorMetrics } from 'foldline/metrics';
import {
  type Checkpoints,
  catchUpByScanning,
  changeStreamFeed,
  type FeedLimits,
  restoreSubjects,
  watchDeletes,
} from 'foldline/mongodb';
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
  readonly heldPages: HeldPages;
  readonly checkpoints: Checkpoints;
  readonly addresses: AddressClaims;
  readonly waiters: VersionWaiters;
  readonly progress: ProgressWatch;
  readonly watch: Pick<FeedWatch, 'watched'>;
  /** Everything that writes snapshots passes it. */
  readonly gate: Pick<FeedGate, 'pass'>;
  readonly metrics: ProjectorMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly crashPoint: CrashAt;
  readonly limits: FeedLimits & { readonly subjectsPerPage: number; readonly mender: MenderLimits };
}

export interface SnapshotProjector {
  readonly mender: Mender;
  /** As the feed does, for who reads events from the store. */
  readonly apply: Projector['apply'];
  trouble(): string | undefined;
  /** Whether the snapshots hold every event that the stream does not bring. */
  hasScanned(): boolean;
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
    crashPoint: ports.crashPoint,
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

  const write: Projector['apply'] = (items) => ports.gate.pass(() => projector.apply(items));
  const apply: Projector['apply'] = async (items) => {
    const outcome = await write(items);
    ports.waiters.reached(outcome.versions);
    ports.metrics.batch(outcome, clashes);
    clashes = 0;
    return outcome;
  };
  const restore: HandleItems = async (items) => {
    await write(items);
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
  const mender = createMender({
    models,
    held: ports.held,
    pages: ports.heldPages,
    apply,
    ownerOf: () => ports.store,
    tried: ports.metrics.tried,
    clock: ports.clock,
    log: ports.log,
    limits: ports.limits.mender,
  });
  const follow: HandleItems = async (items) => {
    const outcome = await apply(items);
    ports.progress.moved(userEventsSource);
    mender.noticed(outcome.held);
  };
  const handle = await feed.start(ports.watch.watched(follow));
  return {
    mender,
    apply,
    trouble: handle.trouble,
    hasScanned: handle.hasScanned,
    async close() {
      await deletes.close();
      await handle.close();
      await mender.close();
    },
  };
}
