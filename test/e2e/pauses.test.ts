// Goal: a paused shop stands still for longer than the broker's session and over a kill, says so and how much waits, and resumed it has
// everything, once; so it is for one that has to resync, and with a second process. Method: the operator's command line as a process of
// its own, on real MongoDB, Kafka and Kafka Connect; in the end every document is held against the independent fold.
import { runAdmin } from './support/admin-process.ts';
import { type ConsumerGroup, openConsumerGroup } from './support/consumer-group.ts';
import { type LogControl, openLogControl } from './support/log-control.ts';
import { readinessOf, seriesIn } from './support/operations.ts';
import { waitForPositions } from './support/positions.ts';
import { get, readAt, send } from './support/requests.ts';
import { startShopProcess } from './support/shop-process.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';
import { openUserFlow, type UserFlow } from './support/user-flow.ts';
import { waitUntil } from './support/wait-until.ts';
import { expectDocumentsAsStored } from './support/whole-system.ts';

const groupId = 'shopping-service';
/** The shortest that the broker allows. */
const sessionMs = 6_000;
const settleMs = 60_000;
const topics = ['user-events', 'catalog-events', 'order-events'] as const;

let system: TestSystem;
let group: ConsumerGroup;
let log: LogControl;
let flow: UserFlow;
let shop: string;

beforeAll(async () => {
  const env = { KAFKA_SESSION_TIMEOUT_MS: String(sessionMs), KAFKA_HEARTBEAT_EVERY_MS: '500' };
  system = await startTestSystem({
    kafka: true,
    env: { ...env, PROGRESS_LOOK_EVERY_MS: '500', PROGRESS_STALLED_AFTER_MS: '2000', GAP_COUNT_EVERY_MS: '100' },
  });
  shop = system.ready.shoppingService;
  const brokers = system.ready.kafka as string;
  [group, log, flow] = await Promise.all([
    openConsumerGroup(brokers, groupId),
    openLogControl(brokers, groupId, system.shopping),
    openUserFlow(system),
  ]);
}, startLimitMs);

afterAll(async () => {
  await Promise.all([group?.close(), log?.close(), flow?.close()]);
  await system?.close();
}, stopLimitMs);

interface Status {
  readonly service: string;
  readonly name: string;
  readonly state: string;
  readonly pause: { readonly by: string; readonly reason: string } | null;
  readonly gap: { readonly events: number; readonly isLeast: boolean } | null;
  readonly lagMs: number | null;
  readonly sources: readonly { readonly name: string; readonly gap: { readonly events: number } | null }[];
}

async function statusOf(name: string): Promise<Status> {
  const { code, stdout, stderr } = await runAdmin(system, 'status', '-o', 'json');
  expect([code, stderr]).toEqual([0, '']);
  const { projections } = JSON.parse(stdout) as { projections: Status[] };
  return projections.find((one) => one.name === name) as Status;
}

/** Straight from the service: a process for each look would be slow. */
async function shopNow(): Promise<Status> {
  return ((await get(`${shop}/admin/projections`)).body.projections as Status[])[0] as Status;
}

const untilShop = (what: string, isSo: (status: Status) => boolean) =>
  waitUntil(`a shop that ${what}`, settleMs, async () => {
    const status = await shopNow();
    return isSo(status) ? undefined : JSON.stringify(status);
  });

const untilAtEnd = () => untilShop('is at the end', ({ state, gap }) => state === 'running' && gap?.events === 0);

async function createCategory(): Promise<string> {
  const { status, body } = await send('POST', `${shop}/categories`, { title: 'Books' });
  expect(status).toBe(201);
  return body.id;
}

/** So many users and categories; returns once their events are in the topics. */
async function write(count: number): Promise<void> {
  const before = await Promise.all(topics.map(endOf));
  for (let i = 0; i < count; i += 1) await Promise.all([flow.createUser(), createCategory()]);
  await log.whenPublished('user-events', (before[0] ?? 0) + count);
  await log.whenPublished('catalog-events', (before[1] ?? 0) + count);
}
const endOf = async (topic: string) => (await log.placesIn(topic)).reduce((sum, { end }) => sum + end, 0);

async function expectEverythingRight(): Promise<void> {
  await waitForPositions(system, settleMs);
  await expectDocumentsAsStored(system);
}

const countOf = (collection: string) => system.shopping.collection(collection).countDocuments({ version: { $gt: 0 } });

test(
  'paused for longer than a session and over a kill: it says what waits; resumed, everything arrives once',
  async () => {
    await write(3);
    await waitForPositions(system, settleMs);
    await untilAtEnd();
    const partitions = (await Promise.all(topics.map((topic) => log.placesIn(topic)))).flat().length;
    const members = await group.whenShared(1, partitions);

    const paused = await runAdmin(system, 'pause', 'shop', '--reason', 'the disk is moved');
    expect(paused).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('shop is paused') });
    await write(5);
    expect(await statusOf('shop')).toMatchObject({
      service: 'shopping-service',
      state: 'paused',
      gap: { events: 10, isLeast: false },
      pause: { by: 'local', reason: 'the disk is moved' },
      sources: [5, 5, 0].map((events, i) => ({ name: topics[i], gap: { events } })),
    });
    expect(await statusOf('users')).toMatchObject({ state: 'running', gap: { events: 0 } });
    await untilShop('holds its batch for longer than a session', ({ lagMs }) => (lagMs ?? 0) > sessionMs + 1000);
    expect(await group.whenShared(1, partitions)).toEqual(members);
    const { status, checks } = await readinessOf(shop);
    expect([status, checks.filter(({ detail }) => /stalled/.test(detail ?? ''))]).toEqual([200, []]);
    expect(await seriesIn(shop, 'foldline_gap_events{projector="shop",source="user-events"}')).toBe(5);
    expect(await countOf('customers')).toBe(3);

    await system.shoppingService.restart({ signal: 'SIGKILL' });
    expect(await statusOf('shop')).toMatchObject({ state: 'paused', gap: { events: 10 } });
    await untilShop('has its batch in hand again', ({ lagMs }) => (lagMs ?? 0) > 0);
    expect([await countOf('customers'), await countOf('categories')]).toEqual([3, 3]);
    const again = await runAdmin(system, 'pause', 'shop');
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringMatching(/paused already, .* by local: the disk is moved/),
    ]);

    // Told to end, it does not wait for an operator: it would end with 1 behind its bound.
    const running = system.shoppingService.process();
    running.kill('SIGTERM');
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect((await runAdmin(system, 'status', '-o', 'json')).code).toBe(1);
    await system.shoppingService.restart();

    expect(await runAdmin(system, 'resume', 'shop')).toMatchObject({
      code: 0,
      stdout: 'shopping-service: shop goes on.\n',
    });
    await expectEverythingRight();
    await untilAtEnd();
    expect((await runAdmin(system, 'status')).stdout).toMatch(/shopping-service +shop +running +0 +0\.0 s/);
  },
  3 * settleMs,
);

test(
  'paused before a resync: the reading of snapshots waits too, longer than a session, and goes on when it is resumed',
  async () => {
    await runAdmin(system, 'pause', 'shop');
    const running = system.shoppingService.process();
    running.kill('SIGKILL');
    await running.exited;
    await group.removeMembers();
    await log.forgetOffsets();
    await system.shopping.collection('customers').deleteMany({});
    await system.shoppingService.restart();
    await waitUntil('a resync that lasts longer than a session', settleMs, async () => {
      const detail = (await readinessOf(shop)).checks.find(({ name }) => name === 'resync')?.detail ?? '';
      const [, since] = /^user-events has been resyncing \(new\) since (.*Z): /.exec(detail) ?? [];
      return Date.now() - Date.parse(since ?? '') > sessionMs + 1000 ? undefined : detail;
    });
    expect(await shopNow()).toMatchObject({ state: 'paused' });
    expect(await countOf('customers')).toBe(0);
    await runAdmin(system, 'resume', 'shop');
    await expectEverythingRight();
    await untilAtEnd();
    expect(await seriesIn(shop, 'foldline_resync_tries_total{topic="user-events",reason="new"}')).toBe(1);
  },
  3 * settleMs,
);

test(
  'a second process that starts while it is paused stands still as well; resumed by either, everything arrives',
  async () => {
    await runAdmin(system, 'pause', 'shop');
    const other = await startShopProcess(system, { name: 'second-shop', env: { KAFKA_SESSION_TIMEOUT_MS: '6000' } });
    await other.whenReady();
    const before = await countOf('categories');
    await write(4);
    const { body } = await get(`${other.url}/admin/projections`);
    expect((body.projections as Status[])[0]).toMatchObject({ state: 'paused', gap: { events: 8 } });
    expect(await countOf('categories')).toBe(before);
    expect((await send('POST', `${other.url}/admin/projections/shop/resume`)).body).toMatchObject({ isChanged: true });
    await expectEverythingRight();
    const id = await createCategory();
    await readAt(`${shop}/categories/${id}`, 1);
    other.process.kill('SIGTERM');
    expect(await other.process.exited).toEqual({ code: 0, signal: null });
  },
  3 * settleMs,
);

test('an unknown projection: 1, and the known ones', async () => {
  expect(await runAdmin(system, 'pause', 'people')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'There is no projection people. There are: users, shop.\n',
  });
});
