// Goal: the shop may die at any place of its consumer, and nothing is lost, doubled or turned back. Method: it is killed at
// named places while events keep coming, drawn by the seed (with full figures at each place, three times); a reader asks for documents all along, and at the end every
// document is compared with an independent fold.
import { projectorCrashPoints } from 'foldline/engine';
import { kafkaFeedCrashPoints } from 'foldline/kafka';
import { seededRandom } from 'foldline/testing';
import { someKills, testSeed } from 'foldline/testing/workspace';
import { type ConsumerGroup, openConsumerGroup } from './support/consumer-group.ts';
import { type Load, loadOf } from './support/load.ts';
import { waitForPositions } from './support/positions.ts';
import { type ShopProcess, startShopProcess } from './support/shop-process.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';
import { type VersionWatch, watchVersions } from './support/version-watch.ts';
import { expectBodiesAsStored, expectDocumentsAsStored } from './support/whole-system.ts';

const seed = testSeed();
const crashPoints = [...projectorCrashPoints, ...kafkaFeedCrashPoints];
/** At the first passing what lay there dies again; at later ones some of it has been folded, and reads have seen it. */
const passings = [1, 3, 40];
const kills = crashPoints.flatMap((point) => passings.map((nth) => [point, nth] as const));
const crashLimitMs = 30_000;

let system: TestSystem;
let group: ConsumerGroup;
let load: Load;
let watch: VersionWatch;
let shop: ShopProcess | undefined;

beforeAll(async () => {
  system = await startTestSystem({ kafka: true });
  group = await openConsumerGroup(system.ready.kafka as string, 'shopping-service');
  const size = { users: 120, categories: 25, items: 200, orders: 120 };
  load = loadOf(system, { size, random: seededRandom(seed), eventsAtOnce: 2, everyMs: 50 });
  watch = watchVersions(system, system.ready.shoppingService, load.subjects.slice(0, 30));
  // In its place, on its port, come those that are killed.
  await system.shoppingService.close();
}, startLimitMs);

afterAll(async () => {
  await watch?.stop();
  await shop?.process.close();
  await group?.close();
  await system?.close();
}, stopLimitMs);

async function start(env: Readonly<Record<string, string>>): Promise<ShopProcess> {
  const port = Number(new URL(system.ready.shoppingService).port);
  shop = await startShopProcess(system, { name: 'crashing-shop', port, env });
  return shop;
}

test.each(someKills(kills, 4, seed))(
  `the shop is killed at %s, at passing %i (seed ${seed})`,
  async (point, nth) => {
    const { process } = await start({ CRASH_AT: `${point}:${nth}` });
    await load.runUntil(`the end at ${point}`, crashLimitMs, () => process.ended() !== null);
    expect(process.ended()).toEqual({ code: null, signal: 'SIGKILL' });
    await group.removeMembers();
  },
  crashLimitMs + 30_000,
);

test('the next one folds all that came, into the documents of the independent fold', async () => {
  // The reader was answered between the crashes, not only before and after them.
  expect(watch.answers()).toBeGreaterThan(200);
  const last = await start({});
  await load.finish();
  await last.whenReady();
  await waitForPositions(system, 60_000);
  await expectBodiesAsStored(system, await expectDocumentsAsStored(system), 15);
}, 90_000);

test('no read ever saw a lower version of a document than a read before', async () => {
  await watch.stop();
  expect(watch.notes.faults()).toEqual([]);
  // Both readers saw each of the thirty documents come, and most of them grow.
  expect(watch.notes.rises()).toBeGreaterThan(100);
});
