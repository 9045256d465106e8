// Where the shop's news comes from: the topics, through one consumer group; or, on one machine without a broker, the event
// collections themselves by change stream. Both deliver the same items to the same projector.
import { feedLimits } from 'foldline/config';
import type { CrashAt, Feed, FeedHandle, HandleItems, Logger, ReadModel, Resync, StoredEvent } from 'foldline/engine';
import { type CheckpointDocument, catchUpByScanning, changeStreamFeed, mongoCheckpoints } from 'foldline/mongodb';
import { followTopics } from 'foldline/service';
import type { Db, MongoClient } from 'mongodb';
import type { ShoppingServiceConfig } from './config.ts';

export const topics = ['user-events', 'catalog-events', 'order-events'] as const;

export interface FeedPorts {
  readonly config: ShoppingServiceConfig;
  readonly client: MongoClient;
  readonly db: Db;
  readonly models: readonly ReadModel[];
  /** Where there is a broker: brings the group to its places before it begins. */
  readonly resync: Resync | undefined;
  readonly log: Logger;
  readonly crashPoint: CrashAt;
}

/** Starts whichever feed is configured; the handle stands for all of its parts. */
export async function startFeeds(ports: FeedPorts, handle: HandleItems): Promise<FeedHandle> {
  const { config, resync, log: logger, crashPoint } = ports;
  if (config.KAFKA_BROKERS)
    return followTopics(
      { config, logger, crashPoint },
      { name: 'shopping-service', group: config.KAFKA_GROUP, topics, handle, ...(resync ? { resync } : {}) },
    );
  const handles = await Promise.all(collectionFeeds(ports).map((feed) => feed.start(handle)));
  return {
    trouble: () => handles.map((one) => one.trouble()).find((trouble) => trouble !== undefined),
    async close() {
      await Promise.all(handles.map((one) => one.close()));
    },
  };
}

function collectionFeeds({ config, client, db, models, log }: FeedPorts): Feed[] {
  const checkpoints = mongoCheckpoints(db, db.collection<CheckpointDocument>('Checkpoints'));
  return (config.FEED_COLLECTIONS ?? []).map(({ source, database, collection: name }) => {
    const collection = client.db(database).collection<StoredEvent>(name);
    const scan = {
      source,
      events: collection,
      models,
      subjectsPerPage: config.CATCH_UP_SUBJECTS_PER_PAGE,
      batchEventsMax: config.FEED_BATCH_EVENTS_MAX,
    };
    return changeStreamFeed({
      name: `feed/${source}`,
      source,
      collection,
      checkpoints,
      limits: feedLimits(config),
      log,
      catchUp: (handle, signal) => catchUpByScanning(scan, handle, signal),
    });
  });
}
