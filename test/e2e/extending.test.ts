// Goal: docs/add-a-consumer.md adds a third service as it says: its two files compile, run on real Kafka, and what the page shows is
// what is answered, also after the service was away. And a version that a consumer does not know holds one user until a consumer comes
// that knows it, as docs/add-an-event-version.md says. And topics of others are followed. Method: a folder like this repository, the page's files in it, the page's
// commands in a shell; then two versions of a consumer, one after the other, in this process.

import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { freePort } from '@foldline/system';
import type { LatestEvent } from 'foldline/contracts';
import type { Decode } from 'foldline/engine';
import type { Document } from 'mongodb';
import { filesOf } from '../rules/command-blocks.ts';
import { type AdminRun, runAdminIn } from './support/admin-process.ts';
import { openConsumerGroup } from './support/consumer-group.ts';
import { cloudTopic, followForeignOrders, openForeignProducer, outboxTopic } from './support/foreign-orders.ts';
import { openLogControl } from './support/log-control.ts';
import { readinessOf, seriesIn } from './support/operations.ts';
import { runPage } from './support/page-commands.ts';
import { after, before, type nextContracts, startReaders } from './support/readers.ts';
import { get, readAt, send } from './support/requests.ts';
import { startServiceProcess } from './support/service-process.ts';
import { startSlowOwner } from './support/slow-owner.ts';
import {
  type SubjectDocument,
  startLimitMs,
  startTestSystem,
  stopLimitMs,
  type TestSystem,
} from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';

const root = resolve(__dirname, '..', '..');
let system: TestSystem;
let folder: string;

beforeAll(async () => {
  system = await startTestSystem({ kafka: true });
  folder = await mkdtemp(join(tmpdir(), 'foldline-consumer-'));
  const asBuilt = { recursive: true, preserveTimestamps: true };
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  // Copies with their times, so that the page's build finds `shared` built: other test files run on what is built.
  for (const name of ['package.json', 'tsconfig.base.json', 'shared'])
    await cp(join(root, name), join(folder, name), asBuilt);
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
    // A busy machine needs as long as is allowed to stand still for the page's switch.
    env: { GENERATION_MOVE_WITHIN_MS: '900', GENERATION_LOOK_EVERY_MS: '50' },
    replace: {
      'mongodb://127.0.0.1:21157/?replicaSet=foldline': ready.mongodb,
      '127.0.0.1:20571': ready.kafka as string,
      'http://127.0.0.1:3001': ready.userService,
      'http://127.0.0.1:3003': `http://127.0.0.1:${port}`,
      'PORT=3003': `PORT=${port}`,
    },
  });
  const said = [...printed.values()].join('\n');
  expect(said).toContain('\nheld 0 (0 in mailing-service)\n');
  expect(said).toMatch(/\nmailing-service +mailing +running +0 .* recipients +recipients +not yet\n/);
  expect(said).toContain('mailing-service: recipients against user-service: equal');
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

const operatedLimitMs = 60_000;

test('the service of the page is operated as every other', async () => {
  const { ready, servers } = system;
  const [group, log, owner] = await Promise.all([
    openConsumerGroup(ready.kafka as string, 'operated'),
    openLogControl(ready.kafka as string, 'operated', system.client.db('operated')),
    startSlowOwner(ready.userService),
  ]);
  const users = system.users.collection<SubjectDocument>('Users');
  const copies = (name = 'recipients') => system.client.db('operated').collection<SubjectDocument>(name);
  const email = (n: number) => `operated-${n}@example.org`;
  const create = async (n: number) => {
    const answer = await send('POST', `${ready.userService}/users`, {
      firstName: 'Ada',
      lastName: 'King',
      email: email(n),
    });
    expect(answer.status).toBe(201);
    return answer.body.id;
  };
  const start = () =>
    startServiceProcess(servers, {
      name: 'mailing-service',
      script: join(root, 'test/dist/e2e/mailing/server.js'),
      portVariable: 'PORT',
      env: {
        DATABASE: 'operated',
        KAFKA_GROUP: 'operated',
        USER_SERVICE_URL: owner.url,
        USER_SERVICE_TIMEOUT_MS: '60000',
        PROGRESS_LOOK_EVERY_MS: '500',
      },
    });
  let service = await start();
  /** On a busy machine a process may not stand still in time. Then nothing is changed, and an operator types the command again. */
  async function admin(...args: readonly string[]): Promise<AdminRun> {
    const once = () => runAdminIn(root, {}, [...args, '--service', `mailing-service=${service.url}`]);
    let run = await once();
    for (let tries = 1; tries < 3 && run.stderr.includes('503 pause-not-agreed'); tries += 1) run = await once();
    return run;
  }
  const status = async () => {
    const { code, stdout } = await admin('status', '-o', 'json');
    expect(code).toBe(0);
    return (JSON.parse(stdout) as { projections: object[] }).projections[0];
  };
  const whenReady = () =>
    waitUntil('a mailing service that is ready', operatedLimitMs, async () => {
      const { status: code, checks } = await readinessOf(service.url);
      return code === 200 ? undefined : JSON.stringify(checks);
    });
  const snapshotOf = async (name?: string) => {
    const found = await copies(name).find().sort({ _id: 1 }).toArray();
    return found.map(({ _id, version, state, data }) => ({ _id, version, state, data }));
  };
  try {
    for (let n = 1; n <= 20; n += 1) await create(n);

    // It is new, and its owner has not answered yet: nothing of it is complete.
    await service.whenReady();
    await waitUntil('a question for all events', operatedLimitMs, async () => (owner.asked() > 0 ? undefined : 'none'));
    const { status: code, checks } = await readinessOf(service.url);
    expect([code, checks.find(({ name }) => name === 'resync')?.detail]).toEqual([
      503,
      expect.stringContaining('user-events has been resyncing (new)'),
    ]);
    expect(await status()).toMatchObject({ name: 'mailing', state: 'resyncing' });
    owner.answer();
    await whenReady();
    const resyncs = `foldline_resync_tries_total{topic="user-events",reason="new"}`;
    expect(await seriesIn(service.url, resyncs)).toBe(1);
    expect(await copies().countDocuments({ version: { $gt: 0 } })).toBe(await users.countDocuments());
    expect(await seriesIn(service.url, 'foldline_gap_events{projector="mailing",source="user-events"}')).toBeDefined();

    // Paused: what is published meanwhile waits in the topic, and is there after the resume.
    expect(await admin('pause', 'mailing', '--reason', 'the disk is moved')).toMatchObject({ code: 0, stderr: '' });
    const late = await create(21);
    await waitUntil('one event that waits', operatedLimitMs, async () => {
      const shown = await status();
      const { gap } = shown as { gap?: { events: number } };
      return gap?.events === 1 ? undefined : JSON.stringify(shown);
    });
    expect(await status()).toMatchObject({ state: 'paused', pause: { reason: 'the disk is moved' } });
    expect((await get(`${service.url}/recipients/${late}`)).status).toBe(404);
    expect(await admin('resume', 'mailing')).toMatchObject({ code: 0, stderr: '' });
    await readAt(`${service.url}/recipients/${late}`, 1);

    // A change by hand is found against the events of the owner, and repaired.
    const right = await snapshotOf();
    await copies().updateOne({ _id: `user-${late}` }, { $set: { 'data.email': 'by-hand@example.org' } });
    const found = await admin('verify', 'recipients');
    expect(found.code).toBe(4);
    expect(found.stdout).toMatch(new RegExp(`different +user-${late} `));
    expect(await admin('verify', 'recipients', '--repair')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('recipients against user-service: equal now, 1 repaired (different 1)'),
    });
    expect(await admin('verify', 'recipients')).toMatchObject({ code: 0 });
    expect(await snapshotOf()).toEqual(right);

    // A new generation is filled from the owner, read, and left again.
    expect(await admin('rebuild', 'recipients', '--from', 'owner')).toMatchObject({ code: 0 });
    expect(await admin('rebuild', 'compare', 'recipients')).toMatchObject({ code: 0 });
    for (const [step, live] of [
      ['switch', 'recipients_g2'],
      ['rollback', 'recipients'],
    ] as const) {
      expect(await admin('rebuild', step, 'recipients')).toMatchObject({ code: 0 });
      expect(await status()).toMatchObject({ models: [{ name: 'recipients', collection: live }] });
      expect((await get(`${service.url}/recipients/${late}`)).body).toMatchObject({ version: 1, email: email(21) });
    }
    expect(await snapshotOf('recipients_g2')).toEqual(right);
    expect(await admin('rebuild', 'discard', 'recipients', '--yes')).toMatchObject({ code: 0 });

    // Its offsets are gone: the owner is asked for everything, also for what was stored while the service was away.
    service.process.kill('SIGKILL');
    await service.process.exited;
    await group.removeMembers();
    await log.forgetOffsets();
    const missed = await create(22);
    await copies().deleteMany({});
    const asked = owner.asked();
    service = await start();
    await service.whenReady();
    await whenReady();
    expect(await seriesIn(service.url, resyncs)).toBe(1);
    expect(owner.asked()).toBeGreaterThan(asked);
    await readAt(`${service.url}/recipients/${missed}`, 1);
    expect(await snapshotOf()).toEqual(expect.arrayContaining(right));
    expect(await admin('verify', 'recipients')).toMatchObject({ code: 0 });
    for (const { own } of await log.placesIn('user-events')) expect(own).toBeGreaterThanOrEqual(0);
  } finally {
    await service.process.close();
    await Promise.all([group.close(), log.close(), owner.close()]);
  }
}, 300_000);

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
  const old = await startReaders(system, before);
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

  const next = await startReaders(system, after);
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
