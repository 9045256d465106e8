// How events come to a service: through the topics and one consumer group or, without a broker, through change streams on the collections
// of events. Both feeds deliver the same items to the same projector.
import type { ReadMessage } from '../adapters/kafka/index.ts';
import {
  type CheckpointDocument,
  catchUpByScanning,
  changeStreamFeed,
  mongoCheckpoints,
  restoreSubjects,
  watchDeletes,
} from '../adapters/mongodb/index.ts';
import { feedLimits } from '../config/index.ts';
import type { FeedHandle, ReadModel } from '../engine/index.ts';
import type { Resync } from '../operations/index.ts';
import type { HandleItems } from '../running/index.ts';
import { isOwn } from './declaration.ts';
import { type EventCollection, followedCollections, scanOf } from './event-scan.ts';
import { type OpenModel, type OpenModels, readModelsOf } from './models.ts';
import type { Parts } from './parts.ts';

export interface ServiceFeed extends FeedHandle {
  /** Whether the documents hold every event of a topic that the feed does not bring. */
  hasScanned(topic: string): boolean;
}

export interface FeedWork {
  /** Folds what comes, and moves progress. */
  readonly handle: HandleItems;
  /** Only writes: for documents that are made again. */
  readonly restore: HandleItems;
  /** By topic, of those whose messages are none of Foldline's own. */
  readonly read: Readonly<Record<string, ReadMessage>>;
  /** Undefined without a broker. */
  readonly resync: Resync | undefined;
  /** Puts the models of a topic in doubt. */
  readonly doubt: (topic: string, reason: string) => Promise<void>;
}

export async function startFeed(
  parts: Parts,
  models: OpenModels,
  topics: readonly string[],
  { handle, restore, resync, doubt, read }: FeedWork,
): Promise<ServiceFeed> {
  const { broker } = parts;
  if (broker && resync) {
    const feed = await broker.follow({ topics, read, handle, resync, doubt });
    // The order of snapshots says nothing where they are folded from several partitions.
    return { ...feed, hasScanned: () => false };
  }
  const watches = await Promise.all(Object.values(models).map((model) => restoreDeleted(parts, model, restore)));
  const followed = followedCollections(parts).filter(({ topic }) => topics.includes(topic));
  const feeds = await Promise.all(
    followed.map(({ topic, events }) => followCollection(parts, readModelsOf(models), { topic, events }, handle)),
  );
  return {
    trouble: () => feeds.map((one) => one.trouble()).find((trouble) => trouble !== undefined),
    hasScanned: (topic) => feeds[followed.findIndex((one) => one.topic === topic)]?.hasScanned() ?? false,
    async close() {
      await Promise.all(watches.map((watch) => watch?.close()));
      await Promise.all(feeds.map((one) => one.close()));
    },
  };
}

function checkpointsIn({ db }: Parts) {
  return mongoCheckpoints(db, db.collection<CheckpointDocument>('Checkpoints'));
}

function followCollection(parts: Parts, models: readonly ReadModel[], followed: EventCollection, handle: HandleItems) {
  const scan = scanOf(parts, models, followed);
  return changeStreamFeed({
    name: `feed/${followed.topic}`,
    source: followed.topic,
    collection: followed.events,
    checkpoints: checkpointsIn(parts),
    limits: feedLimits(parts.config),
    log: parts.logger,
    catchUp: (each, signal) => catchUpByScanning(scan, each, signal),
  }).start(handle);
}

/** A published document that somebody deleted is made again at once: nobody else would publish it. */
async function restoreDeleted(
  parts: Parts,
  { declaration: { published, from }, model, collection }: OpenModel,
  restore: HandleItems,
) {
  const store = isOwn(from) ? parts.stores[from.store] : undefined;
  if (!published || !store) return undefined;
  const scan = scanOf(parts, [model], store);
  return watchDeletes({
    collection,
    limits: feedLimits(parts.config),
    log: parts.logger,
    now: checkpointsIn(parts).now,
    onDeleted: (subjects) => restoreSubjects(scan, subjects, restore),
    onBreak: (signal) => catchUpByScanning(scan, restore, signal),
  });
}
