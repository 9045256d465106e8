// What the shop's models can be filled from: collections of events in reach, the topics from their beginning, and of users the
// snapshots that user-service publishes.
import { systemClock } from 'foldline/config';
import {
  createProjector,
  createSnapshotIntake,
  type Documents,
  type FeedItem,
  type FillSource,
  type HeldSubjects,
  heldInLive,
  holdingNothing,
  type Logger,
  type Projector,
  readEnvelope,
  readModel,
  type SnapshotRecord,
  type SnapshotTopic,
  type StoredEvent,
} from 'foldline/engine';
import { catchUpByScanning, countOfKind } from 'foldline/mongodb';
import { placesOf, snapshotsIn } from 'foldline/service';
import type { Db, MongoClient } from 'mongodb';
import type { ShoppingServiceConfig } from './config.ts';
import { customerFromSnapshot } from './customers/customer-snapshot.ts';
import type { ShopCollection } from './read-model.ts';

export interface FillPorts {
  readonly config: ShoppingServiceConfig;
  readonly client: MongoClient;
  readonly db: Db;
  readonly held: HeldSubjects;
  readonly log: Logger;
}

/** @param topic where its events are published, in the order of what is tried first */
export function fillSourcesOf(ports: FillPorts, model: ShopCollection, topic: string): readonly FillSource[] {
  const collection = collectionOf(ports, topic);
  const stored = collection ? [fromStore(ports, model, topic, collection)] : [];
  if (!ports.config.KAFKA_BROKERS) return stored;
  const published = fromTopic(ports, model, topic);
  return topic === 'user-events' ? [published, fromSnapshots(ports)] : [...stored, published];
}

interface Place {
  readonly database: string;
  readonly collection: string;
}

/** Where the events of a topic are stored, when this process may read them there. */
function collectionOf({ config, db }: FillPorts, topic: string): Place | undefined {
  const own: Readonly<Record<string, string>> = { 'catalog-events': 'CatalogEvents', 'order-events': 'OrderEvents' };
  const collection = own[topic];
  if (collection) return { database: db.databaseName, collection };
  return config.FEED_COLLECTIONS?.find(({ source }) => source === topic);
}

function projectorInto({ log }: FillPorts, { model }: ShopCollection, into: Documents): Projector {
  const models = [readModel(model.projection, into)];
  return createProjector({ models, held: holdingNothing, clock: systemClock, log });
}

function fromStore(ports: FillPorts, from: ShopCollection, topic: string, { database, collection }: Place): FillSource {
  const { config, client } = ports;
  const events = client.db(database).collection<StoredEvent>(collection);
  return {
    name: 'store',
    unit: 'events',
    unusable: async () => undefined,
    async fill(into, { signal, report }) {
      const { apply } = projectorInto(ports, from, into);
      const of = await countOfKind(events, from.model.projection.kind);
      let done = 0;
      const scan = {
        ...{ source: topic, events, models: [readModel(from.model.projection, into)] },
        ...{ subjectsPerPage: config.CATCH_UP_SUBJECTS_PER_PAGE, batchEventsMax: config.FEED_BATCH_EVENTS_MAX },
      };
      await catchUpByScanning(
        scan,
        async (items) => {
          signal.throwIfAborted();
          await apply(items);
          done += items.length;
          report(done, Math.max(done, of));
        },
        signal,
      );
    },
  };
}

/** From its beginning to the end that it has at opening, by a consumer of its own. */
function fromTopic(ports: FillPorts, from: ShopCollection, topic: string): FillSource {
  const { config, log } = ports;
  const group = { name: 'shopping-service', group: config.KAFKA_GROUP };
  return {
    name: 'topic',
    unit: 'records',
    async unusable() {
      const partitions = await placesOf({ config, logger: log }, group).of(topic);
      const cut = partitions.filter(({ start }) => start > 0n).length;
      return cut > 0 ? `${cut} partitions of ${topic} do not hold their first records any more` : undefined;
    },
    fill(into, run) {
      const { apply } = projectorInto(ports, from, into);
      return readTo(snapshotsIn(topic, { config, logger: log }, group), run, async (records) => {
        await apply(records.flatMap((record) => itemOf(topic, record)));
      });
    },
  };
}

/** What cannot be read is held where the feed met it. */
function itemOf(source: string, { position, value }: SnapshotRecord): FeedItem[] {
  const reading = readEnvelope(value);
  return 'event' in reading ? [{ source, position, event: reading.event }] : [];
}

/**
 * Each in place of the events up to its version, and none past what holds its subject in the live generation. What none tells
 * of yet is taken over from there.
 */
function fromSnapshots({ config, held: ofLive, log }: FillPorts): FillSource {
  const group = { name: 'shopping-service', group: config.KAFKA_GROUP };
  const topic = snapshotsIn('user-snapshots', { config, logger: log }, group);
  return {
    name: 'snapshots',
    unit: 'records',
    unusable: topic.unusable,
    fill(documents, run) {
      const asDocument = customerFromSnapshot;
      const held = heldInLive(ofLive);
      const intake = createSnapshotIntake({ documents, held, asDocument, clock: systemClock, log });
      return readTo(topic, run, async (records) => {
        await intake(records);
      });
    },
  };
}

type Run = Parameters<FillSource['fill']>[1];

async function readTo(
  topic: SnapshotTopic,
  { signal, report }: Run,
  handle: (records: readonly SnapshotRecord[]) => Promise<void>,
): Promise<void> {
  await topic.read({ signal, report, handle, enough: () => true });
}
