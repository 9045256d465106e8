// Asks a broker for its cluster, once: what a client sees is what ready means.
import type { KafkaSecurity } from 'foldline/config';
import { connected } from 'foldline/kafka';
import { Kafka, logLevel } from 'kafkajs';

const TIMEOUT_MS = 2_000;

/** How many brokers the cluster says it has. Throws while it does not answer. */
export const describeCluster = async (brokers: string, security: KafkaSecurity = {}): Promise<number> => {
  const kafka = new Kafka({
    clientId: 'foldline-runtime',
    brokers: brokers.split(',').map((each) => each.trim()),
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
    ...security,
  });
  const admin = kafka.admin();
  try {
    return await connected({ security }, admin, async () => (await admin.describeCluster()).brokers.length);
  } finally {
    await admin.disconnect();
  }
};
