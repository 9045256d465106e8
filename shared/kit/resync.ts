// What the kit offers for a resync: the offsets of a service's consumer group, and topics of snapshots, over its own brokers.
import { kafkaOffsets, kafkaSnapshots, type ReadMessage } from '../adapters/kafka/index.ts';
import { feedLimits, type Settings } from '../config/index.ts';
import type { GroupOffsets, ResyncLimits, SnapshotTopic } from '../operations/index.ts';
import { type resyncSettings, type TopicConfig, topicLimits } from './settings.ts';
import { connection, type FollowPorts } from './topics.ts';

export interface GroupOptions {
  readonly name: string;
  readonly group: string;
}

type Ports = Pick<FollowPorts, 'config' | 'security' | 'logger'>;

export function offsetsOf(ports: Ports, { name, group }: GroupOptions): GroupOffsets {
  return kafkaOffsets({ ...connection(ports, name), groupId: group });
}

/** @param read for a topic of events that others write: the value of each record is the event */
export function snapshotsIn(
  topic: string,
  ports: Ports,
  { name, group, read }: GroupOptions & { readonly read?: ReadMessage | undefined },
): SnapshotTopic {
  const limits = topicLimits(ports.config);
  return kafkaSnapshots({ ...connection(ports, name), groupId: group, topic, limits, read });
}

export function resyncLimits(config: TopicConfig & Settings<typeof resyncSettings>): ResyncLimits {
  return {
    commitTriesMax: config.RESYNC_COMMIT_TRIES_MAX,
    progressEveryMs: config.RESYNC_PROGRESS_EVERY_MS,
    retry: feedLimits(config).retry,
  };
}
