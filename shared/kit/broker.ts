// The brokers as a service uses them: one consumer group over its topics, the own offsets in them, and topics of snapshots.
import { type KafkaSecurity, kafkaTopicOffsets, type ReadMessage } from '../adapters/kafka/index.ts';
import type { CrashAt, FeedHandle, Logger } from '../engine/index.ts';
import type { OwnOffsets, Resync, SnapshotTopic, TopicOffsets } from '../operations/index.ts';
import type { HandleItems } from '../running/index.ts';
import { snapshotsIn } from './resync.ts';
import type { FollowingConfig, KitConfig } from './settings.ts';
import { connection, followTopics } from './topics.ts';

export interface Broker {
  readonly config: KitConfig & FollowingConfig;
  /** The service's own offsets, and the ends of its topics. */
  readonly offsets: TopicOffsets;
  /** @param read how a message of the topic becomes an event, where it is none of Foldline's own */
  snapshots(topic: string, read?: ReadMessage): SnapshotTopic;
  follow(following: Following): Promise<FeedHandle>;
}

export interface Following {
  readonly topics: readonly string[];
  /** By topic, of those whose messages are none of Foldline's own. */
  readonly read: Readonly<Record<string, ReadMessage>>;
  readonly handle: HandleItems;
  /** Brings the service to its offsets before a consumer begins. */
  readonly resync: Pick<Resync, 'ensure' | 'covers'>;
  readonly doubt: (topic: string, reason: string) => Promise<void>;
}

export interface BrokerPorts {
  readonly name: string;
  readonly config: KitConfig;
  /** In place of the settings for login and TLS. */
  readonly security: KafkaSecurity | undefined;
  readonly own: OwnOffsets;
  readonly logger: Logger;
  readonly crashPoint: CrashAt;
}

/** Undefined where the settings name no brokers. */
export function brokerOf({ name, config: given, security, own, logger, crashPoint }: BrokerPorts): Broker | undefined {
  if (!given.KAFKA_BROKERS) return undefined;
  // The settings of topics come as a whole: when one of them is set, all of them are.
  const config = given as Broker['config'];
  const group = { name, group: config.KAFKA_GROUP ?? name };
  return {
    config,
    offsets: kafkaTopicOffsets(connection({ config, security, logger }, name), own),
    snapshots: (topic, read) => snapshotsIn(topic, { config, security, logger }, { ...group, read }),
    follow: (following) => followTopics({ config, security, logger, crashPoint }, { ...group, own, ...following }),
  };
}
