// Goal: of all customers exactly those are named that a hand changed in the shop's database, after comparing few one by one; a repair
// repairs them, live writes or not; a source that is down is named, and changes nothing. Method: the operator's command line as a process
// of its own, on real MongoDB, Kafka and Kafka Connect; users are events inserted by a plain driver, and so is the tampering.
import { createHash, randomUUID } from 'node:crypto';
import { mongoOwnOffsets, type OffsetsDocument } from 'foldline/mongodb';
import { figure } from 'foldline/testing/workspace';
import { runAdmin } from './support/admin-process.ts';
import { connectCli } from './support/connect-cli.ts';
import { setConnector } from './support/connect-control.ts';
import { type LogControl, openLogControl } from './support/log-control.ts';
import type { Check } from './support/operations.ts';
import { get, send } from './support/requests.ts';
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

const customers = figure({ usual: 5_000, full: 100_000 });
const comparedShareMax = 0.05;
const insertedAtOnce = 2_000;
const arrivalLimitMs = 60_000 + customers * 5;
const verifyLimitMs = 60_000 + customers * 3;

let system: TestSystem;
let subjects: string[];
let log: LogControl;
let shop: ShopProcess | undefined;
const copies = () => system.shopping.collection<SubjectDocument>('customers');
const events = () => system.users.collection<EventDocument>('UserEvents');

beforeAll(async () => {
  system = await startTestSystem({ kafka: true });
  log = await openLogControl(system.ready.kafka as string, 'shopping-service', system.shopping);
  subjects = await insertUsers(customers);
  await waitUntil('every customer in the shop', arrivalLimitMs, async () => {
    const [snapshots, there] = await Promise.all([
      system.users.collection('Users').countDocuments({ version: 2 }),
      copies().countDocuments({ version: 2 }),
    ]);
    return there + snapshots < 2 * customers
      ? `${snapshots} snapshots and ${there} copies are at version 2`
      : undefined;
  });
}, startLimitMs + arrivalLimitMs);

afterAll(async () => {
  await shop?.process.close();
  await log?.close();
  await system?.close();
}, stopLimitMs);

/** Users with two versions each. */
async function insertUsers(count: number): Promise<string[]> {
  const made: string[] = [];
  while (made.length < count) {
    const some = Array.from({ length: Math.min(insertedAtOnce, count - made.length) }, () => `user-${randomUUID()}`);
    const of = (subject: string, version: number, type: string, data: object) => ({
      specversion: '1.0',
      id: randomUUID(),
      source: '/script',
      type,
      subject,
      version,
      time: new Date(),
      data,
    });
    const created = some.map((subject, i) => {
      const email = `${subject}@example.org`;
      return of(subject, 1, 'userCreated_v2', { firstName: `First ${made.length + i}`, lastName: 'Last', email });
    });
    const changed = some.map((subject) => of(subject, 2, 'userLastNameChanged_v1', { lastName: 'Later' }));
    await events().insertMany([...created, ...changed] as unknown as EventDocument[], { ordered: true });
    made.push(...some);
  }
  return made;
}

/** Two changed, two deleted, two added, one set back to what it was at its first version. */
async function tamper(): Promise<Record<string, string>> {
  const [renamed, moved, gone, away, back] = subjects as [string, string, string, string, string];
  await copies().updateOne({ _id: renamed }, { $set: { 'data.firstName': 'By hand' } });
  await copies().updateOne({ _id: moved }, { $set: { 'data.email': 'by-hand@example.org' } });
  await copies().deleteMany({ _id: { $in: [gone, away] } });
  const added = [`user-${randomUUID()}`, `user-${randomUUID()}`] as const;
  const like = (await copies().findOne({ _id: back })) as SubjectDocument;
  await copies().insertMany(added.map((_id) => ({ ...like, _id })));
  const first = (await events().findOne({ subject: back, version: 1 })) as unknown as EventDocument;
  const eventsDigest = createHash('sha256').update(`\n${first.id}\n${first.type}\n1`).digest('hex');
  const older = { version: 1, time: first.time, lastEventId: first.id, eventsDigest, 'data.lastName': 'Last' };
  await copies().updateOne({ _id: back }, { $set: older });
  return {
    [renamed]: 'different',
    [moved]: 'different',
    [gone]: 'missing',
    [away]: 'missing',
    [back]: 'behind',
    [added[0]]: 'extra',
    [added[1]]: 'extra',
  };
}

interface Verified {
  readonly state: string;
  readonly figures: Record<string, number>;
  readonly findings: readonly { readonly kind: string; readonly subject: string }[];
}

async function verify(...flags: readonly string[]) {
  const { code, stdout, stderr } = await runAdmin(system, 'verify', 'customers', ...flags, '-o', 'json');
  const verified = JSON.parse(stdout || 'null') as Verified | null;
  const found = Object.fromEntries((verified?.findings ?? []).map(({ subject, kind }) => [subject, kind]));
  return { code, stderr, found, verified };
}

const snapshot = () => copies().find().sort({ _id: 1 }).toArray();

/** Changes some users for as long as `work` takes, those at the end of the list. @returns how many changes there were */
async function whileUsersChange(work: () => Promise<void>): Promise<number> {
  let changes = 0;
  let working = true;
  const changing = (async () => {
    while (working) {
      const id = subjects[subjects.length - 1 - (changes % 20)]?.slice('user-'.length);
      changes += 1;
      const answer = await send('PATCH', `${system.ready.userService}/users/${id}`, { lastName: `Change ${changes}` });
      expect(answer.status).toBe(200);
    }
  })();
  await work().finally(() => {
    working = false;
  });
  await changing;
  return changes;
}

test(
  `seven of ${customers} customers were tampered with: those are named, repaired under live writes, and then all is equal`,
  async () => {
    expect(await verify()).toMatchObject({ code: 0, found: {}, verified: { state: 'equal' } });
    const right = await snapshot();
    const tampered = await tamper();
    const wrong = await snapshot();

    const looked = await verify();
    expect([looked.code, looked.found]).toEqual([4, tampered]);
    expect(looked.verified?.figures.comparedDocuments).toBeLessThan(customers * comparedShareMax);
    expect(await snapshot()).toEqual(wrong);
    const said = await runAdmin(system, 'verify', 'customers');
    expect(said.code).toBe(4);
    for (const subject of Object.keys(tampered)) expect(said.stdout).toContain(subject);

    const changes = await whileUsersChange(async () => {
      const repaired = await verify('--repair');
      expect([repaired.code, repaired.found, repaired.verified?.state]).toEqual([0, tampered, 'repaired']);
    });
    expect(changes).toBeGreaterThan(0);
    expect(await verify()).toMatchObject({ code: 0, found: {}, verified: { state: 'equal' } });
    // All but those that changed meanwhile are byte for byte what they were before any hand touched them.
    const changed = new Set(subjects.slice(-20));
    const untouched = (documents: SubjectDocument[]) => documents.filter(({ _id }) => !changed.has(_id));
    expect(untouched(await snapshot())).toEqual(untouched(right));
    expect(await runAdmin(system, 'verify', 'users')).toMatchObject({ code: 0 });
  },
  6 * verifyLimitMs,
);

const topic = 'user-events';
const byItself = { VERIFICATION_EVERY_MS: '1000', VERIFICATION_SETTLE_MS: '200' };

/** In the place of the shop, on its port: a shop that verifies by itself. */
async function restartShop(): Promise<void> {
  const port = Number(new URL(system.ready.shoppingService).port);
  shop = await startShopProcess(system, { name: 'verifying-shop', port, env: byItself });
  await shop.whenReady();
}

async function whenFreshness(url: string, wanted: 200 | 503, model: string): Promise<string> {
  let detail = '';
  await waitUntil(`${url}/freshness to be ${wanted}`, verifyLimitMs, async () => {
    const { status, body } = await get(`${url}/freshness?verbose`);
    detail = (body.checks as readonly Check[]).find(({ name }) => name === `complete-${model}`)?.detail ?? '';
    return status === wanted ? undefined : `${status}: ${JSON.stringify(body)}`;
  });
  return detail;
}

test(
  'a range of the topic was passed over, and newer events arrive: the shop finds it and repairs it by itself',
  async () => {
    await system.shoppingService.close();
    const missed = await insertUsers(300);
    await log.whenPublished(topic, await events().countDocuments());
    const ends = (await log.placesIn(topic)).map(({ end }, partition) => [partition, BigInt(end)] as const);
    await mongoOwnOffsets(system.shopping.collection<OffsetsDocument>('Offsets')).set(topic, new Map(ends));
    const [newer] = await insertUsers(1);
    await restartShop();
    await waitUntil('the newer user', arrivalLimitMs, async () =>
      (await copies().findOne({ _id: newer as string })) ? undefined : 'it is not there',
    );
    const missing = async () => 300 - (await copies().countDocuments({ _id: { $in: missed }, version: 2 }));
    await waitUntil('every user that was passed over', verifyLimitMs, async () =>
      (await missing()) === 0 ? undefined : `${await missing()} are missing`,
    );
    expect(await whenFreshness(system.ready.shoppingService, 200, 'customers')).toContain('last verified equal at');
  },
  2 * arrivalLimitMs + 2 * verifyLimitMs,
);

// A snapshot of the owner is wrong, and a copy was made of it: the owner tells, and then the copy.
test(
  'troubleshooting: /freshness answers 503 although the service is ready',
  async () => {
    const { userService, shoppingService } = system.ready;
    await shop?.process.close();
    const _id = subjects[7] as string;
    await system.users.collection<SubjectDocument>('Users').updateOne({ _id }, { $set: { 'data.firstName': 'Wrong' } });
    // A topic that was compacted holds the last snapshot of a subject and no earlier one.
    await setConnector(system.ready.connect as string, 'user-snapshots', 'stop');
    await log.deleteTopic('user-snapshots');
    await log.makeTopic('user-snapshots', 'compact', 6);
    expect(await connectCli(system, ['refill', 'user-snapshots', '--yes'])).toMatchObject({ code: 0 });
    await log.forgetOffsets();
    await copies().deleteMany({});
    await restartShop();
    await waitUntil('the wrong copy', arrivalLimitMs, async () => {
      const copy = await copies().findOne({ _id });
      return copy?.data.firstName === 'Wrong' ? undefined : JSON.stringify(copy);
    });
    expect(await runAdmin(system, 'verify', 'users')).toMatchObject({ code: 4 });
    expect(await whenFreshness(userService, 503, 'users')).toContain('differs now');
    expect(await runAdmin(system, 'verify', 'users', '--repair')).toMatchObject({ code: 0 });
    await whenFreshness(userService, 200, 'users');
    expect(await whenFreshness(shoppingService, 503, 'customers')).toContain('a verification found 1 subjects');
    expect(await runAdmin(system, 'verify', 'customers')).toMatchObject({ code: 4 });
    expect(await runAdmin(system, 'verify', 'customers', '--repair')).toMatchObject({ code: 0 });
    await whenFreshness(shoppingService, 200, 'customers');
    expect((await copies().findOne({ _id }))?.data.firstName).not.toBe('Wrong');
  },
  2 * arrivalLimitMs + 4 * verifyLimitMs,
);

test(
  'user-service is down: it says which, ends with 1, and changes nothing',
  async () => {
    await copies().updateOne({ _id: subjects[0] as string }, { $set: { 'data.firstName': 'By hand' } });
    const before = await snapshot();
    const running = system.userService.process();
    running.kill('SIGKILL');
    await running.exited;
    const { code, stderr, verified } = await verify('--repair');
    expect([code, verified?.state]).toEqual([1, 'failed']);
    expect(stderr).toContain(`user-service at ${system.ready.userService}, the owner of users, does not answer`);
    expect(await snapshot()).toEqual(before);
  },
  verifyLimitMs,
);
