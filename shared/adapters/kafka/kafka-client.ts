// How every part of this adapter talks to the brokers: bounded waits, few tries, and kafkajs' own lines in our log.
import { type Admin, type Consumer, type EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from '../../engine/index.ts';
import type { Backoff } from '../../running/index.ts';
import { type CodecLimits, registerCodecs } from './codecs.ts';
import { kafkaLog } from './kafka-log.ts';
import { type KafkaSecurity, kafkaRemedies, kafkaTrouble } from './kafka-trouble.ts';

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

/** It knows how it was opened, for what is said when it does not come through. */
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

/** One that ends when it fails: whoever made it makes the next. */
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
