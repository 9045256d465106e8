// The settings of a topic whose effect on records is known here: values that are harmless, and why. The same tables judge what a
// file says and what is in force at the broker, its defaults included. Pure data.
import { atLeast, type Expected, foreignCodec, inDoubt, oneOf, readCodecs } from './known-settings.ts';

const dayMs = 86_400_000;
const never = '9223372036854775807';

/**
 * What the largest event may need as one record. An event has 262,144 bytes as BSON; JSON writes each control character as six
 * characters, and key, header and batch come on top.
 */
export const recordBytesMin = 2_097_152;

export const expectedTopicSettings: Readonly<Record<string, Expected>> = {
  'compression.type': { allows: oneOf(...readCodecs), rule: 'codec-foreign', otherwise: foreignCodec },
  'unclean.leader.election.enable': {
    allows: oneOf('false'),
    rule: 'writes-can-be-lost',
    otherwise: 'a replica without the newest records may become leader, and they are gone: write "false"',
  },
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
export const harmlessTopicSettings: Readonly<Record<string, string>> = {
  'compression.gzip.level': 'how small gzip makes a batch',
  'compression.lz4.level': 'how small lz4 makes a batch',
  'compression.zstd.level': 'how small zstd makes a batch',
  'file.delete.delay.ms': 'when a file that is not needed is deleted',
  'flush.messages': 'when the broker writes to its disk',
  'flush.ms': 'when the broker writes to its disk',
  'follower.replication.throttled.replicas': 'how fast replicas follow',
  'index.interval.bytes': 'how an offset is found',
  'leader.replication.throttled.replicas': 'how fast replicas follow',
  'local.retention.bytes': 'read only with remote.storage.enable, which is asked about',
  'local.retention.ms': 'read only with remote.storage.enable, which is asked about',
  'max.compaction.lag.ms': 'when compaction runs; it keeps the newest of each subject',
  'message.timestamp.type': 'no consumer of events reads the time of a record',
  'min.cleanable.dirty.ratio': 'when compaction runs; it keeps the newest of each subject',
  'min.compaction.lag.ms': 'when compaction runs; it keeps the newest of each subject',
  'min.insync.replicas': 'doctor holds it against the replicas that the topic has',
  preallocate: 'how files are laid out',
  'remote.log.copy.disable': 'read only with remote.storage.enable, which is asked about',
  'segment.bytes': 'how files are laid out',
  'segment.index.bytes': 'how files are laid out',
  'segment.jitter.ms': 'how files are laid out',
  'segment.ms': 'how files are laid out',
};

/** Topic settings that other rules look at. */
export const judgedTopicSettings = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'max.message.bytes'];

/** The settings that a Kafka 4 topic knows (kafka.apache.org, "Topic Configs"). */
export const topicSettings: ReadonlySet<string> = new Set([
  ...Object.keys(expectedTopicSettings),
  ...Object.keys(harmlessTopicSettings),
  ...judgedTopicSettings,
]);

/** Whether Connect's `topic.creation.<group>.<key>` means something: a topic setting, or one of its own four. */
export function isTopicCreationSetting(group: string, key: string): boolean {
  if (key === 'partitions' || key === 'replication.factor') return true;
  if (key === 'include' || key === 'exclude') return group !== 'default';
  return topicSettings.has(key);
}
