// Goal: a declared service joins an application that exists: it takes what the application has, closes only what it made, and changes
// nothing for the routes of the application. Method: the application of docs/join-an-application.md on a real MongoDB, and others.

import { type FastifyInstance, fastify } from 'fastify';
import { joinService } from 'foldline';
import { createLogger } from 'foldline/fastify';
import { openTestDatabase, type TestDatabase, testMongodbUri } from 'foldline/testing/workspace';
import { Counter, Registry } from 'prom-client';
import { startApplication } from './application.ts';
import { notesService } from './notes-service.ts';

let database: TestDatabase;
let settings: Record<string, string>;
const open: FastifyInstance[] = [];

beforeEach(async () => {
  database = await openTestDatabase();
  settings = { NOTES_DATABASE: database.db.databaseName };
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
  await database.close();
});

const ada = { 'x-team-user': 'ada' };
const authorize = () => ({ name: 'ada', rights: new Set(['read', 'write'] as const) });
const silent = () => createLogger({ name: 'notes', level: 'silent' });

async function application(): Promise<FastifyInstance> {
  const app = await startApplication(database.client, database.db.databaseName);
  open.push(app);
  return app;
}

test('a note is written and read under the prefix, twice through the life of an application', async () => {
  for (const text of ['first', 'second']) {
    const app = await application();
    const written = await app.inject({ method: 'POST', url: '/notes-api/notes', headers: ada, payload: { text } });
    expect([written.statusCode, written.json()]).toMatchObject([201, { version: 1, text }]);
    const { location } = written.headers;
    expect(location).toBe(`/notes-api/notes/${written.json().id}`);
    const url = `${location}?minVersion=1`;
    const read = await app.inject({ url, headers: { ...ada, prefer: 'wait=10' } });
    expect([read.statusCode, read.json()]).toEqual([200, written.json()]);
    expect((await app.inject('/notes-api/readyz')).json()).toEqual({ status: 'ready' });
    await app.close();
    // The client is the application's, and goes on.
    expect(await database.db.collection('notes').countDocuments()).toBe(text === 'first' ? 1 : 2);
  }
});

test('on a real socket, each side answers its own errors', async () => {
  const app = await application();
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    return [response.status, response.headers.get('content-type'), JSON.parse(await response.text())];
  };
  const json = 'application/json; charset=utf-8';
  const problem = 'application/problem+json';
  expect(await call('/')).toEqual([200, json, { hello: 'from the team' }]);
  expect(await call('/nothing')).toEqual([404, json, expect.objectContaining({ error: 'Not Found' })]);
  expect(await call('/notes-api/nothing', { headers: ada })).toMatchObject([404, problem, { code: 'not-found' }]);
  expect(await call('/notes-api/notes/1')).toMatchObject([
    401,
    problem,
    { type: '/notes-api/problems/unauthorized', instance: '/notes-api/notes/1' },
  ]);
  expect(await call('/notes-api/admin/held', { headers: ada })).toMatchObject([403, problem, { code: 'forbidden' }]);
  const type = await fetch(`${url}/notes-api/problems/forbidden`);
  expect([type.status, await type.text()]).toEqual([200, expect.stringContaining('href="/notes-api/problems"')]);
});

test('a repeated request has one effect, wherever the service is mounted', async () => {
  const headers = { ...ada, 'idempotency-key': 'one' };
  const request = { method: 'POST', headers, payload: { text: 'once' } } as const;
  const first = await (await application()).inject({ ...request, url: '/notes-api/notes' });
  const other = fastify();
  open.push(other);
  const { client } = database;
  const joined = await joinService(notesService, { settings, client, authorize, logger: silent() });
  await other.register(joined.plugin, { prefix: '/elsewhere' });
  const again = await other.inject({ ...request, url: '/elsewhere/notes' });
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(again.json()).toEqual(first.json());
});

test('without a client the service makes one, and closes it', async () => {
  const app = fastify();
  const given = {
    ...settings,
    MONGODB_URI: testMongodbUri(),
    LOG_LEVEL: 'silent',
    API_TOKENS: `ada=${'a'.repeat(32)}`,
  };
  const joined = await joinService(notesService, { settings: given });
  await app.register(joined.plugin, { prefix: '/notes-api' });
  const headers = { authorization: `Bearer ${'a'.repeat(32)}` };
  expect((await app.inject({ url: '/notes-api/metrics', headers })).payload).toContain('process_cpu_seconds_total');
  await app.close();
  await joined.close();
});

test('after its end the service answers 503, and the application goes on', async () => {
  const app = fastify();
  open.push(app);
  app.get('/', async () => 'team');
  const joined = await joinService(notesService, { settings, client: database.client, authorize, logger: silent() });
  await app.register(joined.plugin, { prefix: '/notes-api' });
  await app.ready();
  await Promise.all([joined.close(), joined.close()]);
  expect((await app.inject('/notes-api/livez')).json()).toMatchObject({ status: 503, code: 'overloaded' });
  expect((await app.inject('/')).payload).toBe('team');
});

test('two services share an app and a registry; each series stands there once, and tells whose it is', async () => {
  const app = fastify();
  open.push(app);
  const registry = new Registry();
  const { client } = database;
  for (const name of ['one', 'two']) {
    const own = { ...settings, NOTES_DATABASE: `${settings.NOTES_DATABASE}-${name}` };
    const joined = await joinService(
      { ...notesService, name },
      { settings: own, client, registry, authorize, logger: silent() },
    );
    await app.register(joined.plugin, { prefix: `/${name}` });
  }
  for (const name of ['one', 'two'])
    await app.inject({ method: 'POST', url: `/${name}/notes`, headers: ada, payload: { text: name } });
  const lines = (await registry.metrics()).split('\n');
  expect(lines.filter((line) => line.startsWith('# TYPE http_request_duration_seconds'))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith('foldline_events_stored_total'))).toEqual([
    'foldline_events_stored_total{collection="NoteEvents",service="one"} 1',
    'foldline_events_stored_total{collection="NoteEvents",service="two"} 1',
  ]);
  await app.close();
  expect(registry.getMetricsAsArray()).toEqual([]);
  for (const name of ['one', 'two']) await client.db(`${settings.NOTES_DATABASE}-${name}`).dropDatabase();
});

test.each<[string, object, RegExp]>([
  ['a port', { settings: { NOTES_PORT: '3004' } }, /^NOTES_PORT has no effect, because the application listens/],
  ['a host', { settings: { HOST: '0.0.0.0' } }, /^HOST has no effect/],
  [
    'two addresses',
    { settings: { MONGODB_URI: 'mongodb://h' } },
    /^MONGODB_URI has no effect, because client is given/,
  ],
  [
    'two sorts of callers',
    { settings: { API_TOKENS: 'a=b' } },
    /^API_TOKENS has no effect, because authorize is given/,
  ],
  ['two levels', { settings: { LOG_LEVEL: 'info' } }, /^LOG_LEVEL has no effect, because logger is given/],
  ['nobody who calls', { authorize: undefined }, /give authorize, or set API_TOKENS/],
  ['an unknown part', { mongo: {} }, /^notes is given mongo, which is not known: there are settings, client, kafka/],
  ['a logger of another shape', { logger: { info() {} } }, /^The given logger has no trace, debug, warn/],
  ['brokers without topics', { kafka: { brokers: ['h:1'] } }, /^notes follows no topics: leave kafka out/],
  ['another client', { client: { db() {} } }, /is no MongoClient of the package mongodb/],
])('refused in words: %s', async (_what, more, sentence) => {
  const given = { settings, client: database.client, authorize, logger: silent(), ...more };
  await expect(joinService(notesService, given)).rejects.toThrow(sentence);
});

test('refused in words: no prefix, a prefix with parameters, and a second registration', async () => {
  const joined = await joinService(notesService, { settings, client: database.client, authorize, logger: silent() });
  const registered = async (options: { prefix?: string }) => {
    const app = fastify();
    await app.register(joined.plugin, options);
    open.push(app);
  };
  await expect(registered({})).rejects.toThrow(/needs a prefix such as \/notes/);
  await expect(registered({ prefix: '/:tenant' })).rejects.toThrow(/without parameters/);
  await registered({ prefix: '/a' });
  await expect(registered({ prefix: '/b' })).rejects.toThrow(/registered under \/a already/);
});

test('a start that fails leaves nothing that goes on with the client of the application', async () => {
  const given = { settings, client: database.client, authorize, logger: silent() };
  const processes = database.db.collection('Processes');
  let running = 0;
  const failing: typeof notesService = {
    ...notesService,
    async own() {
      running = await processes.countDocuments();
      throw new Error('of its own');
    },
  };
  await expect(joinService(failing, given)).rejects.toThrow('of its own');
  expect([running, await processes.countDocuments()]).toEqual([1, 0]);
});

test('refused in words: a series of the application under the same name; nothing goes on', async () => {
  const registry = new Registry();
  new Counter({ name: 'foldline_events_stored_total', help: 'of others', registers: [registry] });
  const given = { settings, client: database.client, authorize, logger: silent(), registry };
  await expect(joinService(notesService, given)).rejects.toThrow(
    /has a series foldline_events_stored_total of another part/,
  );
  expect(registry.getMetricsAsArray()).toHaveLength(1);
});
