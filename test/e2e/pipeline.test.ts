// Goal: nothing is lost, doubled or bent on the way from a request to the store, the snapshots, the topics and the shop,
// while every process on that way is killed once. Method: eight clients work over HTTP and repeat what was not answered;
// afterwards every document is compared with a fold of the stored events that shares no code with the services.
import { randomUUID } from 'node:crypto';
import { userSnapshot_v1 } from '@foldline/contracts';
import { CloudEvent } from 'cloudevents';
import { seededRandom } from 'foldline/testing';
import { testSeed } from 'foldline/testing/workspace';
import { carryOutWork, type Done } from './support/clients.ts';
import { restartConnector, whenRunning } from './support/connect-control.ts';
import type { Oracle } from './support/oracle.ts';
import { userBodyOf } from './support/oracle-bodies.ts';
import { insertByPlainScript } from './support/plain-script.ts';
import { waitForPositions } from './support/positions.ts';
import { get, readAt, send } from './support/requests.ts';
import { canonical, expectSameDocuments } from './support/same-documents.ts';
import type { EventDocument } from './support/stored-events.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';
import { expectBodiesAsStored, expectDocumentsAsStored, sample } from './support/whole-system.ts';
import { workloadOf } from './support/workload.ts';
import { readTopics, type TopicReader } from './topic-reader.ts';

const seed = testSeed();
const size = { users: 500, categories: 20, items: 200, orders: 100 };
const connectors = ['user-events', 'catalog-events', 'order-events', 'user-snapshots'];

let system: TestSystem;
let reader: TopicReader;
let done: Done;
let oracle: Oracle;

beforeAll(async () => {
  system = await startTestSystem({ kafka: true, ownServers: true });
  reader = await readTopics(system.ready.kafka as string, ['user-events', 'user-snapshots']);
}, startLimitMs);

afterAll(async () => {
  await reader?.close();
  await system?.close();
}, stopLimitMs);

test(`eight clients, while each service and the connectors are restarted (seed ${seed})`, async () => {
  const { tasks, latecomers } = workloadOf(size, seededRandom(seed));
  const connectUrl = system.ready.connect as string;
  const kill = { signal: 'SIGKILL' } as const;
  done = await carryOutWork({
    urls: system.ready,
    tasks,
    clients: 8,
    heldBack: latecomers,
    disturbances: [
      { name: 'kill user-service', after: 0.15, run: () => system.userService.restart(kill) },
      { name: 'kill the worker', after: 0.3, run: replaceWorker },
      { name: 'kill shopping-service', after: 0.5, run: () => system.shoppingService.restart(kill) },
    ],
  });
  await restartConnector(connectUrl, 'user-events');
  expect(done.repeated).toBeGreaterThan(0);

  async function replaceWorker(): Promise<void> {
    await system.restartWorker();
    await whenRunning(connectUrl, connectors);
    await restartConnector(connectUrl, 'catalog-events');
  }
}, 420_000);

test('a script with only the driver: its event becomes a snapshot and a customer, and holds its address', async () => {
  const id = randomUUID();
  const email = 'Old.Timer@example.org';
  const data = { name: ' Ada  King Lovelace ', email };
  const envelope = { specversion: '1.0', id: randomUUID(), source: '/script', type: 'userCreated_v1' };
  const event = { ...envelope, subject: `user-${id}`, version: 1, time: new Date().toISOString(), data };
  await insertByPlainScript(system.ready.mongodb, 'users', 'UserEvents', event);

  const snapshot = await readAt(`${system.ready.userService}/users/${id}`, 1);
  expect(snapshot.body).toMatchObject({ firstName: 'Ada  King', lastName: 'Lovelace', email });
  const customer = await readAt(`${system.ready.shoppingService}/customers/${id}`, 1);
  expect(customer.body).toMatchObject({ state: 'available', firstName: 'Ada  King', lastName: 'Lovelace', email });

  await waitUntil('the late claim of the address', 10_000, async () => {
    const stored = await system.users.collection('UserEvents').findOne({ id: event.id });
    return stored?.claims ? undefined : `the event has no claims: ${JSON.stringify(stored)}`;
  });
  const other = { firstName: 'Another', lastName: 'One', email: 'old.timer@EXAMPLE.org' };
  const taken = await send('POST', `${system.ready.userService}/users`, other);
  expect([taken.status, taken.body.code]).toEqual([409, 'email-taken']);
}, 60_000);

test('every stored event arrives, and every snapshot and every shop document equals the independent fold', async () => {
  await waitForPositions(system, 60_000);
  oracle = await expectDocumentsAsStored(system);
  for (const kind of ['customers', 'categories', 'items'] as const)
    expect([...oracle[kind].values()].some(({ state }) => state === 'notYetAvailable')).toBe(true);
}, 90_000);

test('every request answered with success is in the store exactly once, and nothing else is', () => {
  const byClaim = new Map<string, EventDocument[]>();
  const bySubject = new Map<string, EventDocument>(oracle.events.map((event) => [placeOf(event), event]));
  for (const event of oracle.events)
    for (const claim of event.claims ?? []) byClaim.set(claim, [...(byClaim.get(claim) ?? []), event]);

  const faults = done.accepted.flatMap(({ method, path, body, claim, id, version, eventCount }) => {
    const found = byClaim.get(claim) ?? [];
    const [first] = found;
    const what = `${method} ${path} ${JSON.stringify(body)} at version ${version}`;
    if (found.length !== 1 || first === undefined) return [`${what} is stored ${found.length} times`];
    const last = bySubject.get(`${first.subject} ${version}`);
    if (!first.subject.endsWith(id) || first.request?.lastVersion !== version || last === undefined)
      return [`${what} is stored as ${first.subject} at version ${first.version}`];
    const written = Object.assign({}, ...eventsBetween(first, version).map(({ data }) => data));
    const { id: _, ...asked } = { id, ...body };
    const right = version - first.version + 1 === eventCount && canonical(written) === canonical(asked);
    return right ? [] : [`${what} is stored as ${JSON.stringify(written)}`];
  });
  expect(faults.slice(0, 3)).toEqual([]);
  const counted = done.accepted.reduce((sum, { eventCount }) => sum + eventCount, 0);
  const ofTheScript = 1;
  expect(oracle.events).toHaveLength(counted + ofTheScript);

  function placeOf({ subject, version }: EventDocument): string {
    return `${subject} ${version}`;
  }
  function eventsBetween({ subject, version }: EventDocument, last: number): EventDocument[] {
    const versions = Array.from({ length: last - version + 1 }, (_, i) => version + i);
    return versions.map((one) => bySubject.get(`${subject} ${one}`) as EventDocument);
  }
});

test('no address is held by two live users', () => {
  const live = [...oracle.users.values()].filter(({ state }) => state === 'active');
  const addresses = live.map(({ data }) => data.email.trim().toLowerCase());
  expect(addresses.filter((address, i) => addresses.indexOf(address) !== i)).toEqual([]);
});

test('bodies are what the stored events say, references joined', async () => {
  await expectBodiesAsStored(system, oracle, 25);
  for (const document of sample([...oracle.users.values()], 50)) {
    const { status, body } = await get(`${system.ready.userService}/users/${document._id.slice(-36)}`);
    if (document.state === 'deleted') expect(status).toBe(410);
    else expect(body).toMatchObject(userBodyOf(document));
  }
});

test('the topic of events: bare subjects as keys, one partition a subject, valid CloudEvents in the order of versions', async () => {
  const stored = new Map(oracle.events.map((event) => [event.id, event]));
  const ofUsers = oracle.events.filter(({ subject }) => subject.startsWith('user-'));
  await waitUntil('every user event in the topic', 20_000, async () => {
    const ids = new Set(reader.all('user-events').map(({ value }) => JSON.parse(value as string).id));
    const missing = ofUsers.filter(({ id }) => !ids.has(id));
    return missing.length === 0 ? undefined : `${missing.length} are missing, first ${missing[0]?.subject}`;
  });
  const partitions = new Map<string, number>();
  const versions = new Map<string, number>();
  for (const { key, value, partition, headers } of reader.all('user-events')) {
    const event = JSON.parse(value as string);
    expect(key).toBe(event.subject);
    expect(partitions.get(event.subject) ?? partition).toBe(partition);
    partitions.set(event.subject, partition);
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=UTF-8');
    expect(new CloudEvent({ ...event }).validate()).toBe(true);
    const { _id, claims, request, ...travels } = stored.get(event.id) as EventDocument & { _id: unknown };
    // Fractions of a second may be shorter on the wire: instants are compared.
    expect(canonical({ ...event, time: new Date(event.time) })).toBe(canonical(travels));
    const seen = versions.get(event.subject) ?? 0;
    expect(event.version).toBeLessThanOrEqual(seen + 1);
    versions.set(event.subject, Math.max(seen, event.version));
  }
}, 60_000);

test('the topic of snapshots: the last value of each key is the snapshot', async () => {
  const last = () => new Map(reader.all('user-snapshots').map(({ key, value }) => [key as string, value]));
  await waitUntil('the last snapshots in the topic', 20_000, async () => {
    const values = last();
    const versionIn = (value: string | null | undefined) => (value ? JSON.parse(value).version : 0);
    const behind = [...oracle.users].filter(([subject, { version }]) => versionIn(values.get(subject)) !== version);
    return behind.length === 0 ? undefined : `${behind.length} are behind, first ${behind[0]?.[0]}`;
  });
  const travelled = [...last().values()].map((value) => {
    const snapshot = JSON.parse(value as string);
    return { ...snapshot, createdAt: new Date(snapshot.createdAt), time: new Date(snapshot.time) };
  });
  for (const value of last().values()) expect(userSnapshot_v1.safeParse(JSON.parse(value ?? '')).error).toBeUndefined();
  expectSameDocuments('the last values of user-snapshots', travelled, oracle.users);
}, 60_000);
