// The brokers as a service uses them: one consumer group over its topics, the offsets of that group, and topics of snapshots.
import { kafkaPlaces, kafkaSnapshots } from '../adapters/kafka/index.ts';
import type { CrashAt, FeedHandle, GroupPlaces, HandleItems, Logger, Resync, SnapshotTopic } from '../engine/index.ts';
import { type FollowingConfig, type KitConfig, topicLimits } from './settings.ts';
import { connection, followTopics } from './topics.ts';

export interface Broker {
  readonly config: KitConfig & FollowingConfig;
  /** The offsets of the service's consumer group. */
  readonly places: GroupPlaces;
  snapshots(topic: string): SnapshotTopic;
  /** @param resync brings the group to its offsets before it begins */
  follow(topics: readonly string[], handle: HandleItems, resync: Pick<Resync, 'ensure'>): Promise<FeedHandle>;
}

export interface BrokerPorts {
  readonly name: string;
  readonly config: KitConfig;
  readonly logger: Logger;
  readonly crashPoint: CrashAt;
}

/** Undefined where the settings name no brokers. */
export function brokerOf({ name, config: given, logger, crashPoint }: BrokerPorts): Broker | undefined {
  if (!given.KAFKA_BROKERS) return undefined;
  // The settings of topics come as a whole, so that where one is there all are.
  const config = given as Broker['config'];
  const group = config.KAFKA_GROUP ?? name;
  const member = { ...connection({ config, logger }, name), groupId: group };
  return {
    config,
    places: kafkaPlaces(member),
    snapshots: (topic) => kafkaSnapshots({ ...member, topic, limits: topicLimits(config) }),
    follow: (topics, handle, resync) =>
      followTopics({ config, logger, crashPoint }, { name, group, topics, handle, resync }),
  };
}
