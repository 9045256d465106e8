// Where the shop's news comes from: the topics, through one consumer group; or, on one machine without a broker, the event
// collections themselves by change stream. Both deliver the same items to the same projector.
import { feedLimits } from '@foldline/shared/config';
import type { CrashAt, Feed, FeedHandle, HandleItems, Logger, ReadModel, StoredEvent } from '@foldline/shared/engine';
import { kafkaFeed } from '@foldline/shared/kafka';
import {
  type CheckpointDocument,
  catchUpByScanning,
  changeStreamFeed,
  mongoCheckpoints,
} from '@foldline/shared/mongodb';
import type { Db, MongoClient } from 'mongodb';
import type { ShoppingServiceConfig } from './config.ts';

export const topics = ['user-events', 'catalog-events', 'order-events'] as const;

export interface FeedPorts {
  readonly config: ShoppingServiceConfig;
  readonly client: MongoClient;
  readonly db: Db;
  readonly models: readonly ReadModel[];
  readonly log: Logger;
  readonly crashPoint: CrashAt;
}

/** Starts whichever feed is configured; the handle stands for all of its parts. */
export async function startFeeds(ports: FeedPorts, handle: HandleItems): Promise<FeedHandle> {
  const feeds = ports.config.KAFKA_BROKERS ? [topicFeed(ports, ports.config.KAFKA_BROKERS)] : collectionFeeds(ports);
  const handles = await Promise.all(feeds.map((feed) => feed.start(handle)));
  return {
    trouble: () => handles.map((one) => one.trouble()).find((trouble) => trouble !== undefined),
    async close() {
      await Promise.all(handles.map((one) => one.close()));
    },
  };
}

function topicFeed({ config, log, crashPoint }: FeedPorts, brokers: readonly string[]): Feed {
  return kafkaFeed({
    brokers,
    clientId: 'shopping-service',
    groupId: config.KAFKA_GROUP,
    topics,
    log,
    crashPoint,
    limits: {
      sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
      heartbeatEveryMs: config.KAFKA_HEARTBEAT_EVERY_MS,
      fetchBytesMax: config.KAFKA_FETCH_BYTES_MAX,
      partitionsAtOnceMax: config.KAFKA_PARTITIONS_AT_ONCE_MAX,
      silentAfterMs: config.KAFKA_SILENT_AFTER_MS,
      retry: feedLimits(config).retry,
    },
  });
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
