// How the shop gets to the right state when its consumer group has no usable place in a topic: its own events it has itself,
// and of users it takes the snapshots that user-service publishes.
import { systemClock } from 'foldline/config';
import {
  type CrashAt,
  createResync,
  createSnapshotIntake,
  type FeedGate,
  type HandleItems,
  type HeldSubjects,
  type Logger,
  type OwnerState,
  type Resync,
  type StoredEvent,
  snapshotsFirst,
  type TopicResync,
  withHeld,
} from 'foldline/engine';
import { type ResyncMetrics, resyncMetrics } from 'foldline/metrics';
import { catchUpByScanning, copyFiguresIn } from 'foldline/mongodb';
import { placesOf, resyncLimits, snapshotsIn } from 'foldline/service';
import type { Db } from 'mongodb';
import { snapshotsOfUsers } from './arrivals.ts';
import type { ShoppingServiceConfig } from './config.ts';
import { customerFromSnapshot } from './customers/customer-snapshot.ts';
import { topics } from './feeds.ts';
import type { ShopReadModel } from './read-model.ts';

export interface ShopResyncPorts {
  readonly config: ShoppingServiceConfig;
  readonly db: Db;
  readonly shop: ShopReadModel;
  readonly held: HeldSubjects;
  /** `handle` passes it by itself. */
  readonly gate: Pick<FeedGate, 'pass'>;
  /** Folds events, as the feed does. */
  readonly handle: HandleItems;
  /** Told where documents are now that came from `source` without an event, for whoever waits for one. */
  readonly reached: (source: string, versions: ReadonlyMap<string, number>) => void;
  readonly metrics: Parameters<typeof resyncMetrics>[0];
  readonly log: Logger;
  readonly crashPoint: CrashAt;
}

const name = 'shopping-service';
const snapshots = 'user-snapshots';
/** Customers of whom something is known: what user-service publishes as snapshots. */
const known = { state: { $in: ['available', 'removed'] } };

export function openShopResync(ports: ShopResyncPorts): Resync {
  const { config, log, crashPoint } = ports;
  const metrics: ResyncMetrics = resyncMetrics(ports.metrics, topics, () => resync.state());
  const resync = createResync({
    places: placesOf({ config, logger: log }, { name, group: config.KAFKA_GROUP }),
    topics: [
      fromOwnEvents(ports, 'catalog-events', 'CatalogEvents'),
      fromOwnEvents(ports, 'order-events', 'OrderEvents'),
      fromUserSnapshots(ports),
    ],
    limits: resyncLimits(config),
    clock: systemClock,
    begun: metrics.begun,
    log,
    crashPoint,
  });
  return resync;
}

/** What the shop stored itself it reads where it is stored: everything in the topic came from there. */
function fromOwnEvents({ config, db, shop, handle }: ShopResyncPorts, topic: string, collection: string): TopicResync {
  const scan = {
    source: topic,
    events: db.collection<StoredEvent>(collection),
    models: shop.models,
    subjectsPerPage: config.CATCH_UP_SUBJECTS_PER_PAGE,
    batchEventsMax: config.FEED_BATCH_EVENTS_MAX,
  };
  return {
    topic,
    async takeIn({ signal, report }) {
      let done = 0;
      const counting: HandleItems = async (items) => {
        await handle(items);
        done += items.length;
        report(done);
      };
      await catchUpByScanning(scan, counting, signal);
      return true;
    },
  };
}

function fromUserSnapshots({ config, shop, held, gate, reached, log }: ShopResyncPorts): TopicResync {
  const topic = 'user-events';
  const intake = createSnapshotIntake({
    documents: shop.customers.model.documents,
    held,
    asDocument: customerFromSnapshot,
    clock: systemClock,
    log,
  });
  return {
    topic,
    behindMax: config.RESYNC_BEHIND_EVENTS_MAX,
    overlapMax: config.RESYNC_OVERLAP_EVENTS_MAX,
    takeIn: snapshotsFirst({
      topic,
      snapshots: snapshotsIn(snapshots, { config, logger: log }, { name, group: config.KAFKA_GROUP }),
      async intake(records) {
        const taken = await gate.pass(() => intake(records));
        reached(topic, taken.versions);
        return taken;
      },
      owner: (signal) => snapshotsOfUsers(config, signal),
      async logRecords() {
        const partitions = await placesOf({ config, logger: log }, { name, group: config.KAFKA_GROUP }).of(topic);
        return Number(partitions.reduce((sum, { end }) => sum + end, 0n));
      },
      async copies(passed) {
        const { collection, documents } = shop.customers;
        const figures = await copyFiguresIn(collection, known, config.RESYNC_FIGURES_TIMEOUT_MS);
        return withHeld(figures, passed, await documents.read([...passed.keys()]));
      },
      holdAsOwner: (ofOwner) => holdAsOwner({ shop, held }, ofOwner),
      newestWaitMs: config.RESYNC_NEWEST_WAIT_MS,
      nowMs: Date.now,
      log,
    }),
  };
}

const ownerHolds = { reason: 'hole', detail: 'its owner holds it, so that no snapshot has what came' } as const;

/** One that is held here already, for a reason of its own, keeps it; one whose document has all that came is let go again. */
async function holdAsOwner(
  { shop, held }: Pick<ShopResyncPorts, 'shop' | 'held'>,
  ofOwner: OwnerState['held'],
): Promise<void> {
  const keys = ofOwner.map(({ key }) => key);
  const versions = async () => {
    const documents = await shop.customers.model.documents.read(keys);
    return new Map(keys.map((key) => [key, documents.get(key)?.version ?? 0]));
  };
  const [before, applied] = await Promise.all([held.among(keys), versions()]);
  const fresh = ofOwner.filter(({ key, seenVersion }) => (before.get(key)?.seenVersion ?? 0) < seenVersion);
  await held.hold(
    fresh.map(({ key, seenVersion }) => {
      const { reason, detail } = before.get(key) ?? ownerHolds;
      const at = { appliedVersion: applied.get(key) ?? 0, seenVersion };
      return { ...at, key, reason, detail, projection: 'customers', since: systemClock.now() };
    }),
  );
  // Read again: who mended one meanwhile found nothing of this to release.
  await held.release(await versions());
}
