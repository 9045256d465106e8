// The settings of the connect command line, from options and environment. Every fault is named at once, before anything is done.
// The limits bound each request, retry and wait; nothing here waits without end.
import { resolve } from 'node:path';
import { z } from 'zod';
import { httpUrl, type KafkaSecurity, kafkaSecurity, kafkaSecuritySettings, shownSetting } from '../config/index.ts';
import { ConnectFailure } from './failure.ts';
import { maskUris } from './secrets.ts';

export interface ConnectConfig {
  readonly connectUrl: string;
  readonly brokers: readonly string[];
  /** Login and TLS at the brokers; only the environment says them, as that of `mongodbUri`. */
  readonly security: KafkaSecurity;
  /** Where `doctor` looks; only the environment says it, since others can see the arguments of a process. */
  readonly mongodbUri: string | undefined;
  /** Absolute folder that replaces the one named in `${dir:<folder>:<file>}`; none: the files' own folder stands. */
  readonly secretsDir: string | undefined;
  readonly limits: Limits;
}

const ms = (fallback: number, max = 3_600_000) => z.coerce.number().int().min(1).max(max).default(fallback);
const dayMs = 86_400_000;

const environment = z.object({
  CONNECT_URL: httpUrl.default('http://127.0.0.1:8083'),
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/, 'expected host:port, several with commas')
    .default('127.0.0.1:9092'),
  ...kafkaSecuritySettings,
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'expected mongodb://… or mongodb+srv://…')
    .optional(),
  CONNECT_SECRETS_DIR: z
    .string()
    .min(1)
    .regex(/^[^:}]+$/, 'may not contain ":" or "}"')
    .optional(),
  CONNECT_REQUEST_TIMEOUT_MS: ms(30_000),
  CONNECT_RETRY_FOR_MS: ms(60_000),
  CONNECT_LOOK_FOR_MS: ms(5_000),
  CONNECT_RETRY_INITIAL_MS: ms(100),
  CONNECT_RETRY_MAX_MS: ms(2_000),
  CONNECT_HEALTHY_WITHIN_MS: ms(60_000),
  CONNECT_REFILL_WITHIN_MS: ms(3_600_000, 30 * dayMs),
  CONNECT_POLL_MS: ms(100),
  CONNECT_STEADY_MS: ms(500),
  CONNECT_TOPIC_MOVES_WITHIN_MS: ms(2_000),
  CONNECT_KAFKA_TIMEOUT_MS: ms(3_000),
  CONNECT_MONGODB_TIMEOUT_MS: ms(5_000),
  CONNECT_WATCH_EVERY_MS: ms(1_000),
  CONNECT_OPLOG_WINDOW_MS: ms(dayMs, 365 * dayMs),
  CONNECT_SUPERVISE_EVERY_MS: ms(5_000),
  CONNECT_STALLED_AFTER_MS: ms(150_000),
  CONNECT_COPIED_DOCUMENTS_MAX: z.coerce.number().int().min(0).max(1_000_000_000).default(1_000_000),
});

interface ConfigOptions {
  readonly url?: string | undefined;
  readonly brokers?: string | undefined;
  readonly secretsDir?: string | undefined;
}

/** Which option goes before which variable. */
const flags = [
  ['CONNECT_URL', '--url', 'url'],
  ['KAFKA_BROKERS', '--brokers', 'brokers'],
  ['CONNECT_SECRETS_DIR', '--secrets-dir', 'secretsDir'],
] as const;

/**
 * Reads the settings; an option goes before its environment variable. Empty variables count as not set, as Compose leaves them.
 * @throws ConnectFailure `option-invalid` when an option is among the faulty settings, else `config-invalid`; each is named
 * @throws SettingsFault when login and TLS do not go together
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  options: ConfigOptions = {},
): ConnectConfig {
  const variables = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  const overriding = flags.filter(([, , option]) => options[option] !== undefined);
  const present = {
    ...Object.fromEntries(variables),
    ...Object.fromEntries(overriding.map(([name, , option]) => [name, options[option]])),
  };
  const parsed = environment.safeParse(present);
  if (!parsed.success) {
    const flagOf = (key: string) => overriding.find(([name]) => name === key)?.[1];
    const keys = parsed.error.issues.map((issue) => issue.path.join('.'));
    const faults = parsed.error.issues.map(({ message }, i) => {
      const key = keys[i] ?? '';
      return `${flagOf(key) ?? key} (${shownSetting(maskUris(present[key] ?? ''))}): ${message}`;
    });
    const code = keys.some((key) => flagOf(key) !== undefined) ? 'option-invalid' : 'config-invalid';
    throw new ConnectFailure(code, `Settings are not valid: ${faults.join('; ')}.`);
  }
  const value = parsed.data;
  const brokers = value.KAFKA_BROKERS.split(',');
  return {
    connectUrl: value.CONNECT_URL.replace(/(?<!\/)\/+$/, ''),
    brokers,
    security: kafkaSecurity(value, brokers),
    mongodbUri: value.MONGODB_URI,
    secretsDir: value.CONNECT_SECRETS_DIR === undefined ? undefined : resolve(value.CONNECT_SECRETS_DIR),
    limits: limitsOf(value),
  };
}

function limitsOf(value: z.output<typeof environment>) {
  return {
    /** One HTTP request to the worker. A PUT lets the worker try its MongoDB connection first, which takes seconds when that is down. */
    requestTimeoutMs: value.CONNECT_REQUEST_TIMEOUT_MS,
    /** How long a worker that is away, starting or rebalancing (409) is tried again, for each call. */
    retryForMs: value.CONNECT_RETRY_FOR_MS,
    /** The same for a verb that only looks: a person waits for the answer, and nothing is half done. */
    lookForMs: value.CONNECT_LOOK_FOR_MS,
    retryInitialMs: value.CONNECT_RETRY_INITIAL_MS,
    retryMaxMs: value.CONNECT_RETRY_MAX_MS,
    /** Answers of 5xx to one call before it is given up: some of them are final, and the worker does not say which. */
    serverErrorTries: 5,
    /** How long connectors and tasks may take to run, after they were applied. */
    healthyWithinMs: value.CONNECT_HEALTHY_WITHIN_MS,
    /** How long tasks may take to be told a new config. Those of a connector that is paused are not told at all. */
    tasksToldWithinMs: 5_000,
    /** How long a refill may take. */
    refillWithinMs: value.CONNECT_REFILL_WITHIN_MS,
    /** A topic to which nothing comes for this long, while its collection holds more, is not being filled. */
    topicMovesWithinMs: value.CONNECT_TOPIC_MOVES_WITHIN_MS,
    pollMs: value.CONNECT_POLL_MS,
    /** A connector counts as running after it was seen so, without a break, for this long: a bad task runs for a moment before it fails. */
    steadyMs: value.CONNECT_STEADY_MS,
    /** One try to reach a Kafka broker. */
    kafkaConnectTimeoutMs: value.CONNECT_KAFKA_TIMEOUT_MS,
    kafkaRetries: 8,
    /** How long `doctor` looks for a MongoDB server. */
    mongodbTimeoutMs: value.CONNECT_MONGODB_TIMEOUT_MS,
    /** Between two looks of `status --watch`. */
    watchEveryMs: value.CONNECT_WATCH_EVERY_MS,
    /** How long a connector may be away: the oplog must reach back as far. */
    oplogWindowMs: value.CONNECT_OPLOG_WINDOW_MS,
    /** Between two looks of `supervise`. */
    superviseEveryMs: value.CONNECT_SUPERVISE_EVERY_MS,
    /**
     * A connector that stores no other position for so long is stalled. Workers store positions once a minute unless they are set otherwise
     * (`offset.flush.interval.ms`), and an idle MongoDB moves them every ten seconds.
     */
    stalledAfterMs: value.CONNECT_STALLED_AFTER_MS,
    /** A stalled connector that would copy more documents begins anew only when a person says so. */
    copiedDocumentsMax: value.CONNECT_COPIED_DOCUMENTS_MAX,
    /** The shortest time between two beginnings of one connector that nobody asked for. */
    anewEveryMs: dayMs,
  };
}

export type Limits = Readonly<ReturnType<typeof limitsOf>>;

/** The limits that hold when nothing is set: what `npm start` and the tests use. */
export const defaultLimits: Limits = readConfig({}).limits;
