// Reads whole topics from their start, as any stranger with kafkajs would, and waits for a record instead of for time.
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';

export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** When the record was made, by the producer's clock. */
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

type Matches = (record: TopicRecord, index: number) => boolean;

export interface TopicReader {
  /** The records of the topic so far, in the order of their arrival. */
  all(topic: string): readonly TopicRecord[];
  /** The first record that matches, read already or still to come; `index` counts from 0 within the topic. */
  first(topic: string, matches: Matches, withinMs?: number): Promise<TopicRecord>;
  close(): Promise<void>;
}

/** Resolves when the reader has its partitions, so that nothing is missed. */
export async function readTopics(brokers: string, topics: readonly string[]): Promise<TopicReader> {
  const records = new Map<string, TopicRecord[]>(topics.map((topic) => [topic, []]));
  const waiting = new Set<() => void>();
  const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      records.get(topic)?.push({
        topic,
        partition,
        offset: message.offset,
        timestampMs: Number(message.timestamp),
        key: message.key?.toString() ?? null,
        value: message.value?.toString() ?? null,
        headers: Object.fromEntries(headers),
      });
      for (const wake of waiting) wake();
    },
  });
  await joined;

  return {
    all: (topic) => records.get(topic) ?? [],
    first(topic, matches, withinMs = 20_000) {
      return new Promise((resolve, reject) => {
        const end = () => {
          waiting.delete(look);
          clearTimeout(timer);
        };
        const look = () => {
          const found = records.get(topic)?.find(matches);
          if (found === undefined) return;
          end();
          resolve(found);
        };
        const timer = setTimeout(() => {
          end();
          reject(
            new Error(`No such record in ${topic} within ${withinMs} ms, among ${records.get(topic)?.length} records.`),
          );
        }, withinMs);
        waiting.add(look);
        look();
      });
    },
    close: () => consumer.disconnect(),
  };
}
