// What the kit offers for a resync: topics of snapshots, over the brokers of the service.
import { kafkaSnapshots, type ReadMessage } from '../adapters/kafka/index.ts';
import type { Settings } from '../config/index.ts';
import type { ResyncLimits, SnapshotTopic } from '../operations/index.ts';
import { type resyncSettings, topicLimits } from './settings.ts';
import { connection, type FollowPorts } from './topics.ts';

export interface GroupOptions {
  readonly name: string;
  readonly group: string;
}

type Ports = Pick<FollowPorts, 'config' | 'security' | 'logger'>;

/** @param read for a topic of events that others write: the value of each record is the event */
export function snapshotsIn(
  topic: string,
  ports: Ports,
  { name, group, read }: GroupOptions & { readonly read?: ReadMessage | undefined },
): SnapshotTopic {
  const limits = topicLimits(ports.config);
  return kafkaSnapshots({ ...connection(ports, name), groupId: group, topic, limits, read });
}

export function resyncLimits(config: Settings<typeof resyncSettings>): ResyncLimits {
  return { progressEveryMs: config.RESYNC_PROGRESS_EVERY_MS };
}
