// Goal: `status` shows every projection of both services in one table, says what is not known, and names a service that is down;
// `pause` and `resume` find the service of a projection, and say what has changed.
// Method: whole command lines against two small servers that play the services.
import { keptOutput, startJsonServer } from '../testing/workspace/index.ts';
import { runCli } from './cli.ts';
import { noDataDir, twoServices } from './testing/two-services.ts';

const model = (name: string, more: object = {}) => ({
  name,
  collection: name,
  equalAt: null,
  lastVerification: null,
  ...more,
});
const projection = (name: string, more: object = {}) => ({
  name,
  state: 'running',
  detail: '',
  pause: null,
  gap: { events: 0, isLeast: false },
  lagMs: 0,
  eventsPerSecond: 0,
  held: 0,
  sources: [],
  models: [model(name)],
  ...more,
});

/** Answers with its projections, and to a pause or a resume with what was put into `pulls`. */
async function startFakeService(projections: readonly object[]) {
  const pulls: object[] = [];
  const server = await startJsonServer((method) => (method === 'POST' ? pulls.shift() : { projections }));
  return { ...server, pulls };
}

let users: Awaited<ReturnType<typeof startFakeService>>;
let shop: typeof users;
beforeEach(async () => {
  users = await startFakeService([projection('users', { models: [model('users', { collection: 'Users' })] })]);
  shop = await startFakeService([
    projection('shop', {
      state: 'behind',
      detail: 'user-events: a is stored and has not arrived',
      held: 1,
      lagMs: 1540,
      gap: { events: 12_000, isLeast: true },
      eventsPerSecond: 1234.5,
      models: [
        model('customers', { equalAt: '2030-01-01T00:00:00.000Z', lastVerification: 'different' }),
        model('items', { collection: 'items_g2' }),
      ],
    }),
  ]);
});
afterEach(() => Promise.all([users.close(), shop.close()]));

async function run(...args: string[]) {
  const { output, said } = keptOutput();
  const code = await runCli(
    args,
    {
      env: { DATA_DIR: noDataDir, USER_SERVICE_URL: users.url, SHOPPING_SERVICE_URL: shop.url },
      ...output,
      confirm: undefined,
    },
    twoServices,
  );
  return { code, ...said() };
}

const cells = (text: string) => text.split('\n').map((line) => line.split(/ {2,}/));

test('one table: a projection beside the first of its models, and below it why it is not running', async () => {
  const { code, out, err } = await run('status');
  expect([code, err]).toEqual([0, '']);
  expect(cells(out)).toEqual([
    ['service', 'projection', 'state', 'gap', 'lag', 'rate', 'held', 'model', 'collection', 'last verification'],
    ['user-service', 'users', 'running', '0', '0.0 s', '0/s', '0', 'users', 'Users', 'not yet'],
    [
      'shopping-service',
      'shop',
      'behind',
      '>= 12,000',
      '1.5 s',
      '1,235/s',
      '1',
      'customers',
      'customers',
      'equal at 2030-01-01T00:00:00.000Z; the last one: different',
    ],
    ['', 'items', 'items_g2', 'not yet'],
    ['shop is behind: user-events: a is stored and has not arrived'],
  ]);
});

test('as data: what the services said, each with its name', async () => {
  const { code, out } = await run('status', '-o', 'json');
  expect(code).toBe(0);
  expect(JSON.parse(out).projections).toMatchObject([
    { service: 'user-service', name: 'users', state: 'running', gap: { events: 0, isLeast: false } },
    { service: 'shopping-service', name: 'shop', state: 'behind', gap: { events: 12_000, isLeast: true } },
  ]);
});

test('what nobody knows is shown as that', async () => {
  await shop.close();
  shop = await startFakeService([projection('shop', { gap: null, lagMs: null, models: [] })]);
  const { out } = await run('status', '--service', 'shopping-service');
  expect(cells(out).at(-1)).toEqual(['shopping-service', 'shop', 'running', '?', '?', '0/s', '0']);
  expect(users.asked).toEqual([]);
});

test('a service that is down is named with its address and its variable: 1, and the other one is shown', async () => {
  await users.close();
  const { code, out, err } = await run('status');
  expect(code).toBe(1);
  expect(err).toBe(`user-service does not answer at ${users.url} (ECONNREFUSED). Start it, or set USER_SERVICE_URL.`);
  expect(cells(out)[1]?.slice(0, 2)).toEqual(['shopping-service', 'shop']);
  const data = await run('status', '-o', 'json');
  expect([data.code, JSON.parse(data.out).projections.map((one: { name: string }) => one.name)]).toEqual([1, ['shop']]);
  users = await startFakeService([]);
});

const pause = { since: '2030-01-01T00:00:00.000Z', by: 'ops', reason: 'a move' };

test('pause is asked of the service that has the projection, with its reason, and says what is so now', async () => {
  shop.pulls.push({ name: 'shop', isChanged: true, pause }, { name: 'shop', isChanged: false, pause });
  const first = await run('pause', 'shop', '--reason', 'a move');
  expect(first).toEqual({
    code: 0,
    err: '',
    out: 'shopping-service: shop is paused. It goes on with: npm run admin -- resume shop',
  });
  expect(shop.asked.at(-1)).toBe('POST /admin/projections/shop/pause {"reason":"a move"}');
  expect(users.asked).toEqual(['GET /admin/projections']);
  expect(await run('pause', 'shop')).toMatchObject({
    code: 0,
    out: 'shopping-service: shop was paused already, since 2030-01-01T00:00:00.000Z by ops: a move',
  });
  expect(shop.asked.at(-1)).toBe('POST /admin/projections/shop/pause');
});

test('resume says whether it was paused; as data it says the same', async () => {
  for (const isChanged of [true, false, false]) users.pulls.push({ name: 'users', isChanged, pause: null });
  expect(await run('resume', 'users')).toMatchObject({ code: 0, out: 'user-service: users goes on.' });
  expect(await run('resume', 'users')).toMatchObject({ code: 0, out: 'user-service: users is not paused.' });
  const { out } = await run('resume', 'users', '-o', 'json');
  expect(JSON.parse(out)).toEqual({ service: 'user-service', name: 'users', isChanged: false, pause: null });
});

test('an unknown projection: 1, with the known ones; nothing is asked of anybody', async () => {
  expect(await run('pause', 'people')).toEqual({
    code: 1,
    out: '',
    err: 'There is no projection people. There are: users, shop.',
  });
  expect([...users.asked, ...shop.asked].filter((one) => one.startsWith('POST'))).toEqual([]);
});

test('a service that is down keeps nobody from pausing what another has; what it may have is not known', async () => {
  await users.close();
  shop.pulls.push({ name: 'shop', isChanged: true, pause });
  expect((await run('pause', 'shop')).code).toBe(0);
  const unknown = await run('pause', 'users');
  expect([unknown.code, unknown.out]).toEqual([1, '']);
  expect(unknown.err).toContain('user-service does not answer at');
  users = await startFakeService([]);
});

test('wrong usage: 2', async () => {
  expect((await run('pause')).code).toBe(2);
  expect((await run('resume')).code).toBe(2);
  expect((await run('status', 'shop')).code).toBe(2);
  expect((await run('status', '-o', 'yaml')).code).toBe(2);
});
