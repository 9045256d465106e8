// Goal: a model is rebuilt under live writes, switched to and left again, and no reader of any process notices: no read fails, none
// is of a half-built model, no version goes back, and the feed stands still for less than a second. Killed in the middle, it ends.
// Method: two processes of the shop on real MongoDB, Kafka and Kafka Connect; readers and a writer that never rest; the operator's
// own command line; at the end every document is held against the independent fold.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { figure } from 'foldline/testing/workspace';
import { runAdmin } from './support/admin-process.ts';
import { seriesIn } from './support/operations.ts';
import { askOracle } from './support/oracle.ts';
import { type RebuildReaders, startRebuildReaders } from './support/rebuild-readers.ts';
import { get, send } from './support/requests.ts';
import { expectSameDocuments } from './support/same-documents.ts';
import { type ShopProcess, startShopProcess } from './support/shop-process.ts';
import type { EventDocument } from './support/stored-events.ts';
import {
  type SubjectDocument,
  startLimitMs,
  startTestSystem,
  stopLimitMs,
  type TestSystem,
} from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';

const customers = figure({ usual: 2_000, full: 100_000 });
const readsAround = figure({ usual: 1_000, full: 10_000 });
const changingCount = 60;
const insertedAtOnce = 2_000;
const arrivalLimitMs = 60_000 + customers * 5;
const fillLimitMs = 60_000 + customers * 3;
const pauseMsMax = 1_000;

interface Moved {
  readonly live: string;
  readonly generations: readonly { readonly name: string; readonly state: string }[];
  readonly stoodStillMs: number;
}

let system: TestSystem;
let second: ShopProcess;
/** To be killed; where a test fails before that, it must not outlive the test. */
let third: ShopProcess | undefined;
let writer: ReturnType<typeof startWriter>;
let readers: RebuildReaders;
const pausesMs: number[] = [];
const urls = () => [system.ready.shoppingService, second.url];
const events = () => system.users.collection<EventDocument>('UserEvents');

/** The verifications would only cost what the machine needs for the rest, and a slow machine writes slowly. */
const env = { VERIFICATION_EVERY_MS: '0', VERIFICATION_SETTLE_MS: '2000' };

beforeAll(async () => {
  system = await startTestSystem({ kafka: true, env });
  second = await startShopProcess(system, { name: 'second-shop', env });
  await second.whenReady();
  const subjects = await insertUsers(customers);
  await waitUntil('every customer in the shop', arrivalLimitMs, async () => {
    const there = await system.shopping.collection('customers').countDocuments({ version: 1 });
    return there < customers ? `${there} copies are there` : undefined;
  });
  const changing = subjects.slice(0, changingCount);
  writer = startWriter(changing);
  const ids = changing.map((subject) => subject.slice('user-'.length));
  readers = await startRebuildReaders({ urls: urls(), changing: ids, readers: 6 });
}, startLimitMs + arrivalLimitMs);

afterAll(async () => {
  await Promise.all([readers?.stop(), writer?.stop()]);
  await Promise.all([second?.process.close(), third?.process.close()]);
  await system?.close();
}, stopLimitMs);

const eventOf = (subject: string, version: number, type: string, data: object) => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/script',
  type,
  subject,
  version,
  time: new Date(),
  data,
});

async function insertUsers(count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () => `user-${randomUUID()}`);
  for (let from = 0; from < count; from += insertedAtOnce) {
    const created = made.slice(from, from + insertedAtOnce).map((subject) => {
      const email = `${subject}@example.org`;
      return eventOf(subject, 1, 'userCreated_v2', { firstName: 'First', lastName: 'Last', email });
    });
    await events().insertMany(created as unknown as EventDocument[], { ordered: true });
  }
  return made;
}

/** Some of them change all the time, each in order. */
function startWriter(subjects: readonly string[]) {
  let stopped = false;
  let version = 1;
  async function writeForEver(): Promise<void> {
    while (!stopped) {
      version += 1;
      const changed = subjects.map((subject) =>
        eventOf(subject, version, 'userLastNameChanged_v1', { lastName: `Last ${version}` }),
      );
      await events().insertMany(changed as unknown as EventDocument[], { ordered: true });
      await pause(100);
    }
  }
  const running = writeForEver();
  return {
    version: () => version,
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** On a busy machine the processes may pause too late. Then nothing is changed, and an operator types the command again. */
const triesMax = 3;

async function admin<T>(...args: readonly string[]): Promise<T> {
  let run = await runAdmin(system, 'rebuild', ...args, '-o', 'json');
  for (let tries = 1; tries < triesMax && run.stderr.includes('503 pause-not-agreed'); tries += 1)
    run = await runAdmin(system, 'rebuild', ...args, '-o', 'json');
  const { code, stdout, stderr } = run;
  if (code !== 0) throw new Error(`rebuild ${args.join(' ')} ended with ${code}: ${stderr} ${stdout}`);
  return JSON.parse(stdout) as T;
}

/** One move of the pointer, and how long each process stood still for it. */
async function moved(step: 'switch' | 'rollback'): Promise<Moved> {
  const now = await admin<Moved>(step, 'customers');
  const series = 'foldline_move_pause_seconds{model="customers"}';
  const seconds = await Promise.all(urls().map((url) => seriesIn(url, series)));
  const stoodMs = [now.stoodStillMs, ...seconds.map((one) => 1000 * (one ?? Number.NaN))];
  pausesMs.push(...stoodMs);
  for (const ms of stoodMs) expect(ms).toBeLessThan(pauseMsMax);
  return now;
}

const whenFollows = (url: string, generation: string) =>
  waitUntil(`${generation} follows`, fillLimitMs, async () => {
    const { body } = await get(`${url}/admin/models`);
    const shown = JSON.stringify(body);
    return shown.includes(`"name":"${generation}","state":"following"`) ? undefined : shown;
  });

test(
  `${customers} customers are rebuilt from the topic; ${readsAround} reads around switches and rollbacks`,
  async () => {
    const begun = await admin<Moved>('start', 'customers');
    expect(begun.generations).toMatchObject([
      { name: 'customers', state: 'live' },
      { name: 'customers_g2', state: 'following' },
    ]);
    expect(await admin('compare', 'customers')).toMatchObject({ state: 'equal', listed: [] });
    const before = readers.reads();
    await readers.whenRead(readsAround / 8);
    for (const [step, live] of [
      ['switch', 'customers_g2'],
      ['rollback', 'customers'],
      ['switch', 'customers_g2'],
      ['rollback', 'customers'],
    ] as const) {
      expect((await moved(step)).live).toBe(live);
      await readers.whenRead(readsAround / 4);
    }
    expect(readers.reads() - before).toBeGreaterThan(readsAround);
    expect(readers.faults()).toEqual([]);
    expect(readers.notes.rises()).toBeGreaterThan(changingCount * 4);
    process.stderr.write(`${readers.reads()} reads; stood still for ${pausesMs.map(Math.round).join(', ')} ms\n`);
    await admin('discard', 'customers');
  },
  fillLimitMs + arrivalLimitMs,
);

test(
  'the process that fills is killed in the middle: another ends the fill, and no reader saw any of it',
  async () => {
    third = await startShopProcess(system, { name: 'third-shop', env: { ...env, CRASH_AT: 'backfill-batch:2' } });
    await third.whenReady();
    const answer = await send('POST', `${third.url}/admin/models/customers/rebuild`, { from: 'snapshots' });
    expect(answer.status).toBe(202);
    const { process: killed } = third;
    await waitUntil('the end of the third', fillLimitMs, async () => (killed.ended() ? undefined : 'it runs'));
    expect(killed.ended()).toEqual({ code: null, signal: 'SIGKILL' });
    await whenFollows(system.ready.shoppingService, 'customers_g3');
    expect(await admin('compare', 'customers')).toMatchObject({ state: 'equal' });
    expect(readers.faults()).toEqual([]);
  },
  fillLimitMs,
);

test('the new one is live for good: the former one is dropped, and each document is what its events make', async () => {
  await moved('switch');
  await admin('discard', 'customers', 'customers');
  await writer.stop();
  const live = system.shopping.collection<SubjectDocument>('customers_g3');
  await waitUntil('the last writes', arrivalLimitMs, async () => {
    const there = await live.countDocuments({ version: writer.version() });
    return there === changingCount ? undefined : `${there} are at ${writer.version()}`;
  });
  await readers.stop();
  expect(readers.faults()).toEqual([]);
  const { customers: expected } = await askOracle(system.users, system.shopping);
  expectSameDocuments('customers', await live.find().toArray(), expected);
  const names = (await system.shopping.listCollections({ name: /^customers/ }).toArray()).map(({ name }) => name);
  expect(names).toEqual(['customers_g3']);
}, 120_000);
