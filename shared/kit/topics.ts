// Follows topics through one consumer group, for services that need nothing else from a feed.
import { type KafkaConnection, type KafkaSecurity, kafkaFeed, type ReadMessages } from '../adapters/kafka/index.ts';
import { kafkaSecurity } from '../config/index.ts';
import type { CrashAt, FeedHandle, Logger } from '../engine/index.ts';
import type { OwnOffsets, Resync } from '../operations/index.ts';
import type { HandleItems } from '../running/index.ts';
import { type TopicConfig, topicLimits } from './settings.ts';

export interface TopicsOptions {
  readonly name: string;
  /** The consumer group; the name unless given. */
  readonly group?: string;
  readonly topics: readonly string[];
  /** Where the service goes on in each partition, stored beside what `handle` writes. */
  readonly own: OwnOffsets;
  readonly handle: HandleItems;
  /** How messages of others are read, for all topics or by topic; without it a message has Foldline's own envelope. */
  readonly read?: ReadMessages | undefined;
  /** Brings the group to a place in its topics before it begins. */
  readonly resync?: Pick<Resync, 'ensure' | 'covers'>;
  /** Told why a topic may not have reached the documents as a whole. */
  readonly doubt?: ((topic: string, reason: string) => Promise<void>) | undefined;
}

export interface FollowPorts {
  readonly config: TopicConfig;
  /** In place of the settings for login and TLS. */
  readonly security?: KafkaSecurity | undefined;
  readonly logger: Logger;
  readonly crashPoint: CrashAt;
}

/** @throws Error when KAFKA_BROKERS is not set, or `read` names a topic that is not followed; SettingsFault when login and TLS do not go together */
export async function followTopics(
  ports: FollowPorts,
  { name, group = name, topics, own, handle, read, resync, doubt }: TopicsOptions,
): Promise<FeedHandle> {
  const { config, crashPoint } = ports;
  return kafkaFeed({
    ...connection(ports, name),
    topics,
    own,
    read,
    crashPoint,
    groupId: group,
    limits: topicLimits(config),
    prepare: resync?.ensure,
    resyncs: resync?.covers,
    doubt,
  }).start(handle);
}

/** How every part of the kit reaches the brokers. @throws as `followTopics` */
export function connection(
  { config, security, logger: log }: Pick<FollowPorts, 'config' | 'security' | 'logger'>,
  name: string,
): KafkaConnection {
  const { KAFKA_BROKERS: brokers, KAFKA_BATCH_BYTES_MAX: batchBytesMax } = config;
  if (!brokers) throw new Error(`KAFKA_BROKERS is not set: ${name} follows topics.`);
  return { brokers, log, clientId: name, security: security ?? kafkaSecurity(config, brokers), batchBytesMax };
}
