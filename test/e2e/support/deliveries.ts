// Delivers events a second time: published once more to their topics as Connect publishes them, subjects mixed anew, each
// subject's own in order. A reader of its own sees at the topics that every event really came twice.
import type { SeededRandom } from 'foldline/testing';
import kafkajs from 'kafkajs';
import type { MongoClient } from 'mongodb';
import { readTopics } from '../topic-reader.ts';
import { waitUntil } from './wait-until.ts';
import { interleaved } from './world.ts';

const messagesAtOnce = 200;

export interface EventSource {
  readonly topic: string;
  readonly database: string;
  readonly collection: string;
}

export interface Deliveries {
  /** Publishes what is stored of these conversations once more, whether Connect has published it yet or not. */
  repeat(correlationids: readonly string[], random: SeededRandom): Promise<void>;
  /** Until every stored event of these conversations is in its topic twice. */
  whenTwice(correlationids: readonly string[], limitMs: number): Promise<void>;
  close(): Promise<void>;
}

export async function openDeliveries(
  client: MongoClient,
  brokers: string,
  sources: readonly EventSource[],
): Promise<Deliveries> {
  const topics = sources.map(({ topic }) => topic);
  const producer = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING }).producer();
  const [reader] = await Promise.all([readTopics(brokers, topics), producer.connect()]);
  const seen = new Map<string, number>();
  const counted = new Map(topics.map((topic) => [topic, 0]));

  async function storedOf(correlationids: readonly string[]) {
    const found = sources.map(async ({ topic, database, collection }) => {
      const events = await client
        .db(database)
        .collection(collection)
        .find({ correlationid: { $in: [...correlationids] } }, { projection: { _id: 0, claims: 0, request: 0 } })
        .sort({ subject: 1, version: 1 })
        .toArray();
      return events.map((event) => ({ topic, event }));
    });
    return (await Promise.all(found)).flat();
  }

  function countNew(): void {
    for (const topic of topics) {
      const records = reader.all(topic);
      for (const { value } of records.slice(counted.get(topic))) {
        const { id } = JSON.parse(value ?? '{}') as { id: string };
        seen.set(id, (seen.get(id) ?? 0) + 1);
      }
      counted.set(topic, records.length);
    }
  }

  return {
    async repeat(correlationids, random) {
      const stored = await storedOf(correlationids);
      const lives = new Map<string, typeof stored>();
      for (const one of stored) lives.set(one.event.subject, [...(lives.get(one.event.subject) ?? []), one]);
      const mixed = interleaved([...lives.values()], random);
      for (let i = 0; i < mixed.length; i += messagesAtOnce) {
        const some = mixed.slice(i, i + messagesAtOnce);
        const messagesOf = (topic: string) =>
          some
            .filter((one) => one.topic === topic)
            .map(({ event }) => ({ key: String(event.subject), value: JSON.stringify(event) }));
        await producer.sendBatch({ topicMessages: topics.map((topic) => ({ topic, messages: messagesOf(topic) })) });
      }
    },
    async whenTwice(correlationids, limitMs) {
      const ids = (await storedOf(correlationids)).map(({ event }) => event.id as string);
      await waitUntil('every event twice in its topic', limitMs, async () => {
        countNew();
        const missing = ids.filter((id) => (seen.get(id) ?? 0) < 2).length;
        return missing === 0 ? undefined : `${missing} of ${ids.length} are not`;
      });
    },
    async close() {
      await producer.disconnect();
      await reader.close();
    },
  };
}
