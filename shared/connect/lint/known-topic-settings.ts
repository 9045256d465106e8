// The settings of a topic whose effect on records is known here: values that are harmless, and why. The same tables judge what a
// file says and what is in force at the broker, its defaults included. Pure data.
import { atLeast, type Expected, expected, foreignCodec, inDoubt, oneOf, readCodecs } from './known-settings.ts';

const dayMs = 86_400_000;
const never = '9223372036854775807';

/**
 * What the largest event may need as one record. An event has 262,144 bytes as BSON; JSON writes each control character as six
 * characters, and key, header and batch come on top.
 */
export const recordBytesMin = 2_097_152;

export const expectedTopicSettings: Readonly<Record<string, Expected>> = {
  'compression.type': expected(oneOf(...readCodecs), 'codec-foreign', foreignCodec),
  'unclean.leader.election.enable': expected(
    oneOf('false'),
    'writes-can-be-lost',
    'a replica without the newest records may become leader, and they are gone: write "false"',
  ),
  'message.timestamp.before.max.ms': inDoubt(
    oneOf(never),
    `the broker refuses a record of an earlier clock, and the task fails: write "${never}"`,
  ),
  'message.timestamp.after.max.ms': inDoubt(
    atLeast(3_600_000),
    'the broker refuses a record of a clock that is ahead, and the task fails: write "3600000"',
  ),
  'delete.retention.ms': inDoubt(
    atLeast(dayMs),
    'a reader that is away for longer does not see what was taken out of the topic: write "86400000"',
  ),
  'remote.storage.enable': inDoubt(oneOf('false'), 'nobody here has tried a topic of which a part lies elsewhere'),
  'remote.log.delete.on.disable': inDoubt(oneOf('false'), 'records that lie elsewhere would be deleted'),
};

/** Settings that are harmless whatever they say, and why. */
export const harmlessTopicSettings = [
  // How small gzip makes a batch.
  'compression.gzip.level',
  // How small lz4 makes a batch.
  'compression.lz4.level',
  // How small zstd makes a batch.
  'compression.zstd.level',
  // When a file that is not needed is deleted.
  'file.delete.delay.ms',
  // When the broker writes to its disk.
  'flush.messages',
  'flush.ms',
  // How fast replicas follow.
  'follower.replication.throttled.replicas',
  'leader.replication.throttled.replicas',
  // How an offset is found.
  'index.interval.bytes',
  // Read only with remote.storage.enable, which is asked about.
  'local.retention.bytes',
  'local.retention.ms',
  'remote.log.copy.disable',
  // When compaction runs; it keeps the newest of each subject.
  'max.compaction.lag.ms',
  'min.cleanable.dirty.ratio',
  'min.compaction.lag.ms',
  // No consumer of events reads the time of a record.
  'message.timestamp.type',
  // Doctor holds it against the replicas that the topic has.
  'min.insync.replicas',
  // How files are laid out.
  'preallocate',
  'segment.bytes',
  'segment.index.bytes',
  'segment.jitter.ms',
  'segment.ms',
];

/** Topic settings that other rules look at. */
export const judgedTopicSettings = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'max.message.bytes'];

/** The settings that a Kafka 4 topic knows (kafka.apache.org, "Topic Configs"). */
export const topicSettings: ReadonlySet<string> = new Set([
  ...Object.keys(expectedTopicSettings),
  ...harmlessTopicSettings,
  ...judgedTopicSettings,
]);

/** Whether Connect's `topic.creation.<group>.<key>` means something: a topic setting, or one of its own four. */
export function isTopicCreationSetting(group: string, key: string): boolean {
  if (key === 'partitions' || key === 'replication.factor') return true;
  if (key === 'include' || key === 'exclude') return group !== 'default';
  return topicSettings.has(key);
}
