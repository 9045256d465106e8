// Follows topics through one consumer group, for services that need nothing else of a feed.
import { kafkaFeed } from '../adapters/kafka/index.ts';
import type { FeedHandle, HandleItems } from '../engine/index.ts';
import type { OpenService } from './open-service.ts';
import { topicLimits } from './settings.ts';

export interface TopicsOptions {
  /** Also the name of the consumer group. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly handle: HandleItems;
}

/** @throws Error when KAFKA_BROKERS is not set */
export function followTopics(
  { config, logger: log, crashPoint }: OpenService,
  { name, topics, handle }: TopicsOptions,
): Promise<FeedHandle> {
  const { KAFKA_BROKERS: brokers } = config;
  if (!brokers) throw new Error(`KAFKA_BROKERS is not set: ${name} follows the topics ${topics.join(', ')}.`);
  return kafkaFeed({
    ...{ brokers, topics, log, crashPoint, clientId: name, groupId: name },
    limits: topicLimits(config),
  }).start(handle);
}
