// How every part of this adapter talks to the brokers: bounded waits, few tries, and kafkajs' own lines in our log.
import { type Admin, Kafka } from 'kafkajs';
import type { Logger } from '../../engine/index.ts';
import { kafkaLog } from './kafka-log.ts';

export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: Logger;
}

export const kafkaRetry = { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 } as const;

export function kafkaClient({ brokers, clientId, log }: KafkaConnection): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3000,
    requestTimeout: 15_000,
    retry: kafkaRetry,
    logCreator: kafkaLog(log),
  });
}

/** For questions that are asked now and then: a connection of their own, closed behind them. */
export async function withAdmin<T>(kafka: Kafka, ask: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}
