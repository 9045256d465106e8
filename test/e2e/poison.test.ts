// Goal: what cannot be processed holds its own subject, visibly, and nothing else; and a service that receives nothing says so.
// Method: poison is published straight to the topic, or inserted around the API; after each, a user created by the API must be
// readable in the shop within seconds, on every partition. The wire itself is cut by a failpoint that only the connector meets, and
// batches are compressed by every setting that there is, made too large, and broken in the broker's files.
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kafkaSnapshots } from 'foldline/kafka';
import { silentLogger } from 'foldline/testing';
import { CompressionTypes } from 'kafkajs';
import { runAdmin } from './support/admin-process.ts';
import { restartConnector, setConnector, statesOf } from './support/connect-control.ts';
import { produceByJava } from './support/java-producer.ts';
import { type LogControl, openLogControl } from './support/log-control.ts';
import { breakBatch, type StoredBatch, storedBatches } from './support/log-segments.ts';
import { figureOf, heldIn, readinessOf, seriesIn, whenFigure, whenHeld } from './support/operations.ts';
import { carryOutRemedy } from './support/remedy.ts';
import { get, readAt, send } from './support/requests.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';
import { openUserFlow, type UserFlow } from './support/user-flow.ts';
import { waitUntil } from './support/wait-until.ts';

const topic = 'user-events';
const partitions = [0, 1, 2, 3, 4, 5];
const connectorName = 'foldline-connector';

let system: TestSystem;
let users: string;
let shop: string;
let flow: UserFlow;
let log: LogControl;

beforeAll(async () => {
  const env = { PROGRESS_STALLED_AFTER_MS: '3000', PROGRESS_LOOK_EVERY_MS: '200' };
  system = await startTestSystem({ kafka: true, ownServers: true, enableTestCommands: true, env });
  users = system.ready.userService;
  shop = system.ready.shoppingService;
  flow = await openUserFlow(system);
  log = await openLogControl(system.ready.kafka as string, 'shopping-service', system.shopping);
}, startLimitMs);

afterAll(async () => {
  await log?.close();
  await flow?.close();
  await system?.close();
}, stopLimitMs);

const heldSubjects = (url: string, projector: string) => figureOf(url, 'foldline_held_subjects', projector);

test('values in which no event can be read hold their own places, on every partition', async () => {
  const whole = { ...(await flow.publishedFormOf(await flow.createUser(), 1)), id: randomUUID() };
  const poison: (Buffer | string | null)[] = [
    Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
    null,
    '',
    '[]',
    '{"specversion":"1.0","id":"1"}',
    JSON.stringify({ ...whole, version: '1' }),
    JSON.stringify({ ...whole, time: 'yesterday' }),
    JSON.stringify({ ...whole, subject: 'nobody' }),
    '['.repeat(100_000),
    '{"specversion":{"toString":0}}',
    JSON.stringify({ ...whole, id: [[{ valueOf: 1, toString: 2 }]] }),
    `{"specversion":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    JSON.stringify({ ...whole, data: 0 }).replace('"data":0', `"data":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`),
    JSON.stringify({ ...whole, type: 'x'.repeat(600_000) }),
  ];
  const key = `user-${randomUUID()}`;
  const messages = partitions.flatMap((partition) => poison.map((value) => ({ partition, key, value })));
  const sent = await flow.producer.send({ topic, messages });

  await whenFigure(shop, 'foldline_held_subjects', 'shop', messages.length);
  await flow.expectOthersFlow();
  const held = await heldIn(shop);
  expect(held.size).toBe(messages.length);
  for (const { partition, baseOffset } of sent) {
    const shown = poison.map((_, i) => held.get(`${topic}/${partition}@${Number(baseOffset) + i}`));
    expect(shown.map((one) => one?.reason)).toEqual(poison.map(() => 'unreadable'));
    expect(shown[1]?.detail).toContain('null');
    expect(shown[6]?.detail).toContain('yesterday');
    expect(shown[9]?.detail).toBe('specversion is an object, expected "1.0"');
    expect(shown.filter((one) => (one?.detail.length ?? 0) > 150)).toEqual([]);
  }
  expect((await get(`${shop}/readyz?verbose`)).text.length).toBeLessThan(50_000);
  expect((await readinessOf(shop)).status).toBe(200);
  expect(await heldSubjects(users, 'users')).toBe(0);
}, 60_000);

test('troubleshooting: "specversion is an object": a message that holds no event', async () => {
  const value = '{"specversion":{"toString":0}}';
  const [sent] = await flow.producer.send({ topic, messages: [{ partition: 3, key: 'nobody', value }] });
  const key = `${topic}/3@${sent?.baseOffset}`;
  expect(await whenHeld(shop, key)).toMatchObject({
    reason: 'unreadable',
    detail: 'specversion is an object, expected "1.0"',
  });
  await flow.expectOthersFlow();

  const heading = '"specversion is an object": a message that holds no event';
  const [listed, dismissed] = await carryOutRemedy(system, heading, { 'user-events/0@17': key });
  expect(listed?.stdout).toContain(`${key}\n    unreadable`);
  expect(dismissed).toMatchObject({ code: 0, stderr: '' });
  expect((await heldIn(shop)).has(key)).toBe(false);
}, 60_000);

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Published until the batches really come in this compression: a broker takes a changed setting up a moment after it has agreed to it. */
async function expectBatchesIn(codec: (typeof codecs)[number], publish: () => Promise<unknown>): Promise<void> {
  await waitUntil(`batches in ${codec}`, 15_000, async () => {
    const before = await batchesOf(topic);
    await publish();
    const come = (await batchesOf(topic)).filter((one) => !before.some((other) => isSame(one, other)));
    const seen = [...new Set(come.map((one) => codecs[one.codec]))];
    return seen.length === 1 && seen[0] === codec ? undefined : `the batches came in ${seen.join(', ') || 'nothing'}`;
  });
}

const batchesOf = (name: string) => storedBatches(system.servers.folders.kafka, name);
const isSame = (one: StoredBatch, other: StoredBatch) => one.file === other.file && one.begin === other.begin;

test('a topic is compressed by its own setting, by the broker’s or by the producer’s: everything arrives', async () => {
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    await log.setCompression({ topic }, codec);
    await expectBatchesIn(codec, flow.expectOthersFlow);
  }
  await log.setCompression({ topic }, '');
  await log.setCompression('broker', 'lz4');
  await expectBatchesIn('lz4', flow.expectOthersFlow);
  await log.setCompression('broker', '');
  await expectBatchesIn('none', flow.expectOthersFlow);

  const whole = await flow.publishedFormOf(await flow.createUser(), 1);
  const ids = Array.from({ length: 20 }, () => randomUUID());
  const messages = ids.map((id) => {
    const event = { ...whole, id: randomUUID(), subject: `user-${id}` };
    return { key: event.subject, value: JSON.stringify(event) };
  });
  await expectBatchesIn('snappy', () => produceByJava(system.ready.kafka as string, topic, 'snappy', messages));
  await Promise.all(ids.map((id) => readAt(`${shop}/customers/${id}`, 1)));
}, 120_000);

test('troubleshooting: "the batch of offsets … cannot be decoded"', async () => {
  await log.setCompression({ topic }, 'zstd');
  expect(await runAdmin(system, 'pause', 'shop')).toMatchObject({ code: 0 });
  // A batch that waits for the end of the pause keeps the consumer from fetching the next one before it is broken.
  await flow.createUser();
  await waitUntil('a batch that waits', 15_000, async () => {
    const lag = await seriesIn(shop, 'foldline_lag_seconds{projector="shop"}');
    return lag !== undefined && lag > 0 ? undefined : `the lag is ${lag}`;
  });
  const { id, come } = await userInBrokenBatch('zstd');
  await log.setCompression({ topic }, '');
  const plain = await userInBrokenBatch('none');
  expect(await runAdmin(system, 'resume', 'shop')).toMatchObject({ code: 0 });

  const key = `${topic}/${come.partition}@${come.first}`;
  const held = await whenHeld(shop, key);
  expect(held).toMatchObject({ reason: 'unreadable' });
  expect(held.detail).toMatch(/^the batch of offsets (\d+) to \1 \(zstd\) cannot be decoded: its checksum is wrong/);
  const plainKey = `${topic}/${plain.come.partition}@${plain.come.first}`;
  expect((await whenHeld(shop, plainKey)).detail).toContain(
    '(no compression) cannot be decoded: its checksum is wrong',
  );
  await flow.expectOthersFlow();
  expect((await readinessOf(shop)).status).toBe(200);
  expect(await flow.customerOf(id)).toBeNull();

  const heading = '"the batch of offsets … cannot be decoded"';
  const [listed, dismissed, verified] = await carryOutRemedy(system, heading, { 'user-events/0@17': key });
  expect(listed?.stdout).toContain(`${key}\n    unreadable`);
  expect(dismissed).toMatchObject({ code: 0, stderr: '' });
  expect((await heldIn(shop)).has(key)).toBe(false);
  expect(verified?.stdout).toContain(`user-${id}`);
  for (const one of [id, plain.id]) expect(await flow.customerOf(one)).toMatchObject({ version: 1 });
}, 90_000);

/** A broker takes a new setting over some time after it has said yes: users are made until one comes in that compression. */
async function userInBrokenBatch(codec: (typeof codecs)[number]): Promise<{ readonly id: string; come: StoredBatch }> {
  for (;;) {
    const before = await batchesOf(topic);
    const id = await flow.createUser();
    const come = await whenStored(before);
    if (codecs[come.codec] !== codec) continue;
    await breakBatch(come);
    return { id, come };
  }
}

/** The batch that comes next. */
async function whenStored(before: readonly StoredBatch[]): Promise<StoredBatch> {
  let come: StoredBatch | undefined;
  await waitUntil('one more batch in the log', 15_000, async () => {
    come = (await batchesOf(topic)).find((one) => !before.some((other) => isSame(one, other)));
    return come ? undefined : 'there is none';
  });
  return come as StoredBatch;
}

test('a batch that holds more than it may, decompressed, is held by its places', async () => {
  const messages = ['{}', ' '.repeat(17_000_000), '{}'].map((value) => ({ partition: 1, key: 'nobody', value }));
  const [sent] = await flow.producer.send({ topic, compression: CompressionTypes.GZIP, messages });
  const first = Number(sent?.baseOffset);
  for (const offset of [first, first + 1, first + 2]) {
    const { detail } = await whenHeld(shop, `${topic}/1@${offset}`);
    expect(detail).toContain(
      `offsets ${first} to ${first + 2} (gzip) cannot be decoded: it holds more than the 16777216`,
    );
  }
  await flow.expectOthersFlow();
}, 60_000);

test('an event with 20,000 headers is read like any other, and at once', async () => {
  const whole = await flow.publishedFormOf(await flow.createUser(), 1);
  const id = randomUUID();
  const value = JSON.stringify({ ...whole, id: randomUUID(), subject: `user-${id}` });
  const headers = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`h${i}`, 'x']));
  await flow.producer.send({ topic, messages: [{ key: `user-${id}`, value, headers }] });
  await readAt(`${shop}/customers/${id}`, 1);
  await flow.expectOthersFlow();
}, 60_000);

test('an event whose data does not fit its contract holds its subject in both services', async () => {
  const id = randomUUID();
  const subject = `user-${id}`;
  const before = await Promise.all([heldSubjects(users, 'users'), heldSubjects(shop, 'shop')]);
  const data = { firstName: 5, lastName: ['x'], email: null };
  await flow.insertEvent({ subject, version: 1, type: 'userCreated_v2', data });
  await flow.insertEvent({ subject, version: 2, type: 'userLastNameChanged_v1', data: { lastName: 'Hopper' } });
  for (const url of [users, shop])
    expect(await whenHeld(url, subject)).toMatchObject({ appliedVersion: 0, reason: 'invalid-data' });
  await flow.expectOthersFlow();

  const current = await get(`${users}/users/${id}`);
  expect(current).toMatchObject({ status: 503, body: { code: 'subject-held', currentVersion: 2 } });
  const stale = await get(`${users}/users/${id}?replay=false`);
  expect(stale).toMatchObject({ status: 404, body: { code: 'snapshot-not-yet' } });
  expect(await flow.customerOf(id)).toBeNull();
  const after = await Promise.all([heldSubjects(users, 'users'), heldSubjects(shop, 'shop')]);
  expect(after).toEqual(before.map((count) => count + 1));
}, 60_000);

test('an event of an unknown version holds a live user where it was', async () => {
  const id = await flow.createUser();
  const subject = `user-${id}`;
  await readAt(`${shop}/customers/${id}`, 1);
  const document = await flow.customerOf(id);
  await flow.insertEvent({ subject, version: 2, type: 'userEmailChanged_v9', data: { address: 'x' } });
  await flow.insertEvent({ subject, version: 3, type: 'userFirstNameChanged_v1', data: { firstName: 'Augusta' } });
  for (const url of [users, shop])
    expect(await whenHeld(url, subject)).toMatchObject({ appliedVersion: 1, reason: 'unknown-version' });
  await flow.expectOthersFlow();
  // What came behind it is not why it stopped.
  for (const url of [users, shop]) expect((await heldIn(url)).get(subject)?.reason).toBe('unknown-version');

  const current = await get(`${users}/users/${id}`);
  expect(current).toMatchObject({ status: 503, body: { code: 'subject-held', currentVersion: 3 } });
  const change = await send('PATCH', `${users}/users/${id}`, { firstName: 'Augusta' });
  expect(change).toMatchObject({ status: 503, body: { code: 'subject-held', currentVersion: 3 } });
  const stale = await get(`${users}/users/${id}?replay=false`);
  expect(stale).toMatchObject({ status: 200, body: { version: 1 } });
  expect(await flow.customerOf(id)).toEqual(document);
  for (const url of [users, shop]) expect((await readinessOf(url)).status).toBe(200);
}, 60_000);

test('a repeat has no effect; the same version under another id is an alarm, and has no effect either', async () => {
  const id = await flow.createUser();
  await readAt(`${shop}/customers/${id}`, 1);
  const document = await flow.customerOf(id);
  const event = await flow.publishedFormOf(id, 1);
  const figures = () =>
    Promise.all(['foldline_events_repeated_total', 'foldline_forks_total'].map((name) => figureOf(shop, name, 'shop')));
  const [repeats, forks] = (await figures()) as [number, number];

  await flow.publish(event);
  await whenFigure(shop, 'foldline_events_repeated_total', 'shop', repeats + 1);
  expect(await figures()).toEqual([repeats + 1, forks]);
  expect(await flow.customerOf(id)).toEqual(document);

  await flow.publish({
    ...event,
    id: randomUUID(),
    data: { firstName: 'Eve', lastName: 'Fork', email: 'eve@example.org' },
  });
  await whenFigure(shop, 'foldline_forks_total', 'shop', forks + 1);
  expect(await flow.customerOf(id)).toEqual(document);
  await send('PATCH', `${users}/users/${id}`, { firstName: 'Augusta' });
  const { body } = await readAt(`${shop}/customers/${id}`, 2);
  expect(body).toMatchObject({ firstName: 'Augusta', lastName: 'Lovelace' });
}, 60_000);

test('a hole holds the subject where it was, until everything that came is in the document', async () => {
  const id = await flow.createUser();
  const subject = `user-${id}`;
  await readAt(`${shop}/customers/${id}`, 1);
  const first = await flow.publishedFormOf(id, 1);
  const third = {
    ...first,
    id: randomUUID(),
    version: 3,
    type: 'userFirstNameChanged_v1',
    data: { firstName: 'Ada M.' },
  };
  await flow.publish(third);
  expect(await whenHeld(shop, subject)).toMatchObject({ appliedVersion: 1, reason: 'hole' });
  await flow.expectOthersFlow();
  expect(await flow.customerOf(id)).toMatchObject({ version: 1, data: { firstName: 'Ada' } });
  expect((await heldIn(users)).has(subject)).toBe(false);

  const second = { ...third, id: randomUUID(), version: 2, data: { firstName: 'Augusta' } };
  await flow.publish(second);
  await readAt(`${shop}/customers/${id}`, 2);
  expect(await whenHeld(shop, subject)).toMatchObject({ reason: 'hole' });
  await flow.publish(third);
  await readAt(`${shop}/customers/${id}`, 3);
  await waitUntil('the release', 15_000, async () => {
    const held = (await heldIn(shop)).get(subject);
    return held && JSON.stringify(held);
  });
}, 60_000);

test('a connector that says RUNNING and delivers nothing: the shop is not ready until news flows again', async () => {
  const connectUrl = system.ready.connect as string;
  const uri = join(system.servers.folders.secrets, 'mongodb-uri');
  // The failpoint tells the connector from the services by this name, which a connection takes from its URI.
  await writeFile(uri, `${await readFile(uri, 'utf8')}&appName=${connectorName}`);
  await refuseAggregates('alwaysOn');
  await restartConnector(connectUrl, topic);
  const ids = await flow.expectShopNotReady();
  expect(await statesOf(connectUrl, topic)).toBe('RUNNING RUNNING');
  await refuseAggregates('off');
  await flow.expectShopReadyAgain(ids);
}, 120_000);

test('a connector that was stopped: the same, and it goes on where it was', async () => {
  const connectUrl = system.ready.connect as string;
  await setConnector(connectUrl, topic, 'stop');
  const ids = await flow.expectShopNotReady();
  await setConnector(connectUrl, topic, 'resume');
  await flow.expectShopReadyAgain(ids);
  await flow.expectOthersFlow();
}, 120_000);

/** Opening a change stream is an aggregate; 13 is "Unauthorized". */
async function refuseAggregates(mode: 'alwaysOn' | 'off'): Promise<void> {
  const data = { failCommands: ['aggregate'], errorCode: 13, appName: connectorName };
  await system.client.db('admin').command({ configureFailPoint: 'failCommand', mode, ...(mode !== 'off' && { data }) });
}

test('what a topic of snapshots lacks is said in words', async () => {
  const snapshotsIn = (topic: string) =>
    kafkaSnapshots({
      brokers: [system.ready.kafka as string],
      clientId: 'test',
      groupId: 'test',
      topic,
      log: silentLogger,
      security: {},
      batchBytesMax: 1_048_576,
      limits: {
        sessionTimeoutMs: 10_000,
        heartbeatEveryMs: 2000,
        fetchBytesMax: 65_536,
        partitionsAtOnceMax: 1,
        silentAfterMs: 30_000,
        retry: { initialMs: 100, maxMs: 1000 },
      },
    });
  const faultOf = (topic: string) => snapshotsIn(topic).unusable();
  await log.makeTopic('nothing-in-it', 'compact');
  expect(await faultOf('nobody-made-it')).toContain('no topic nobody-made-it');
  expect(await faultOf('nothing-in-it')).toContain('is empty');
  expect(await faultOf('user-events')).toContain('cleanup.policy=delete');
  expect(await faultOf('user-snapshots')).toBeUndefined();

  // Of a batch that cannot be decoded each record says so, and the reading comes to its end.
  await log.publish('nothing-in-it', 'one', '{"a":1}');
  await log.publishCompressed('nothing-in-it', ['{}', ' '.repeat(2_000_000)]);
  const records: unknown[] = [];
  await snapshotsIn('nothing-in-it').read({
    signal: new AbortController().signal,
    handle: async (read) => void records.push(...read),
    enough: () => true,
    report() {},
  });
  const unreadable = expect.stringContaining('offsets 1 to 2 (gzip) cannot be decoded: it holds more than the 1048576');
  expect(records).toEqual([
    { position: 'nothing-in-it/0@0', subject: 'one', value: { a: 1 } },
    { position: 'nothing-in-it/0@1', subject: '', value: undefined, unreadable },
    { position: 'nothing-in-it/0@2', subject: '', value: undefined, unreadable },
  ]);
}, 60_000);
