// The two topics that the resync is measured on: all events of many users, and the snapshot of each user. A user's events lie far
// from each other in the log, as those of months do: everybody's first event, then everybody's second, and so on.

import { userProjection } from '@foldline/user-service/users';
import { fold, type ProjectedDocument, type StoredEvent } from 'foldline/engine';
import type { StoredPosition } from 'foldline/running';
import kafkajs from 'kafkajs';
import { userEvent } from './events.ts';

export const eventsOfEach = 10;
export const topics = { events: 'bench-user-events', snapshots: 'bench-user-snapshots' } as const;
const messagesAtOnce = 5000;
const partitions = 6;

export interface Written {
  readonly users: number;
  readonly newest: StoredPosition;
}

export async function writeTopics(brokers: readonly string[], users: number): Promise<Written> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      { topic: topics.events, numPartitions: partitions },
      {
        topic: topics.snapshots,
        numPartitions: partitions,
        configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
      },
    ],
  });
  const ids = Array.from({ length: users }, () => crypto.randomUUID());
  const snapshots = new Map<string, ProjectedDocument>();
  for (let version = 1; version <= eventsOfEach; version += 1)
    for (let at = 0; at < users; at += messagesAtOnce) {
      const events = ids.slice(at, at + messagesAtOnce).map((id) => travelling(userEvent(id, version)));
      for (const event of events) {
        const { document } = fold(userProjection, snapshots.get(event.subject), [event]);
        snapshots.set(event.subject, document as ProjectedDocument);
      }
      await producer.send({ topic: topics.events, messages: events.map((one) => messageOf(one.subject, one)) });
    }
  const all = [...snapshots.values()];
  for (let at = 0; at < users; at += messagesAtOnce) {
    const messages = all.slice(at, at + messagesAtOnce).map((one) => messageOf(one._id, one));
    await producer.send({ topic: topics.snapshots, messages });
  }
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  const last = all.at(-1) as ProjectedDocument;
  return { users, newest: { subject: last._id, version: last.version } };
}

function travelling({ claims: _, ...event }: StoredEvent): StoredEvent {
  return event;
}

const messageOf = (key: string, value: unknown) => ({ key, value: JSON.stringify(value) });
