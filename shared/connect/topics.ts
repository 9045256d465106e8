// Topics are made before the connectors that fill them: Connect makes a topic only at its first record, and a consumer that
// starts earlier fails. An existing topic's partitions are never changed; its settings are. The ends of a topic say how many records
// ever came into it: compaction, retention and deletion move its start, never its end.

import kafkajs, { type Admin } from 'kafkajs';
import { kafkaRemedies, kafkaTrouble } from '../adapters/kafka/index.ts';
import { rootReasonOf } from '../engine/index.ts';
import { backoffMs, pause } from '../running/index.ts';
import type { ConnectConfig, Limits } from './config.ts';
import type { Config } from './config-values.ts';
import type { TopicSpec } from './connector-file.ts';
import { ConnectFailure } from './failure.ts';

export interface ActualTopic {
  readonly partitions: number;
  /** How many brokers hold a copy, of the partition that has the fewest. */
  readonly replicas: number;
  /** The settings in force, the broker's defaults included. */
  readonly config: Config;
  /** Those of them that were set on the topic itself. */
  readonly ownConfig: Config;
}

/** What a deployment does with topics; the port that tests replace. */
export interface TopicAdmin {
  /** The topics among `names` that exist. */
  describe(names: readonly string[]): Promise<Map<string, ActualTopic>>;
  /** Makes the topic; one that appeared in the meantime is left as it is. */
  create(spec: TopicSpec): Promise<void>;
  /** Sets these on the topic, and takes the settings of `reset` off it, so that the broker's own are in force. */
  alter(name: string, config: Config, reset?: readonly string[]): Promise<void>;
  /** The names among `names` whose topics exist: one question, however many they are. */
  existing(names: readonly string[]): Promise<ReadonlySet<string>>;
  /** How many records ever came into each topic that exists, whatever has left it since. */
  lengths(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

const topicResource = kafkajs.ConfigResourceTypes.TOPIC;
/** DYNAMIC_TOPIC_CONFIG in Kafka's DescribeConfigs answer: set on the topic, not inherited. */
const setOnTopic = 1;

/** Where the brokers are, and how they are spoken to. */
export type Brokers = Pick<ConnectConfig, 'brokers' | 'security'>;

/**
 * @throws `kafka-unreachable` when no broker answers; `kafka-login` or `kafka-tls` when that keeps us out; `kafka-refused` when one
 *   says no.
 */
export async function kafkaTopicAdmin(at: Brokers, limits: Limits): Promise<TopicAdmin> {
  const { brokers, security } = at;
  const kafka = new kafkajs.Kafka({
    clientId: 'foldline-connect',
    brokers: [...brokers],
    connectionTimeout: limits.kafkaConnectTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: limits.retryInitialMs, maxRetryTime: limits.retryMaxMs, retries: limits.kafkaRetries },
    ...security,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
  } catch (error) {
    throwIfKeptOut(error, at, false);
    throw new ConnectFailure(
      'kafka-unreachable',
      `Kafka at ${brokers.join(',')} cannot be reached (${rootReasonOf(error)}): start the broker, or set KAFKA_BROKERS or --brokers to where it is.`,
      { cause: error },
    );
  }
  return {
    describe: (names) => refusals(at, 'reading topics', () => describe(admin, names)),
    create: (spec) => refusals(at, `creating topic ${spec.name}`, () => create(admin, spec, limits)),
    alter: (name, config, reset = []) =>
      refusals(at, `altering topic ${name}`, () => alter(admin, name, config, reset)),
    existing: (names) => refusals(at, 'listing topics', () => existing(admin, names)),
    lengths: (names) => refusals(at, 'reading the ends of topics', () => lengths(admin, names, limits)),
    close: () => admin.disconnect(),
  };
}

/** @throws `kafka-login`, `kafka-tls`, each with what to do */
function throwIfKeptOut(error: unknown, { brokers, security }: Brokers, isConnected: boolean): void {
  const trouble = kafkaTrouble(error, { security, isConnected });
  if (trouble === undefined) return;
  const { kind, what } = trouble;
  const message = `Kafka at ${brokers.join(',')} ${what}: ${kafkaRemedies[kind]}.`;
  // `doctor` tells the cause, and says by itself what to do.
  throw new ConnectFailure(`kafka-${kind}`, message, { cause: new Error(what) });
}

async function refusals<T>(at: Brokers, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throwIfKeptOut(error, at, true);
    throw new ConnectFailure('kafka-refused', `Kafka refused ${doing}: ${rootReasonOf(error)}.`, { cause: error });
  }
}

async function existing(admin: Admin, names: readonly string[]): Promise<ReadonlySet<string>> {
  const there = new Set(await admin.listTopics());
  return new Set(names.filter((name) => there.has(name)));
}

async function lengths(admin: Admin, names: readonly string[], limits: Limits): Promise<ReadonlyMap<string, number>> {
  // Only of those that are there: asking for another makes one on a broker that makes topics by itself.
  const there = [...(await existing(admin, names))];
  const ends = await Promise.all(there.map((topic) => onceServed(() => admin.fetchTopicOffsets(topic), limits)));
  return new Map(there.map((name, i) => [name, (ends[i] ?? []).reduce((sum, { high }) => sum + Number(high), 0)]));
}

/** What a broker answers about a topic that was just made, or whose leader moves. */
const notYetServed = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);

/** Asks again for a bounded time while the broker does not know the topic yet, or not its leaders. */
async function onceServed<T>(ask: () => Promise<T>, limits: Limits): Promise<T> {
  const untilMs = performance.now() + limits.retryForMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const waitMs = backoffMs({ initialMs: limits.retryInitialMs, maxMs: limits.retryMaxMs }, attempt);
      if (!isNotYetServed(error) || performance.now() + waitMs > untilMs) throw error;
      await pause(waitMs);
    }
  }
}

/** kafkajs wraps what it tried again itself. */
function isNotYetServed(error: unknown): boolean {
  const { type, cause } = Object(error) as { readonly type?: string; readonly cause?: { readonly type?: string } };
  return [type, cause?.type].some((one) => one !== undefined && notYetServed.has(one));
}

async function describe(admin: Admin, names: readonly string[]): Promise<Map<string, ActualTopic>> {
  const topics = [...(await existing(admin, names))];
  if (topics.length === 0) return new Map();
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: topicResource, name })),
  });
  return new Map(
    metadata.map(({ name, partitions }) => {
      const entries = resources.find((resource) => resource.resourceName === name)?.configEntries ?? [];
      const pairs = (those: typeof entries) =>
        Object.fromEntries(those.map((entry) => [entry.configName, entry.configValue]));
      const own = entries.filter((entry) => Number(entry.configSource) === setOnTopic);
      const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
      return [name, { partitions: partitions.length, replicas, config: pairs(entries), ownConfig: pairs(own) }];
    }),
  );
}

async function create(admin: Admin, { name, partitions, config }: TopicSpec, limits: Limits): Promise<void> {
  await admin.createTopics({
    waitForLeaders: false,
    topics: [
      {
        topic: name,
        numPartitions: partitions,
        // The broker's own default: one on a single machine, three on a cluster.
        replicationFactor: -1,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      },
    ],
  });
  // kafkajs can wait for leaders too, but takes "not known yet" for a refusal.
  await onceServed(() => admin.fetchTopicMetadata({ topics: [name] }), limits);
}

/** Kafka's AlterConfigs replaces the whole set, so that what was set on the topic by others is sent along. */
async function alter(admin: Admin, name: string, config: Config, reset: readonly string[]): Promise<void> {
  const own = (await describe(admin, [name])).get(name)?.ownConfig ?? {};
  const kept = Object.entries(own).filter(([key]) => !reset.includes(key));
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: topicResource,
        name,
        configEntries: Object.entries({ ...Object.fromEntries(kept), ...config }).map(([key, value]) => ({
          name: key,
          value,
        })),
      },
    ],
  });
}
