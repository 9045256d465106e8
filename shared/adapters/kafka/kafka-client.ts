// How every part of Foldline meets the brokers: the client with its login, its retries and its log, and what an error of it means to an
// operator.
// kafkajs reports each lost connection as an error; in our log it is a warning.
import {
  type Admin,
  type Consumer,
  type EachBatchPayload,
  Kafka,
  type KafkaConfig,
  type logCreator,
  logLevel,
} from 'kafkajs';
import type { Logger } from '../../engine/index.ts';
import type { Backoff } from '../../running/index.ts';
import { type CodecLimits, registerCodecs } from './codecs.ts';

export function kafkaLog(log: Logger): logCreator {
  return () =>
    ({ level, log: { message, error } }) => {
      if (level <= logLevel.WARN) log.warn({ kafka: String(error ?? '') }, message);
    };
}

export type KafkaSecurity = Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'>;

export interface KafkaTrouble {
  readonly kind: 'login' | 'tls';
  /** What the broker does; in a message this text follows the broker's name. */
  readonly what: string;
}

/** What to do about each kind, as one instruction. */
export const kafkaRemedies: Readonly<Record<KafkaTrouble['kind'], string>> = {
  login:
    'correct KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or have the user made at the brokers',
  tls: 'set KAFKA_TLS and KAFKA_TLS_CA_FILE as the listener wants it, or name another listener in KAFKA_BROKERS',
};

interface Attempt {
  readonly security: KafkaSecurity;
  /** Whether the broker had answered yet; a broker that wants a login still lists, before the login, the requests that it knows. */
  readonly isConnected: boolean;
}

/** What Node says of a certificate that it does not take, and of TLS that fails on the way to it. */
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|INVALID_CA)/;

/** @returns undefined where neither login nor TLS is the reason */
export function kafkaTrouble(error: unknown, { security, isConnected }: Attempt): KafkaTrouble | undefined {
  const { name, message, type, code } = firstOf(error);
  if (name === 'KafkaJSSASLAuthenticationError') return login(`refuses the login (${message})`);
  if (type === 'UNSUPPORTED_SASL_MECHANISM') return login(`does not know the mechanism of the login (${message})`);
  if (type === 'ILLEGAL_SASL_STATE') return login('takes no login on this listener');
  if (security.ssl && tlsCodes.test(code)) return tls(`does not pass TLS (${message})`);
  const ended = name === 'KafkaJSConnectionClosedError' || code === 'ECONNRESET';
  if (!ended) return undefined;
  if (!isConnected)
    return tls(
      security.ssl
        ? 'ends the connection before TLS begins: this listener may not speak it'
        : 'ends the connection at once, and KAFKA_TLS is not true: this listener may want it',
    );
  return security.sasl ? undefined : login('ends the connection, and no login is set: this listener may want one');
}

const login = (what: string): KafkaTrouble => ({ kind: 'login', what });
const tls = (what: string): KafkaTrouble => ({ kind: 'tls', what });

/** kafkajs wraps an error when it gives up: the original error is the last one in the chain of `cause`. */
function firstOf(error: unknown) {
  let first = Object(error) as { readonly cause?: unknown };
  for (let depth = 0; depth < 8 && first.cause instanceof Object; depth += 1) first = first.cause as typeof first;
  const { name, message, type, code } = first as Readonly<Record<'name' | 'message' | 'type' | 'code', unknown>>;
  return { name, message: String(message), type, code: String(code) };
}

export interface KafkaConnection extends CodecLimits {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: Logger;
  /** Empty: no TLS and no login. */
  readonly security: KafkaSecurity;
}

export interface KafkaFeedLimits {
  readonly sessionTimeoutMs: number;
  readonly heartbeatEveryMs: number;
  readonly fetchBytesMax: number;
  /** Partitions whose batches are folded at the same time. */
  readonly partitionsAtOnceMax: number;
  /** A consumer that fetched nothing for so long, not even an empty answer, is replaced. */
  readonly silentAfterMs: number;
  readonly retry: Backoff;
}

/** A client with the security settings that it was opened with; messages about a failed connection need them. */
export type KafkaClient = Kafka & { readonly security: KafkaSecurity };

export const kafkaRetry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 } as const;

export function kafkaClient({ brokers, clientId, log, security, batchBytesMax }: KafkaConnection): KafkaClient {
  registerCodecs({ batchBytesMax });
  const kafka = new Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3000,
    requestTimeout: 15_000,
    retry: kafkaRetry,
    logCreator: kafkaLog(log),
    ...security,
  });
  return Object.assign(kafka, { security });
}

/** Connects, then asks. @throws Error that says what to do, where login or TLS is the reason; else what kafkajs throws */
export async function connected<T>(
  { security }: Pick<KafkaClient, 'security'>,
  client: Pick<Admin, 'connect'>,
  ask: () => Promise<T>,
): Promise<T> {
  let isConnected = false;
  try {
    await client.connect();
    isConnected = true;
    return await ask();
  } catch (error) {
    const trouble = kafkaTrouble(error, { security, isConnected });
    if (!trouble) throw error;
    throw new Error(`the broker ${trouble.what}: ${kafkaRemedies[trouble.kind]}`, { cause: error });
  }
}

/** A consumer that ends when it fails; the code that made it makes the next one. */
export function openConsumer(
  kafka: Kafka,
  options: { readonly groupId: string; readonly limits: KafkaFeedLimits; readonly fetchWaitMs: number },
): Consumer {
  const { groupId, limits, fetchWaitMs } = options;
  return kafka.consumer({
    groupId,
    sessionTimeout: limits.sessionTimeoutMs,
    rebalanceTimeout: limits.sessionTimeoutMs,
    heartbeatInterval: limits.heartbeatEveryMs,
    maxBytesPerPartition: limits.fetchBytesMax,
    maxWaitTimeInMs: fetchWaitMs,
    allowAutoTopicCreation: false,
    retry: { ...kafkaRetry, restartOnFailure: async () => false },
  });
}

/** The session must outlast a batch that has to wait for a server; a heartbeat that fails shows at the commit. */
export async function whileBeating(
  { heartbeat }: Pick<EachBatchPayload, 'heartbeat'>,
  { heartbeatEveryMs }: Pick<KafkaFeedLimits, 'heartbeatEveryMs'>,
  work: () => Promise<void>,
): Promise<void> {
  const beating = setInterval(() => void heartbeat().catch(() => undefined), heartbeatEveryMs);
  try {
    await work();
  } finally {
    clearInterval(beating);
  }
}

/** For questions that are asked now and then: a connection of their own, closed behind them. */
export async function withAdmin<T>(kafka: KafkaClient, ask: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    return await connected(kafka, admin, () => ask(admin));
  } finally {
    await admin.disconnect();
  }
}
