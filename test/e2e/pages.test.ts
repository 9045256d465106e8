// Goal: the commands of the pages do what the pages say, and are answered as they show. Method: each page's blocks, in order, in one
// shell, against the whole system on real servers; what a page takes for granted is made before. Pages about the examples are run with
// the examples, in their own tests.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Document } from 'mongodb';
import { insertEvents } from './support/event-inserts.ts';
import { whenHeld } from './support/operations.ts';
import { runPage } from './support/page-commands.ts';
import { waitForPositions } from './support/positions.ts';
import { readAt, send } from './support/requests.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';

jest.setTimeout(240_000);

const ids = {
  'ada-id': randomUUID(),
  'old-id': randomUUID(),
  'item-id': randomUUID(),
  'category-id': randomUUID(),
};
let system: TestSystem;
let folder: string;
let replace: Record<string, string>;
let env: Record<string, string>;

beforeAll(async () => {
  system = await startTestSystem({ kafka: true });
  folder = await mkdtemp(join(tmpdir(), 'foldline-pages-'));
  const { userService, shoppingService, mongodb, kafka, connect } = system.ready;
  replace = {
    'http://127.0.0.1:3001': userService,
    'http://127.0.0.1:3002': shoppingService,
    'mongodb://…': mongodb,
  };
  env = {
    USER_SERVICE_URL: userService,
    SHOPPING_SERVICE_URL: shoppingService,
    DATA_DIR: join(folder, 'data'),
    MONGODB_URI: mongodb,
    KAFKA_BROKERS: kafka as string,
    CONNECT_URL: connect as string,
  };
}, startLimitMs);

afterAll(async () => {
  await system?.close();
  await rm(folder, { recursive: true, force: true });
}, stopLimitMs);

test('hazard: a reader who has enough of a command line closes the pipe, and it ends without a fault', async () => {
  const bash = promisify(execFile);
  for (const entry of ['shared/dist/bin/main.js connect', 'shared/dist/bin/main.js admin']) {
    const { stdout, stderr } = await bash('bash', ['-c', `set -o pipefail; node ${entry} --help | head -n 1`]);
    expect([stdout.startsWith('Usage: '), stderr]).toEqual([true, '']);
  }
});

const post = (path: string, body: object) => send('POST', `${system.ready.shoppingService}${path}`, body);

test('docs/scenarios/merge-identities.md', async () => {
  const { 'category-id': categoryId, 'item-id': itemId, 'old-id': sellerId } = ids;
  await post('/categories', { id: categoryId, title: 'Engines' });
  await post('/items', { id: itemId, title: 'Analytical engine', price: 120_000, categoryId, sellerId });
  await runPage('docs/scenarios/merge-identities.md', { replace: { ...replace, ...ids }, env });
});

test('docs/references.md', async () => {
  const [orderId, customerId] = [randomUUID(), ids['ada-id']];
  const [seller, item, category] = [ids['old-id'], ids['item-id'], ids['category-id']];
  await post('/orders', { id: orderId, customerId, lines: [{ itemId: item, quantity: 1 }] });
  const early = randomUUID();
  await post('/items', { id: early, title: 'Difference engine', price: 1, categoryId: randomUUID(), sellerId: seller });
  for (const path of [`/orders/${orderId}`, `/items/${early}`])
    await readAt(`${system.ready.shoppingService}${path}`, 1);
  const names = { SELLER: seller, ORDER: orderId, ITEM: item, CATEGORY: category, CUSTOMER: customerId };
  await runPage('docs/references.md', { replace, env: { ...env, ...names } });
});

test('docs/operating.md, with a user who is held', async () => {
  const subject = 'user-e5b65e35-1851-45fa-a452-5ed5b97a273d';
  const event = (version: number, type: string, data: object) => ({
    specversion: '1.0',
    id: randomUUID(),
    source: '/script',
    type,
    subject,
    version,
    time: new Date(),
    data,
  });
  await insertEvents(system, [
    event(1, 'userCreated_v2', { firstName: 'Ada', lastName: 'Lovelace', email: 'ada.held@example.org' }),
    event(2, 'userFirstNameChanged_v1', { firstName: 7 }),
    event(3, 'userLastNameChanged_v1', { lastName: 'King' }),
  ]);
  for (const url of [system.ready.userService, system.ready.shoppingService]) await whenHeld(url, subject);
  const correction = { $set: { 'data.firstName': 'Augusta' } };
  await system.users.collection<Document>('UserEvents').updateOne({ subject, version: 2 }, correction);
  const printed = [...(await runPage('docs/operating.md', { replace, env })).values()].join('');
  expect(printed).toContain('held 2 (1 in user-service, 1 in shopping-service)');
  expect(printed).toContain('A retry would fold 2 events and release it at version 3.');
  expect(printed).toContain('shopping-service: released 1, held again 0, unanswered 0, places 0');
  await waitForPositions(system, 60_000);
});

test('docs/adopt-users.md and docs/import-identities.md', async () => {
  const legacy = system.client.db('legacy').collection('customers');
  await legacy.insertOne({
    profile: { first: 'Grace', last: 'Hopper' },
    mails: ['grace@example.org'],
    since: new Date(),
  });
  const adoption = [...(await runPage('docs/adopt-users.md', { replace, env })).values()].join('');
  expect(adoption).toMatch(/would be adopted +1/);
  const [people, events] = [join(folder, 'people.ndjson'), join(folder, 'events.ndjson.gz')];
  await writeFile(people, '{"$distinct_id": 42, "$properties": {"$name": "Ada Lovelace"}}');
  await writeFile(events, gzipSync('{"event": "Signed up", "properties": {"distinct_id": 42, "time": 1709283600}}'));
  const files = { 'people.ndjson': people, 'events.ndjson.gz': events };
  const preview = [
    ...(await runPage('docs/import-identities.md', { replace: { ...replace, ...files }, env })).values(),
  ];
  expect(preview.join('')).toMatch(/new people +1/);
});
