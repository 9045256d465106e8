// The two topics that the resync is measured on: all events of many users, as they would come from users at work at once, and
// the snapshot of each user.
import { fold, type ProjectedDocument, type StoredEvent, type StoredPosition } from '@foldline/shared/engine';
import { userProjection } from '@foldline/user-service/users';
import kafkajs from 'kafkajs';
import { userEvent } from './events.ts';

export const eventsOfEach = 10;
export const topics = { events: 'bench-user-events', snapshots: 'bench-user-snapshots' } as const;
const usersAtOnce = 1000;
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
  let newest: StoredPosition = { subject: '', version: 0 };
  for (let at = 0; at < users; at += usersAtOnce) {
    const lives = Array.from({ length: Math.min(usersAtOnce, users - at) }, lifeOfOne);
    for (let n = 0; n < eventsOfEach; n += 1) {
      const messages = lives.map((life) => messageOf((life[n] as StoredEvent).subject, life[n]));
      await producer.send({ topic: topics.events, messages });
    }
    const snapshots = lives.map((life) => fold(userProjection, undefined, life).document as ProjectedDocument);
    await producer.send({
      topic: topics.snapshots,
      messages: snapshots.map((snapshot) => messageOf(snapshot._id, snapshot)),
    });
    const last = snapshots.at(-1) as ProjectedDocument;
    newest = { subject: last._id, version: last.version };
  }
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  return { users, newest };
}

function lifeOfOne(): StoredEvent[] {
  const id = crypto.randomUUID();
  return Array.from({ length: eventsOfEach }, (__, n) => {
    const { claims: _, ...travels } = userEvent(id, n + 1);
    return travels;
  });
}

const messageOf = (key: string, value: unknown) => ({ key, value: JSON.stringify(value) });
