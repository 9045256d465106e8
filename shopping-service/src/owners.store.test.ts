// Goal: a hole in the shop is filled from whoever owns the subject, within five seconds of the event behind it, whatever the
// other owner does; unknown kinds are shown and nothing is made of them. Method: the feed's collections lack events that the
// owner has: a small server plays user-service, the shop's own stores hold what was taken out of the feed.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { type Collection, type Db, type Document, MongoClient } from 'mongodb';
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

interface WireEvent {
  readonly version: number;
  readonly subject: string;
  readonly [field: string]: unknown;
}

let service: StartedShoppingService;
let client: MongoClient;
let db: Db;
let userEvents: Collection<Document>;
let server: Server;
let authorizations: unknown[] = [];
let owner: 'answers' | 'fails' | 'hangs' = 'answers';
const owned = new Map<string, WireEvent[]>();

function eventOf(subject: string, version: number, type: string, data: object): WireEvent {
  const time = new Date(Date.now() + version).toISOString();
  return { specversion: '1.0', id: crypto.randomUUID(), source: '/user-service', type, subject, version, time, data };
}

const lifeOf = (subject: string): WireEvent[] => [
  eventOf(subject, 1, 'userCreated_v2', { firstName: 'Ada', lastName: 'L', email: `${subject}@example.org` }),
  eventOf(subject, 2, 'userFirstNameChanged_v1', { firstName: 'Augusta' }),
  eventOf(subject, 3, 'userLastNameChanged_v1', { lastName: 'King' }),
];

beforeAll(async () => {
  server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    if (owner === 'hangs') return;
    response.setHeader('content-type', 'application/json');
    const url = new URL(request.url ?? '', 'http://x');
    const isEvents = url.pathname === '/origin/user/events';
    const events = owned.get(url.searchParams.get('subject') ?? '');
    if (owner === 'fails') response.statusCode = 500;
    else if (!isEvents) response.statusCode = 404;
    const after = Number(url.searchParams.get('cursor') ?? url.searchParams.get('afterVersion'));
    const rest = (events ?? []).filter(({ version }) => version > after);
    // One event a page, so that following the cursor matters.
    const nextCursor = rest.length > 1 ? String(rest[0]?.version) : null;
    response.end(JSON.stringify({ items: rest.slice(0, 1), nextCursor }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Databases of this file's own, because what it leaves out of a feed it must know by name.
  const [users, shopping] = [uniqueDatabaseName('users'), uniqueDatabaseName('shopping')];
  client = await new MongoClient(testMongodbUri()).connect();
  db = client.db(shopping);
  userEvents = client.db(users).collection('UserEvents');
  service = await startTestShoppingService({
    SHOPPING_DATABASE: shopping,
    FEED_COLLECTIONS: `user-events=${users}.UserEvents,catalog-events=${shopping}.CatalogEvents,order-events=${shopping}.OrderEvents`,
    USER_SERVICE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    USER_SERVICE_TOKEN: 'shop-token-0123456789abcdef0123456',
    USER_SERVICE_TIMEOUT_MS: '500',
    HELD_OWNER_RETRY_MAX_MS: '200',
  });
});
afterAll(async () => {
  await service.close();
  await Promise.all([db.dropDatabase(), userEvents.db.dropDatabase()]);
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  owner = 'answers';
  authorizations = [];
});

/** A user of whom version 2 never comes by the feed. @returns the id */
async function userWithHole(): Promise<string> {
  const id = crypto.randomUUID();
  const events = lifeOf(`user-${id}`);
  owned.set(`user-${id}`, events);
  for (const event of [events[0], events[2]] as WireEvent[]) await insert(event);
  return id;
}

const insert = (event: WireEvent) => userEvents.insertOne({ ...event, time: new Date(event.time as string) });

/** A user who comes by the feed as a whole. @returns the id */
async function customer(): Promise<string> {
  const id = crypto.randomUUID();
  for (const event of lifeOf(`user-${id}`)) await insert(event);
  return id;
}

const held = async (key: string) => (await service.call(`GET /admin/held/${key}`)).status === 200;

async function within(limitMs: number, what: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await what())) {
    if (Date.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a user’s missing event is read from user-service, page by page, with the shop’s token', async () => {
  const id = await userWithHole();
  const body = await service.at(`/customers/${id}`, 3);
  expect(body).toMatchObject({ firstName: 'Augusta', lastName: 'King' });
  await within(5000, async () => !(await held(`user-${id}`)));
  expect(new Set(authorizations)).toEqual(new Set(['Bearer shop-token-0123456789abcdef0123456']));
});

test('an item’s missing event is read from the shop’s own store, also while user-service hangs', async () => {
  owner = 'hangs';
  const user = await userWithHole();
  const { id } = await service.createItem();
  await service.at(`/items/${id}`, 1);
  const subject = `item-${id}`;
  const entry = { projection: 'items', appliedVersion: 1, seenVersion: 3, reason: 'hole', detail: 'x' };
  // What the feed would have left behind: the document at 1, and word of a version 3.
  await service.call(`PATCH /items/${id}`, { title: 'Second' });
  await service.call(`PATCH /items/${id}`, { title: 'Third' });
  await service.at(`/items/${id}`, 3);
  await db.collection<{ _id: string }>('items').deleteOne({ _id: subject });
  await db
    .collection<{ _id: string }>('Held')
    .insertOne({ _id: subject, ...entry, since: new Date(), attempts: 1 } as { _id: string });
  const { body } = await service.call(`POST /admin/held/${subject}/retry`);
  expect(body).toMatchObject({ outcome: 'released' });
  expect(await service.at(`/items/${id}`, 3)).toMatchObject({ title: 'Third' });
  expect(await held(`user-${user}`)).toBe(true);
  owner = 'answers';
  await service.at(`/customers/${user}`, 3);
});

test('an owner that fails ends nothing: others are read, the reason is shown, and the hole is filled afterwards', async () => {
  owner = 'fails';
  const id = await userWithHole();
  await within(5000, () => held(`user-${id}`));
  expect(await service.at(`/customers/${await customer()}`, 3)).toMatchObject({ lastName: 'King' });
  const refused = await service.call(`POST /admin/held/user-${id}/retry`);
  expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  expect(refused.body.detail).toMatch(
    /^user-service at http:.*, the owner of users, answers 500 when asked for the events of user-/,
  );
  const shown = await service.call(`GET /admin/held/user-${id}`);
  expect(shown.body).toMatchObject({ document: { version: 1 }, next: null });
  expect(shown.body.detail).toContain('answers 500');
  owner = 'answers';
  await service.at(`/customers/${id}`, 3);
});

test('events of unknown kinds are counted and shown by prefix, and nothing is created', async () => {
  for (const kind of ['warehouse', 'warehouse', 'robot'])
    await insert(eventOf(`${kind}-${crypto.randomUUID()}`, 1, 'somethingHappened_v1', {}));
  await service.at(`/customers/${await customer()}`, 3);
  const { body } = await service.call('GET /readyz?verbose');
  const checks = body.checks as { name: string; data: unknown }[];
  expect(checks.find(({ name }) => name === 'ignored-events')?.data).toEqual({
    prefixes: [
      { prefix: 'warehouse', events: 2 },
      { prefix: 'robot', events: 1 },
    ],
    others: 0,
  });
  const held = await service.call('GET /admin/held');
  expect(held.body.items.filter(({ key }) => /warehouse|robot/.test(String(key)))).toEqual([]);
});
