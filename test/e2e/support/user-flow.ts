// Users on their way from the API to the shop, and the two ways around it: the collection and the topic.
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { readinessOf } from './operations.ts';
import { readAt, send } from './requests.ts';
import type { SubjectDocument, TestSystem } from './test-system.ts';
import { waitUntil } from './wait-until.ts';

const topic = 'user-events';
const secondsMs = 8_000;

export interface UserEventParts {
  readonly subject: string;
  readonly version: number;
  readonly type: string;
  readonly data: object;
}

export type UserFlow = Awaited<ReturnType<typeof openUserFlow>>;

export async function openUserFlow({ ready, users, shopping }: TestSystem) {
  const kafka = new Kafka({ brokers: [ready.kafka as string], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();

  /** A user by the API; the id is returned. */
  async function createUser(): Promise<string> {
    const user = { firstName: 'Ada', lastName: 'Lovelace', email: `${randomUUID()}@example.org` };
    const { status, body, text } = await send('POST', `${ready.userService}/users`, user);
    if (status !== 201) throw new Error(`POST /users answered ${status}: ${text}`);
    return body.id;
  }

  const whenCustomers = (ids: readonly string[], waitSeconds: number) =>
    Promise.all(ids.map((id) => readAt(`${ready.shoppingService}/customers/${id}`, 1, waitSeconds)));

  return {
    producer,
    createUser,
    /** As many users as make it all but certain that each partition gets one; all must be customers within seconds. */
    async expectOthersFlow(): Promise<void> {
      const ids = await Promise.all(Array.from({ length: 40 }, createUser));
      const startedMs = performance.now();
      await whenCustomers(ids, 15);
      expect(performance.now() - startedMs).toBeLessThan(secondsMs);
    },
    /** Stores users whose news does not arrive, and waits until the shop says so; their ids are returned. */
    async expectShopNotReady(): Promise<string[]> {
      const ids = await Promise.all(Array.from({ length: 5 }, createUser));
      await waitUntil('a shop that says it is not ready', 20_000, async () => {
        const { status, checks } = await readinessOf(ready.shoppingService);
        return status === 503 ? undefined : JSON.stringify(checks);
      });
      const stalled = (await readinessOf(ready.shoppingService)).checks.find(({ name }) => name === topic);
      expect(stalled).toMatchObject({ ready: false, detail: expect.stringContaining('stalled') });
      expect((await readinessOf(ready.userService)).status).toBe(200);
      return ids;
    },
    /** The users of `expectShopNotReady` must have arrived, every one. */
    async expectShopReadyAgain(ids: readonly string[]): Promise<void> {
      await whenCustomers(ids, 30);
      await waitUntil('a shop that is ready again', 15_000, async () => {
        const { status, checks } = await readinessOf(ready.shoppingService);
        return status === 200 ? undefined : JSON.stringify(checks);
      });
    },
    customerOf(id: string): Promise<SubjectDocument | null> {
      return shopping.collection<SubjectDocument>('customers').findOne({ _id: `user-${id}` });
    },
    /** A stored event as it travels: without the store's own fields. */
    async publishedFormOf(id: string, version: number): Promise<Record<string, unknown>> {
      const projection = { _id: 0, claims: 0, request: 0 };
      const event = await users.collection('UserEvents').findOne({ subject: `user-${id}`, version }, { projection });
      if (event === null) throw new Error(`user-${id} has no version ${version}`);
      return event;
    },
    /** Straight to the topic, under the subject as key. */
    async publish(event: Readonly<Record<string, unknown>>): Promise<void> {
      await producer.send({ topic, messages: [{ key: String(event.subject), value: JSON.stringify(event) }] });
    },
    /** Around the API, as a script with the driver would. */
    async insertEvent(event: UserEventParts): Promise<void> {
      const envelope = { specversion: '1.0', id: randomUUID(), source: '/script', time: new Date() };
      await users.collection('UserEvents').insertOne({ ...envelope, ...event });
    },
    close: () => producer.disconnect(),
  };
}
