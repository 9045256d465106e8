// Goal: wherever the process dies around the insert, the request repeated under its key leaves one user or one change,
// never two, and the address is never stuck.
// Method: the compiled service as a process of its own that kills itself at a named point; a second one takes over.

import { testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { startServiceProcess } from './testing/service-process.ts';

const database = uniqueDatabaseName('crash');
const env = { MONGODB_URI: testMongodbUri(), USERS_DATABASE: database, FEED_CHECKPOINT_EVERY_MS: '100' };
let client: MongoClient;
let events: Collection<Document>;
/** The service that does not crash: it takes over, and prepares what the crashing one meets. */
let steady: Awaited<ReturnType<typeof startServiceProcess>>;
/** Begun first: it has to wait until the server ends the transaction that a dead process left open. */
let killedBeforeCommit: Promise<void>;

beforeAll(async () => {
  client = await new MongoClient(env.MONGODB_URI).connect();
  events = client.db(database).collection('UserEvents');
  steady = await startServiceProcess(env);
  killedBeforeCommit = patchKilledAt('before-commit', false);
  // It is awaited by its own test, which may come after it failed.
  killedBeforeCommit.catch(() => undefined);
}, 60_000);
afterAll(async () => {
  await killedBeforeCommit.catch(() => undefined);
  await steady.stop();
  await client.db(database).dropDatabase();
  await client.close();
}, 30_000);

interface Reply {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: Document;
}

async function send(url: string, method: string, path: string, body: object, key?: string): Promise<Reply> {
  const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) };
  const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
  return {
    status: response.status,
    replayed: response.headers.get('idempotency-replayed') === 'true',
    body: (await response.json()) as Document,
  };
}

let users = 0;
const newUser = () => {
  users += 1;
  return { firstName: 'Ada', lastName: 'Lovelace', email: `crash-${users}@example.org` };
};
const create = async (user = newUser()) => (await send(steady.url, 'POST', '/users', user)).body;

/** A transaction whose process died stays in the way until the server ends it (five seconds here): 503 says "again". */
async function sendUntilDecided(method: string, path: string, body: object, key: string): Promise<Reply> {
  for (let repeats = 0; repeats < 30; repeats += 1) {
    const reply = await send(steady.url, method, path, body, key);
    if (reply.status !== 503) return reply;
    expect(reply.body.code).toBe('overloaded');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('The request was not decided within thirty repeats.');
}

/** Sends the request to a service that is killed at `point`, then again, under the same key, to the one that lives. */
async function crashAndRepeat(point: string, method: string, path: string, body: object): Promise<Reply> {
  const crashing = await startServiceProcess({ ...env, CRASH_AT: `${point}:1` });
  const key = `${point} ${method} ${path} ${JSON.stringify(body)}`.slice(0, 200);
  await expect(send(crashing.url, method, path, body, key)).rejects.toThrow('fetch failed');
  expect(await crashing.ended).toBe('SIGKILL');
  const repeated = await sendUntilDecided(method, path, body, key);
  const thirdTime = await send(steady.url, method, path, body, key);
  expect(thirdTime).toMatchObject({ status: repeated.status, replayed: true });
  expect(thirdTime.body).toMatchObject({ id: repeated.body.id, version: repeated.body.version });
  return repeated;
}

/** The address can be changed away, and then belongs to whoever asks next. */
async function expectAddressToMove(id: string, email: string): Promise<void> {
  expect((await send(steady.url, 'POST', '/users', { ...newUser(), email })).status).toBe(409);
  expect((await send(steady.url, 'PATCH', `/users/${id}`, { email: newUser().email })).status).toBe(200);
  expect((await send(steady.url, 'POST', '/users', { ...newUser(), email })).status).toBe(201);
}

// A creation is one event and rides in a group; a change of two fields is one transaction.
test.each([
  ['before-insert', false],
  ['after-insert', true],
])(
  'POST /users killed at %s',
  async (point, stored) => {
    const user = newUser();
    const { status, replayed, body } = await crashAndRepeat(point, 'POST', '/users', user);
    expect([status, replayed]).toEqual([201, stored]);
    expect(await events.countDocuments({ type: 'userCreated_v2', 'data.email': user.email })).toBe(1);
    await expectAddressToMove(body.id, user.email);
  },
  60_000,
);

test('POST /users killed at before-settle, when its address is found held', async () => {
  // Given up, so that the settling which the crash prevents would have released it.
  const user = newUser();
  const former = await create(user);
  await send(steady.url, 'PATCH', `/users/${former.id}`, { email: newUser().email });
  const { status, replayed, body } = await crashAndRepeat('before-settle', 'POST', '/users', user);
  expect([status, replayed]).toEqual([201, false]);
  expect(await events.countDocuments({ claims: `email:${user.email}` })).toBe(1);
  await expectAddressToMove(body.id, user.email);
}, 60_000);

async function patchKilledAt(point: string, stored: boolean): Promise<void> {
  const { id } = await create();
  const { email } = newUser();
  const { status, replayed, body } = await crashAndRepeat(point, 'PATCH', `/users/${id}`, { firstName: 'Bea', email });
  expect([status, replayed, body.version]).toEqual([200, stored, 3]);
  const subject = `user-${id}`;
  const types = (await events.find({ subject }).sort({ version: 1 }).toArray()).map(({ type }) => type);
  expect(types).toEqual(['userCreated_v2', 'userFirstNameChanged_v1', 'userEmailChanged_v1']);
  await expectAddressToMove(id, email);
}

test.each([
  ['before-insert', false],
  ['after-commit', true],
])('PATCH of two fields killed at %s', (point, stored) => patchKilledAt(point, stored), 60_000);

test('PATCH of two fields killed at before-commit', () => killedBeforeCommit, 60_000);
