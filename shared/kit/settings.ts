// The settings that a service on this engine has besides those of its stores and its HTTP edge: its feed and its sagas.
import { z } from 'zod';
import type { KafkaFeedLimits } from '../adapters/kafka/index.ts';
import {
  commonSettings,
  crashSetting,
  feedLimits,
  generationSettings,
  integerSetting,
  kafkaSecuritySettings,
  pauseSettings,
  type Settings,
  verificationSettings,
} from '../config/index.ts';
import type { SagaLimits } from '../running/index.ts';

const brokers = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((list) => list.every((broker) => /^\S+:\d+$/.test(broker)), 'must be a list of host:port');

export const topicSettings = {
  KAFKA_BROKERS: brokers.optional().describe('the brokers whose topics are followed'),
  ...kafkaSecuritySettings,
  KAFKA_SESSION_TIMEOUT_MS: integerSetting(
    8000,
    1000,
    300_000,
    'how long the group waits for a consumer that went silent',
  ),
  KAFKA_HEARTBEAT_EVERY_MS: integerSetting(2000, 100, 60_000, 'how often a consumer says that it lives'),
  KAFKA_FETCH_BYTES_MAX: integerSetting(2_097_152, 65_536, 67_108_864, 'what is fetched of one partition at once'),
  KAFKA_BATCH_BYTES_MAX: integerSetting(
    16_777_216,
    1_048_576,
    268_435_456,
    'what one compressed batch of a topic may hold, decompressed; a larger one is held as unreadable',
  ),
  KAFKA_PARTITIONS_AT_ONCE_MAX: integerSetting(3, 1, 100, 'partitions whose batches are folded at the same time'),
  KAFKA_SILENT_AFTER_MS: integerSetting(
    30_000,
    1000,
    600_000,
    'how long a consumer may hear nothing from the brokers before it is replaced',
  ),
} as const;

export const resyncSettings = {
  RESYNC_BEHIND_EVENTS_MAX: integerSetting(
    100_000,
    1,
    1_000_000_000,
    'unread events of a topic beyond which the consumer takes snapshots in place of the events',
  ),
  RESYNC_OVERLAP_EVENTS_MAX: integerSetting(
    5000,
    0,
    1_000_000_000,
    'events of each partition before the offset of a resync that are read again; not less than the owner writes in one batch',
  ),
  RESYNC_NEWEST_WAIT_MS: integerSetting(
    30_000,
    0,
    3_600_000,
    "how long a resync waits for the snapshot of the owner's newest event",
  ),
  RESYNC_FIGURES_TIMEOUT_MS: integerSetting(
    45_000,
    100,
    600_000,
    "how long the count of the copies, which are held against their owner's figures, may take in the database",
  ),
  RESYNC_PROGRESS_EVERY_MS: integerSetting(5000, 100, 3_600_000, 'how often the log shows the progress of a resync'),
} as const;

export const sagaSettings = {
  SAGA_INSTANCES_AT_ONCE_MAX: integerSetting(8, 1, 1000, 'sagas that work at the same time'),
  SAGA_TOLD_AT_ONCE_MAX: integerSetting(64, 1, 1000, 'sagas that events are delivered to at the same time'),
  SAGA_STEPS_AT_ONCE_MAX: integerSetting(20, 1, 10_000, 'steps of one saga before others have their turn'),
  SAGA_ATTEMPTS_MAX: integerSetting(8, 1, 1000, 'failures in a row before a saga is parked'),
  SAGA_RETRY_INITIAL_MS: integerSetting(200, 1, 60_000, 'the first wait after a failed step'),
  SAGA_RETRY_MAX_MS: integerSetting(30_000, 1, 3_600_000, 'the longest wait after a failed step'),
  SAGA_LOOK_EVERY_MS: integerSetting(200, 1, 60_000, 'how often sagas that are due are looked for'),
  SAGA_UNTOLD_EVENTS_MAX: integerSetting(
    10_000,
    1,
    1_000_000,
    'events that one saga keeps because an instance cannot be read; beyond them its feed waits',
  ),
  SAGA_UNTOLD_LOOK_EVERY_MS: integerSetting(2000, 1, 600_000, 'how often the inbox delivers these events again'),
} as const;

/** `user-events=users.UserEvents,…`: topic, database and collection. */
const collections = z
  .string()
  .transform((text) => text.split(',').map((part) => /^([a-z-]+)=([\w-]+)\.([\w-]+)$/.exec(part.trim())))
  .refine((list) => list.every((match) => match !== null), 'must be a list of <topic>=<database>.<collection>')
  .transform((list) =>
    list.map((match) => ({ source: match?.[1] ?? '', database: match?.[2] ?? '', collection: match?.[3] ?? '' })),
  );

/** What every declared service has, whatever it follows. */
export const baseSettings = {
  ...commonSettings,
  ...crashSetting,
  ...verificationSettings,
  ...pauseSettings,
  ...generationSettings,
} as const;

/** For a service whose events come by topics. */
export const followingSettings = {
  ...topicSettings,
  ...resyncSettings,
  FEED_COLLECTIONS: collections
    .optional()
    .describe(
      'event collections to follow by change stream instead of KAFKA_BROKERS, on one machine: `<topic>=<database>.<collection>,…`',
    ),
  KAFKA_GROUP: z.string().optional().describe('the consumer group; the name of the service unless given'),
  IGNORED_PREFIXES_MAX: integerSetting(20, 1, 1000, 'unknown kinds of subjects that readiness tells apart'),
} as const;

export type FollowingConfig = Settings<typeof followingSettings>;
export type SagaConfig = Settings<typeof sagaSettings>;
export type KitConfig = Settings<typeof baseSettings> & Partial<FollowingConfig> & Partial<SagaConfig>;

/** @throws Error when the settings table of a service with sagas lacks theirs */
export function withSagaSettings<C extends KitConfig>(config: C): C & SagaConfig {
  if (config.SAGA_ATTEMPTS_MAX === undefined)
    throw new Error('The settings lack SAGA_ATTEMPTS_MAX and the others of sagas: add sagaSettings to them.');
  return config as C & SagaConfig;
}

export type TopicConfig = Settings<typeof commonSettings & typeof topicSettings>;

export function topicLimits(config: TopicConfig): KafkaFeedLimits {
  return {
    sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS,
    heartbeatEveryMs: config.KAFKA_HEARTBEAT_EVERY_MS,
    fetchBytesMax: config.KAFKA_FETCH_BYTES_MAX,
    partitionsAtOnceMax: config.KAFKA_PARTITIONS_AT_ONCE_MAX,
    silentAfterMs: config.KAFKA_SILENT_AFTER_MS,
    retry: feedLimits(config).retry,
  };
}

export function sagaLimits(config: SagaConfig): SagaLimits {
  return {
    instancesAtOnceMax: config.SAGA_INSTANCES_AT_ONCE_MAX,
    deliveredAtOnceMax: config.SAGA_TOLD_AT_ONCE_MAX,
    stepsAtOnceMax: config.SAGA_STEPS_AT_ONCE_MAX,
    attemptsMax: config.SAGA_ATTEMPTS_MAX,
    retry: { initialMs: config.SAGA_RETRY_INITIAL_MS, maxMs: config.SAGA_RETRY_MAX_MS },
    lookEveryMs: config.SAGA_LOOK_EVERY_MS,
  };
}
