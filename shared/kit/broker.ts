// The brokers as a service uses them: one consumer group over its topics, the offsets of that group, and topics of snapshots.
import type { KafkaSecurity } from '../adapters/kafka/index.ts';
import type { CrashAt, FeedHandle, GroupPlaces, HandleItems, Logger, Resync, SnapshotTopic } from '../engine/index.ts';
import { placesOf, snapshotsIn } from './resync.ts';
import type { FollowingConfig, KitConfig } from './settings.ts';
import { followTopics } from './topics.ts';

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
  /** In place of the settings for login and TLS. */
  readonly security: KafkaSecurity | undefined;
  readonly logger: Logger;
  readonly crashPoint: CrashAt;
}

/** Undefined where the settings name no brokers. */
export function brokerOf({ name, config: given, security, logger, crashPoint }: BrokerPorts): Broker | undefined {
  if (!given.KAFKA_BROKERS) return undefined;
  // The settings of topics come as a whole, so that where one is there all are.
  const config = given as Broker['config'];
  const group = { name, group: config.KAFKA_GROUP ?? name };
  return {
    config,
    places: placesOf({ config, security, logger }, group),
    snapshots: (topic) => snapshotsIn(topic, { config, security, logger }, group),
    follow: (topics, handle, resync) =>
      followTopics({ config, security, logger, crashPoint }, { ...group, topics, handle, resync }),
  };
}
