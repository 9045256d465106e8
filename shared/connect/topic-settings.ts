// The settings that a Kafka 4 topic knows (kafka.apache.org, "Topic Configs"). Connect checks none of `topic.creation.*` and a
// broker names only one wrong setting at a time, so a typo is caught here, before anything is sent.

export const topicSettings: ReadonlySet<string> = new Set([
  'cleanup.policy',
  'compression.gzip.level',
  'compression.lz4.level',
  'compression.type',
  'compression.zstd.level',
  'delete.retention.ms',
  'file.delete.delay.ms',
  'flush.messages',
  'flush.ms',
  'follower.replication.throttled.replicas',
  'index.interval.bytes',
  'leader.replication.throttled.replicas',
  'local.retention.bytes',
  'local.retention.ms',
  'max.compaction.lag.ms',
  'max.message.bytes',
  'message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms',
  'message.timestamp.type',
  'min.cleanable.dirty.ratio',
  'min.compaction.lag.ms',
  'min.insync.replicas',
  'preallocate',
  'remote.log.copy.disable',
  'remote.log.delete.on.disable',
  'remote.storage.enable',
  'retention.bytes',
  'retention.ms',
  'segment.bytes',
  'segment.index.bytes',
  'segment.jitter.ms',
  'segment.ms',
  'unclean.leader.election.enable',
]);

export function isTopicSetting(key: string): boolean {
  return topicSettings.has(key);
}

/** Whether Connect's `topic.creation.<group>.<key>` means something: a topic setting, or one of its own four. */
export function isTopicCreationSetting(group: string, key: string): boolean {
  if (key === 'partitions' || key === 'replication.factor') return true;
  if (key === 'include' || key === 'exclude') return group !== 'default';
  return isTopicSetting(key);
}
