// Follows topics through one consumer group, for services that need nothing else of a feed.
import { kafkaFeed } from '../adapters/kafka/index.ts';
import type { CrashAt, FeedHandle, HandleItems, Logger, Resync } from '../engine/index.ts';
import { type TopicConfig, topicLimits } from './settings.ts';

export interface TopicsOptions {
  readonly name: string;
  /** The consumer group; the name unless given. */
  readonly group?: string;
  readonly topics: readonly string[];
  readonly handle: HandleItems;
  /** Brings the group to a place in its topics before it begins. */
  readonly resync?: Pick<Resync, 'ensure'>;
}

export interface FollowPorts {
  readonly config: TopicConfig;
  readonly logger: Logger;
  readonly crashPoint: CrashAt;
}

/** @throws Error when KAFKA_BROKERS is not set */
export function followTopics(
  { config, logger: log, crashPoint }: FollowPorts,
  { name, group = name, topics, handle, resync }: TopicsOptions,
): Promise<FeedHandle> {
  const { KAFKA_BROKERS: brokers } = config;
  if (!brokers) throw new Error(`KAFKA_BROKERS is not set: ${name} follows the topics ${topics.join(', ')}.`);
  return kafkaFeed({
    ...{ brokers, topics, log, crashPoint, clientId: name, groupId: group },
    limits: topicLimits(config),
    prepare: resync?.ensure,
  }).start(handle);
}
