// Goal: `rebuild` finds the service that has a model, asks for one step, follows what takes long, and says what came out in words
// and in an exit code; a refusal is told as the service says it. Method: whole command lines against two small servers that play
// the services.
import { keptOutput, startLocalServer } from '../testing/workspace/index.ts';
import { runCli } from './cli.ts';
import { noDataDir, twoServices } from './testing/two-services.ts';

const live = { name: 'customers', state: 'live', former: false, fill: null };
const fill = { from: 'topic', unit: 'records', done: 0, of: null, aligned: 0, trouble: null };
const filling = (more: object = {}) => ({
  name: 'customers_g2',
  state: 'backfilling',
  former: false,
  fill: { ...fill, ...more },
});
const following = { ...filling(), state: 'following' };
const model = (other?: object, comparison: object | null = null) => ({
  model: 'customers',
  live: 'customers',
  revision: 1,
  generations: other ? [live, other] : [live],
  sources: ['topic', 'snapshots'],
  comparison,
});
const moved = (other?: object) => ({ ...model(other), stoodStillMs: 123.4 });
const comparison = (state: string, more: object = {}) => ({
  live: 'customers',
  other: 'customers_g2',
  state,
  detail: '',
  startedAt: '2030-01-01T00:00:00.000Z',
  documents: 5,
  estimated: 5,
  moving: 0,
  found: {},
  listed: [],
  ...more,
});

let users: Awaited<ReturnType<typeof startLocalServer>>;
let shop: typeof users;
let asked: string[];
/** What the shop shows, one for each look; the last one for all that follow. */
let looks: object[];
/** What it answers to what it is asked to do. */
let answer: { status: number; body: object };

beforeEach(async () => {
  asked = [];
  looks = [model()];
  users = await startLocalServer((_, response) => {
    response.statusCode = 404;
    response.end(JSON.stringify({ code: 'not-found', detail: 'no such route' }));
  });
  shop = await startLocalServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') {
        response.end(JSON.stringify({ models: [looks.length > 1 ? looks.shift() : looks[0]] }));
        return;
      }
      asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks)}`);
      response.statusCode = answer.status;
      response.end(JSON.stringify(answer.body));
    });
  });
});
afterEach(() => Promise.all([users.close(), shop.close()]));

async function run(args: string, confirm?: () => Promise<boolean>) {
  const { output, said } = keptOutput();
  const code = await runCli(
    ['rebuild', ...args.split(' ')],
    {
      env: {
        DATA_DIR: noDataDir,
        USER_SERVICE_URL: users.url,
        SHOPPING_SERVICE_URL: shop.url,
        ADMIN_PROGRESS_EVERY_MS: '100',
      },
      ...output,
      confirm,
    },
    twoServices,
  );
  return { code, ...said() };
}

test('status lists the generations of each model, how far a fill is, and the sources', async () => {
  looks = [model(filling({ done: 1200, of: 40_000, trouble: 'no broker' }))];
  const { code, out } = await run('status');
  expect(code).toBe(0);
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['model', 'service', 'collection', 'state', 'sources'],
    ['customers', 'shopping-service', 'customers', 'live', 'topic, snapshots'],
    ['', 'customers_g2', 'backfilling from topic: 1,200 of 40,000 records; the last try ended: no broker'],
  ]);
  expect(JSON.parse((await run('status customers -o json')).out)).toMatchObject({
    models: [{ service: 'shopping-service' }],
  });
});

test.each(['start customers --from snapshots', 'customers --from snapshots'])(
  '%s: followed until it follows',
  async (args) => {
    answer = { status: 202, body: moved(filling()) };
    looks = [
      model(),
      model(filling({ done: 10, of: 40 })),
      model(filling({ done: 20, of: 40, trouble: 'no broker' })),
      model({ ...following, fill: { ...fill, done: 40, of: 40 } }),
    ];
    const { code, out, err } = await run(args);
    expect(code).toBe(0);
    expect(asked).toEqual(['POST /admin/models/customers/rebuild {"from":"snapshots"}']);
    expect(err).toContain('filling customers_g2: 50 %, 20 records');
    expect(err).toContain('customers_g2: the last try ended: no broker');
    expect(err).toContain('filling customers_g2: 40 records in');
    expect(out).toBe(
      'shopping-service: customers: the new generation follows; customers is live, customers_g2 is following, the feed was paused for 123 ms',
    );
  },
);

test('nobody waits with --no-wait; a fill that somebody discards meanwhile is told: 1', async () => {
  answer = { status: 202, body: moved(filling()) };
  expect(await run('start customers --no-wait')).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('a rebuild was begun'),
  });
  looks = [model(), model(filling()), model()];
  expect(await run('start customers')).toMatchObject({
    code: 1,
    err: expect.stringContaining('customers_g2 was discarded'),
  });
});

test('switch and rollback name what is live now, and how long the feed stood still', async () => {
  const former = { ...live, state: 'following', former: true };
  answer = {
    status: 200,
    body: { ...moved(), live: 'customers_g2', generations: [{ ...following, state: 'live' }, former] },
  };
  expect((await run('switch customers customers_g2')).out).toBe(
    'shopping-service: customers: switched; customers_g2 is live, customers is following, was live before, the feed was paused for 123 ms',
  );
  answer = { status: 200, body: moved(following) };
  expect((await run('rollback customers')).out).toContain('customers: rolled back; customers is live');
  expect(asked).toEqual([
    'POST /admin/models/customers/switch {"generation":"customers_g2"}',
    'POST /admin/models/customers/rollback {}',
  ]);
});

test('a discard asks on a terminal, and not with --yes', async () => {
  answer = { status: 200, body: moved() };
  expect(await run('discard customers', async () => false)).toMatchObject({ code: 1, err: 'Nothing was done.' });
  expect(asked).toEqual([]);
  expect((await run('discard customers', async () => true)).code).toBe(0);
  expect((await run('discard customers --yes', () => Promise.reject(new Error('asked')))).code).toBe(0);
  expect(asked).toHaveLength(2);
});

test('a comparison: 0 when equal, 4 with what differs, 1 when it failed', async () => {
  answer = { status: 202, body: comparison('running', { documents: 1 }) };
  looks = [
    model(following),
    model(following, comparison('running')),
    model(following, comparison('equal', { moving: 2 })),
  ];
  expect(await run('compare customers')).toMatchObject({
    code: 0,
    out: 'shopping-service: customers_g2 against customers: equal\n5 documents compared, 2 were moving',
  });
  const listed = [{ kind: 'missing', subject: 'user-1', liveVersion: 3, otherVersion: null }];
  looks = [model(following), model(following, comparison('different', { found: { missing: 2, extra: 0 }, listed }))];
  const { code, out } = await run('compare customers');
  expect([code, out.split('\n').slice(1)]).toEqual([
    4,
    [
      'missing  user-1   none of 3',
      '1 more are counted, and not listed',
      'shopping-service: customers_g2 against customers: missing 2',
      '5 documents compared',
    ],
  ]);
  looks = [model(following), model(following, comparison('failed', { detail: 'no server' }))];
  expect(await run('compare customers')).toMatchObject({ code: 1, err: expect.stringContaining('no server') });
  looks = [model(following), model(following, comparison('abandoned'))];
  expect(await run('compare customers')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('has another form'),
  });
  looks = [model(following), model(following)];
  expect(await run('compare customers')).toMatchObject({ code: 1, err: expect.stringContaining('Compare again') });
});

test('a refusal is told as the service says it: 1', async () => {
  answer = { status: 409, body: { code: 'rebuild-refused', detail: 'customers_g2 is still being filled.' } };
  const { code, err } = await run('switch customers');
  expect([code, err]).toEqual([1, 'shopping-service answers 409 rebuild-refused: customers_g2 is still being filled.']);
});

test('an unknown model: 1, with the known ones', async () => {
  expect(await run('switch people')).toMatchObject({
    code: 1,
    err: `There is no rebuildable model people. There are: customers. user-service at ${users.url} offers no rebuilds: the service is older, or of another kind.`,
  });
  expect(asked).toEqual([]);
});

test('a service that is down is named: 1, and what the other has is shown all the same', async () => {
  await users.close();
  const { code, out, err } = await run('status');
  expect([code, out.includes('customers')]).toEqual([1, true]);
  expect(err).toContain('user-service does not answer');
  users = await startLocalServer(() => {});
});

test('wrong usage: 2', async () => {
  expect((await run('switch')).code).toBe(2);
  expect((await run('status -o yaml')).code).toBe(2);
});
