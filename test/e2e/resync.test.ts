// Goal: a shop that is new, was away for long, or whose place in a topic is gone gets to the right documents, and answers reads
// all the while. Method: places and records are deleted, events pass while it is stopped, it is killed in the middle, two start at
// once, the snapshots are useless; each time every document is held against the independent fold, and a reader never rests.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from 'foldline/testing';
import { figure, someKills, testSeed } from 'foldline/testing/workspace';
import { connectCli } from './support/connect-cli.ts';
import { setConnector, statesOf } from './support/connect-control.ts';
import { runRemedy } from './support/connect-remedy.ts';
import { type ConsumerGroup, openConsumerGroup } from './support/consumer-group.ts';
import { insertEvents } from './support/event-inserts.ts';
import { type LogControl, openLogControl } from './support/log-control.ts';
import { readinessOf, seriesIn, whenHeld } from './support/operations.ts';
import { waitForPositions } from './support/positions.ts';
import { readAt } from './support/requests.ts';
import { type ShopProcess, startShopProcess } from './support/shop-process.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';
import { openUserFlow, type UserFlow } from './support/user-flow.ts';
import { type VersionWatch, watchVersions } from './support/version-watch.ts';
import { waitUntil } from './support/wait-until.ts';
import { expectBodiesAsStored, expectDocumentsAsStored } from './support/whole-system.ts';
import { interleaved, worldOf } from './support/world.ts';

const groupId = 'shopping-service';
const missed = figure({ usual: 8_000, full: 200_000 });
const settleMs = 60_000 + missed * 3;
const limitMs = settleMs + 120_000;
const seed = testSeed();
const random = seededRandom(seed);
const topics = { 'user-events': 'users.UserEvents', 'catalog-events': 'shopping.CatalogEvents' } as const;

let system: TestSystem;
let group: ConsumerGroup;
let log: LogControl;
let flow: UserFlow;
let watch: VersionWatch;
let shop: ShopProcess | undefined;

/** A small overlap, so that what snapshots do not hold is not read from the log all the same. */
const settings = { RESYNC_OVERLAP_EVENTS_MAX: '20', RESYNC_BEHIND_EVENTS_MAX: String(missed / 4) };

beforeAll(async () => {
  system = await startTestSystem({ kafka: true, env: { PROGRESS_LOOK_EVERY_MS: '500' } });
  const brokers = system.ready.kafka as string;
  [group, log, flow] = await Promise.all([
    openConsumerGroup(brokers, groupId),
    openLogControl(brokers, groupId, system.shopping),
    openUserFlow(system),
  ]);
  const lives = worldOf({ users: 150, categories: 20, items: 150, orders: 60 }, random);
  await insertEvents(system, interleaved(lives, random));
  await waitForPositions(system, settleMs);
  const longest = [...lives].sort((a, b) => b.length - a.length).slice(0, 20);
  // In its place, on its port, come those that are tried here.
  await system.shoppingService.close();
  watch = watchVersions(
    system,
    system.ready.shoppingService,
    longest.map(([first]) => first?.subject as string),
  );
}, startLimitMs);

afterAll(async () => {
  await watch?.stop();
  await Promise.all([group?.close(), log?.close(), flow?.close()]);
  await system?.close();
}, stopLimitMs);

async function start(env: Readonly<Record<string, string>> = {}): Promise<ShopProcess> {
  const port = Number(new URL(system.ready.shoppingService).port);
  shop = await startShopProcess(system, { name: 'resyncing-shop', port, env: { ...settings, ...env } });
  return shop;
}

/** As an accident does; one that is told to end refuses its last readers. */
async function stop(): Promise<void> {
  shop?.process.kill('SIGKILL');
  await shop?.process.exited;
  shop = undefined;
  // Else the broker keeps its place in the group for the whole of its session.
  await group.removeMembers();
}

afterEach(stop);

/** More lives, about so many events; returns once all of them are in their topics. */
async function pass(events: number): Promise<void> {
  const share = (part: number) => Math.ceil(events * part);
  const size = { users: share(0.15), categories: share(0.01), items: share(0.06), orders: share(0.02) };
  await insertEvents(system, interleaved(worldOf(size, random), random));
  await published();
}

async function published(): Promise<void> {
  for (const [topic, place] of Object.entries(topics)) {
    const [database, collection] = place.split('.') as ['users' | 'shopping', string];
    await log.whenPublished(topic, await system[database].collection(collection).countDocuments());
  }
}

/** Until this process ended its resyncs; how many it began, by topic and reason. */
async function whenResynced(url: string): Promise<(topic: string, reason: string) => Promise<number>> {
  await waitUntil('a shop that is ready', settleMs, async () => {
    const { status, checks } = await readinessOf(url);
    return status === 200 ? undefined : JSON.stringify(checks);
  });
  return async (topic, reason) =>
    (await seriesIn(url, `foldline_resync_tries_total{topic="${topic}",reason="${reason}"}`)) ?? 0;
}

async function expectEverythingRight(): Promise<void> {
  await waitForPositions(system, settleMs);
  await expectBodiesAsStored(system, await expectDocumentsAsStored(system), 10);
}

test(
  `the offsets of the service were deleted (seed ${seed})`,
  async () => {
    await pass(400);
    await log.forgetOffsets();
    const { url, whenReady } = await start();
    await whenReady();
    await expectEverythingRight();
    const tries = await whenResynced(url);
    expect(await tries('user-events', 'new')).toBe(1);
    expect(await tries('catalog-events', 'new')).toBe(1);
    for (const { own, start: begin } of await log.placesIn('user-events')) expect(own).toBeGreaterThanOrEqual(begin);
    // Nothing is left of the group that read the snapshots.
    expect((await log.groups()).filter((name) => name.includes('.resync.'))).toEqual([]);
    await stop();
  },
  limitMs,
);

// Nothing is missing and nothing is resynced, also after the whole group was deleted.
test(
  'troubleshooting: The log says the offsets of the group are not used',
  async () => {
    await pass(400);
    await log.commitEnds(Object.keys(topics));
    const { url, whenReady } = await start();
    await whenReady();
    await expectEverythingRight();
    const said = await readFile(join(system.servers.folders.logs, 'resyncing-shop.log'), 'utf8');
    expect(said).toContain('the offsets of the group are not used: user-events/');
    await stop();
    await pass(400);
    await log.forgetGroup();
    const next = await start();
    await next.whenReady();
    await expectEverythingRight();
    const tries = await whenResynced(url);
    for (const reason of ['new', 'lost', 'behind']) expect(await tries('user-events', reason)).toBe(0);
  },
  limitMs,
);

// It commits its ends and leaves, and the service takes its partitions back.
test(
  'troubleshooting: the group … also has members of other programs',
  async () => {
    const { url, whenReady } = await start();
    await whenReady();
    const passing = pass(600);
    await log.commitEnds(Object.keys(topics), () =>
      waitUntil('the name of the other program', settleMs, async () => {
        const { detail = '' } = (await readinessOf(url)).checks.find(({ name }) => name === 'feed') ?? {};
        return detail.includes('members of other programs') && detail.includes('kafkajs at') ? undefined : detail;
      }),
    );
    await passing;
    await expectEverythingRight();
  },
  limitMs,
);

test(
  'the records behind its place were deleted',
  async () => {
    const before = await log.placesIn('user-events');
    await pass(400);
    for (const topic of Object.keys(topics)) await log.cut(topic, 3);
    // The fault happened: what it would have gone on with is gone.
    const after = await log.placesIn('user-events');
    expect(after.some(({ start: begin }, i) => begin > (before[i]?.own ?? 0))).toBe(true);
    const { url, whenReady } = await start();
    await whenReady();
    await expectEverythingRight();
    const tries = await whenResynced(url);
    expect(await tries('user-events', 'lost')).toBe(1);
    expect(await tries('catalog-events', 'lost')).toBe(1);
    await stop();
  },
  limitMs,
);

test(
  'the log is cut below a consumer that stands still',
  async () => {
    const { url, whenReady, process } = await start();
    await whenReady();
    await pass(200);
    await expectEverythingRight();
    const tries = await whenResynced(url);
    const before = await tries('user-events', 'lost');
    process.kill('SIGSTOP');
    await pass(400);
    await log.cut('user-events', 1);
    process.kill('SIGCONT');
    await waitUntil('a resync', settleMs, async () => {
      return (await tries('user-events', 'lost')) > before ? undefined : 'none was begun';
    });
    await expectEverythingRight();
    // The documents are right before the places are committed; killed in between, it would begin anew.
    await whenResynced(url);
  },
  limitMs,
);

test(
  `${missed} events passed while it was stopped`,
  async () => {
    await pass(missed);
    const { url, whenReady } = await start();
    await whenReady();
    await expectEverythingRight();
    const tries = await whenResynced(url);
    expect(await tries('user-events', 'behind')).toBe(1);
    // What the shop stored itself is in the topic all the same, and is folded from there.
    expect(await tries('catalog-events', 'behind')).toBe(0);
    await stop();
  },
  limitMs,
);

const kills = [
  ['resync-batch', 1],
  ['resync-batch', 4],
  ['resync-taken-in', 3],
  ['resync-committed', 3],
] as const;

test.each(someKills(kills, 2, seed))(
  `it is killed at %s, at passing %i; the next one ends the resync (seed ${seed})`,
  async (point, nth) => {
    // The group may know the member that committed the places until its session ends.
    await group.removeMembers();
    await log.forgetOffsets();
    await insertEvents(
      system,
      interleaved(worldOf({ users: 10, categories: 2, items: 10, orders: 5 }, random), random),
    );
    const { process } = await start({ CRASH_AT: `${point}:${nth}` });
    await waitUntil(`the end at ${point}`, settleMs, async () => (process.ended() ? undefined : 'it runs'));
    expect(process.ended()).toEqual({ code: null, signal: 'SIGKILL' });
    // A place is there only where everything before it was taken in.
    const hasPlace = (await log.placesIn('user-events')).some(({ own }) => own >= 0);
    expect(hasPlace).toBe(point === 'resync-committed');
    await group.removeMembers();
    const next = await start();
    await next.whenReady();
    await expectEverythingRight();
    await stop();
  },
  limitMs,
);

test(
  'two processes resync at once',
  async () => {
    await log.forgetOffsets();
    await pass(500);
    const [one, two] = await Promise.all([start(), startShopProcess(system, { name: 'second-shop', env: settings })]);
    try {
      await Promise.all([one.whenReady(), two.whenReady()]);
      await group.whenShared(2, 18);
      await expectEverythingRight();
      await Promise.all([one, two].map(({ url }) => whenResynced(url)));
    } finally {
      await two.process.close();
    }
    await stop();
  },
  limitMs,
);

test(
  'useless snapshots: it says so, stays not ready, answers reads, and goes on once they can be used',
  async () => {
    await log.forgetOffsets();
    await pass(500);
    await log.setCleanupPolicy('user-snapshots', 'delete');
    const { url, whenReady } = await start();
    await whenReady();
    await waitUntil('the reason', settleMs, async () => {
      const { status, checks } = await readinessOf(url);
      const shown = checks.find(({ name }) => name === 'resync')?.detail ?? '';
      return status === 503 && shown.includes('not compact') ? undefined : shown;
    });
    expect(await seriesIn(url, 'foldline_resync_running{topic="user-events"}')).toBe(1);
    const answered = watch.answers();
    await waitUntil('answers', settleMs, async () => (watch.answers() > answered + 40 ? undefined : 'none yet'));
    expect((await log.placesIn('user-events')).every(({ own }) => own === -1)).toBe(true);
    await log.setCleanupPolicy('user-snapshots', 'compact');
    await expectEverythingRight();
    await whenResynced(url);
    await stop();
  },
  limitMs,
);

test('no read saw a lower version or an error, from the first test to here', async () => {
  await watch.stop();
  expect(watch.notes.faults()).toEqual([]);
  expect(watch.refusals()).toEqual([]);
  expect(watch.answers()).toBeGreaterThan(500);
});

// What it does: the topic is made anew by hand, and the connector goes on from the position that it had.
test(
  'troubleshooting: A service is ready, and customers are missing in it',
  async () => {
    const [connect, { customers, users }] = [system.ready.connect as string, collections()];
    await setConnector(connect, 'user-snapshots', 'stop');
    await waitUntil('it to be stopped', settleMs, async () => {
      const states = await statesOf(connect, 'user-snapshots');
      return states === 'STOPPED' ? undefined : states;
    });
    await log.deleteTopic('user-snapshots');
    await log.makeTopic('user-snapshots', 'compact', 6);
    await setConnector(connect, 'user-snapshots', 'resume');
    await pass(60);
    await log.cut('user-events', 1);
    await log.forgetOffsets();
    // As a new shop: it has no customer.
    await customers.deleteMany({ version: { $gt: 0 } });

    const { url, whenReady } = await start({ RESYNC_NEWEST_WAIT_MS: '2000' });
    await whenReady();
    await waitUntil('the comparison', settleMs, async () => {
      const { status, checks } = await readinessOf(url);
      const shown = checks.find(({ name }) => name === 'resync')?.detail ?? '';
      return status === 503 && /customers|subjects/.test(shown) ? undefined : `${status} ${shown}`;
    });
    const all = await users.countDocuments({ state: { $in: ['active', 'deleted'] } });
    expect(await customers.countDocuments({ version: { $gt: 0 } })).toBeLessThan(all);
    expect((await readinessOf(url)).checks.find(({ name }) => name === 'resync')?.detail).toContain(
      `of ${all} subjects`,
    );

    const connectLine = { cli: (args: readonly string[]) => connectCli(system, args) };
    const [refilled] = await runRemedy(connectLine, 'A service is ready, and customers are missing in it');
    expect([refilled?.code, refilled?.out]).toEqual([0, expect.stringContaining(`for ${all} documents`)]);
    await whenResynced(url);
    expect(await customers.countDocuments({ version: { $gt: 0 } })).toBe(all);
    await expectEverythingRight();
    await stop();
  },
  limitMs,
);

const collections = () => ({
  customers: system.shopping.collection('customers'),
  users: system.users.collection('Users'),
});

test(
  'a subject held for poison stays held, also when a snapshot claims to be past it',
  async () => {
    const first = await start();
    await first.whenReady();
    const id = await flow.createUser();
    const subject = `user-${id}`;
    await readAt(`${first.url}/customers/${id}`, 1);
    await flow.insertEvent({ subject, version: 2, type: 'userFirstNameChanged_v1', data: { firstName: 5 } });
    expect(await whenHeld(first.url, subject)).toMatchObject({ appliedVersion: 1, reason: 'invalid-data' });
    await stop();

    const snapshot = { ...(await system.users.collection('Users').findOne({ _id: subject as never })), version: 3 };
    await log.publish('user-snapshots', subject, JSON.stringify({ ...snapshot, lastEventId: randomUUID() }));
    await log.forgetOffsets();
    const { url, whenReady } = await start();
    await whenReady();
    const tries = await whenResynced(url);
    expect(await tries('user-events', 'new')).toBe(1);
    expect(await whenHeld(url, subject)).toMatchObject({ appliedVersion: 1, reason: 'invalid-data' });
    expect(await flow.customerOf(id)).toMatchObject({ version: 1, data: { firstName: 'Ada' } });
  },
  limitMs,
);
