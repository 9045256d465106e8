// Goal: docs/add-a-consumer.md adds a third service as it says: its two files compile, run on real Kafka, and what the page shows is
// what is answered, also after the service was away. And a version that a consumer does not know holds one user until a consumer comes
// that knows it, as docs/add-an-event-version.md says. And topics of others are followed. Method: a folder like this repository, the page's files in it, the page's
// commands in a shell; then two versions of a consumer, one after the other, in this process.
import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { userContracts } from '@foldline/contracts';
import { freePort } from '@foldline/system';
import { followModels, openService, ownerEvents, serviceSettings } from 'foldline';
import { readSettings } from 'foldline/config';
import { type Contracts, decoderOf, defineContracts, type LatestEvent } from 'foldline/contracts';
import { type Decode, type Projection, readModel, type View } from 'foldline/engine';
import { createLogger } from 'foldline/fastify';
import { mongoDocuments } from 'foldline/mongodb';
import type { Document } from 'mongodb';
import { z } from 'zod';
import { filesOf } from '../rules/command-blocks.ts';
import { cloudTopic, followForeignOrders, openForeignProducer, outboxTopic } from './support/foreign-orders.ts';
import { runPage } from './support/page-commands.ts';
import { waitUntil } from './support/positions.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';

const root = resolve(__dirname, '..', '..');
let system: TestSystem;
let folder: string;

beforeAll(async () => {
  system = await startTestSystem({ kafka: true });
  folder = await mkdtemp(join(tmpdir(), 'foldline-consumer-'));
  for (const name of ['package.json', 'tsconfig.base.json']) await cp(join(root, name), join(folder, name));
  for (const name of ['node_modules', 'shared']) await symlink(join(root, name), join(folder, name));
  for (const { path, text } of filesOf(await readFile(join(root, 'docs/add-a-consumer.md'), 'utf8'))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}, startLimitMs);

afterAll(async () => {
  await system?.close();
  await rm(folder, { recursive: true, force: true });
}, stopLimitMs);

test('the page, from its two files to the address that changed while the service was away', async () => {
  const port = await freePort();
  const { ready } = system;
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ files: [], references: [{ path: 'mailing-service' }] }),
  );
  const printed = await runPage('docs/add-a-consumer.md', {
    cwd: folder,
    replace: {
      'mongodb://127.0.0.1:21157/?replicaSet=foldline': ready.mongodb,
      '127.0.0.1:20571': ready.kafka as string,
      'http://127.0.0.1:3001': ready.userService,
      'http://127.0.0.1:3003': `http://127.0.0.1:${port}`,
      'PORT=3003': `PORT=${port}`,
    },
  });
  expect([...printed.values()].join('\n')).toContain('\nheld 0 (0 in mailing-service)\n');
  const recipients = await system.client
    .db('mailing')
    .collection<Document & { _id: string }>('recipients')
    .find()
    .toArray();
  const users = await system.users.collection<Document & { _id: string }>('Users').find().toArray();
  const shown = (of: Document[]) => of.map(({ _id, version, data }) => [_id, version, data.email]).sort();
  expect(shown(recipients)).toEqual(shown(users));
  expect(recipients).toMatchObject([{ version: 2, state: 'reachable', data: { email: 'countess@example.org' } }]);
}, 240_000);

// #region contracts
const { userCreated_v1, userCreated_v2, ...others } = userContracts;
const nextContracts = defineContracts({
  userCreated_v1,
  userCreated_v2: {
    schema: userCreated_v2.schema,
    upcast: {
      to: 'userCreated_v3',
      data: (data: z.output<typeof userCreated_v2.schema>) => ({ ...data, locale: 'und' }),
    },
  },
  userCreated_v3: { schema: userCreated_v2.schema.extend({ locale: z.string() }) },
  ...others,
});
// #endregion

interface Reader extends View {
  readonly state: 'unknown' | 'known';
  readonly data: { readonly email: string; readonly locale: string };
}

const before: Projection<Reader, LatestEvent<typeof userContracts>> = {
  name: 'readers',
  kind: 'user',
  foldVersion: 1,
  decode: decoderOf(userContracts),
  initialState: { state: 'unknown', data: { email: '', locale: '' } },
  evolve: (reader, event) =>
    event.type === 'userCreated_v2' ? { state: 'known', data: { email: event.data.email, locale: '' } } : reader,
};

// #region projection
const after: Projection<Reader, LatestEvent<typeof nextContracts>> = {
  name: 'readers',
  kind: 'user',
  foldVersion: 2,
  decode: decoderOf(nextContracts),
  initialState: { state: 'unknown', data: { email: '', locale: '' } },
  evolve(reader, event) {
    if (event.type !== 'userCreated_v3') return reader;
    const { email, locale } = event.data;
    return { state: 'known', data: { email, locale } };
  },
};
// #endregion

/** A consumer with this fold, in this process; `shown` answers what it has of a user, and why it is held. */
async function consumer<E extends LatestEvent<Contracts>>(projection: Projection<Reader, E>) {
  const env = { MONGODB_URI: system.ready.mongodb as string, KAFKA_BROKERS: system.ready.kafka as string };
  const config = readSettings(serviceSettings, { ...env, LOG_LEVEL: 'silent' });
  const logger = createLogger({ name: 'readers', level: config.LOG_LEVEL });
  const collections = { documents: { readers: [] } };
  const service = await openService({
    name: 'readers',
    description: '',
    database: 'readers',
    collections,
    config,
    logger,
  });
  const documents = mongoDocuments(service.collection('readers'));
  const asking = {
    service: 'user-service',
    plural: 'users',
    kind: 'user',
    settings: 'USER_SERVICE',
    url: system.ready.userService as string,
    token: '',
    timeoutMs: 2000,
    requestsAtOnceMax: 4,
    pagesMax: 10,
  };
  const models = [readModel(projection, documents)];
  const owner = ownerEvents(asking);
  const running = await followModels(service, { name: 'readers', topics: ['user-events'], models, owner });
  return {
    async shown(subject: string) {
      const [document, held] = [(await documents.read([subject])).get(subject), await service.held.among([subject])];
      return { version: document?.version ?? 0, reason: held.get(subject)?.reason, data: (document as Document)?.data };
    },
    close: () => running.close().then(() => service.client.close()),
  };
}

test('a version that a consumer does not know holds its user, and the next consumer lets it go on', async () => {
  const of = (type: string, data: object) => {
    const subject = `user-${randomUUID()}`;
    return {
      specversion: '1.0',
      id: randomUUID(),
      source: '/script',
      type,
      subject,
      version: 1,
      time: new Date(),
      data,
    };
  };
  const ada = of('userCreated_v2', { firstName: 'Ada', lastName: '', email: 'ada.v2@example.org' });
  const grace = of('userCreated_v3', { firstName: 'Grace', lastName: '', email: 'grace.v3@example.org', locale: 'en' });
  const old = await consumer(before);
  await system.users.collection('UserEvents').insertMany([ada, grace].map((event) => ({ ...event })));
  const reached = (one: typeof old, subject: string, what: object) =>
    waitUntil(`${subject} at ${JSON.stringify(what)}`, 60_000, async () => {
      const now = await one.shown(subject);
      return Object.entries(what).every(([key, value]) => now[key as keyof typeof now] === value)
        ? undefined
        : JSON.stringify(now);
    });
  await reached(old, ada.subject, { version: 1, reason: undefined });
  // #region held
  await reached(old, grace.subject, { version: 0, reason: 'unknown-version' });
  // #endregion
  await old.close();

  const next = await consumer(after);
  await reached(next, grace.subject, { version: 1, reason: undefined });
  expect((await next.shown(grace.subject)).data).toEqual({ email: 'grace.v3@example.org', locale: 'en' });
  const decoded = (after.decode as Decode<LatestEvent<typeof nextContracts>>)(ada as never);
  expect(decoded).toMatchObject({ kind: 'known', event: { type: 'userCreated_v3', data: { locale: 'und' } } });
  await next.close();
}, 180_000);

test('messages of others are folded, passed over, or held at their places, and a rebuild reads them alike', async () => {
  const { mongodb, kafka } = system.ready as { mongodb: string; kafka: string };
  const producer = await openForeignProducer(kafka);
  const [one, other] = [randomUUID(), randomUUID()];
  const outbox = (key: string | null, eventType: string, version: number | undefined, value: string) => ({
    topic: outboxTopic,
    key,
    value,
    headers: { id: randomUUID(), eventType, ...(version !== undefined && { aggregateVersion: String(version) }) },
  });
  const cloud = (version: number, type: string, value: string) => ({
    topic: cloudTopic,
    key: other,
    value,
    headers: {
      ce_specversion: '1.0',
      ce_id: randomUUID(),
      ce_source: '/cloud',
      ce_type: type,
      ce_subject: `order-${other}`,
      ce_time: new Date().toISOString(),
      ce_version: String(version),
      'content-type': 'application/json',
    },
  });
  const shipped = outbox(one, 'Shipped', 2, '{}');
  await producer.publish([
    outbox(one, 'Placed', 1, '{"total":4197}'),
    outbox(one, 'Placed', undefined, '{"total":1}'),
    outbox(null, 'probed', undefined, ''),
    outbox(one, 'Placed', 7, 'no JSON'),
    shipped,
    shipped,
    cloud(1, 'orderPlaced_v1', '{"total":12}'),
    cloud(2, 'orderWeighed_v1', '{"grams":7}'),
  ]);
  const consumer = await followForeignOrders({ mongodb, kafka });
  const reached = (id: string, version: number) =>
    waitUntil(`order ${id} at ${version}`, 60_000, async () => {
      const document = await consumer.documentOf(`order-${id}`);
      return document?.version === version ? undefined : `at ${document?.version}`;
    });
  await reached(one, 2);
  await reached(other, 2);
  expect(await consumer.documentOf(`order-${one}`)).toMatchObject({ state: 'shipped', data: { total: 4197 } });
  expect(await consumer.documentOf(`order-${other}`)).toMatchObject({ state: 'placed', data: { total: 12 } });
  await waitUntil('two held places', 60_000, async () => {
    const { length } = await consumer.held();
    return length === 2 ? undefined : `${length} held`;
  });
  const held = (await consumer.held()).map(({ key, reason, detail }) => [key, reason, detail]).sort();
  expect(held).toEqual([
    [`${outboxTopic}/0@1`, 'unreadable', 'version is null, expected an integer from 1'],
    [`${outboxTopic}/0@3`, 'unreadable', 'the value is no JSON'],
  ]);
  expect(await consumer.events()).toMatchObject([
    { subject: `order-${one}`, version: 1, type: 'orderPlaced_v1' },
    'version is null, expected an integer from 1',
    'the value is no JSON',
    { version: 2, type: 'orderShipped_v1' },
    { version: 2 },
  ]);
  await consumer.close();
  await producer.close();
}, 120_000);
