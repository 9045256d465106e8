// Goal: `verify` finds the service that has a model, follows it to its end, and says what came out in words and in an exit code.
// Method: whole command lines against two small servers that play the services.
import { keptOutput, startJsonServer } from '../testing/workspace/index.ts';
import { runCli } from './cli.ts';
import { noDataDir, twoServices } from './testing/two-services.ts';

const id = '018f0000-0000-7000-8000-000000000001';
const subject = (n: number) => `user-018f0000-0000-7000-8000-00000000000${n}`;
const figures = {
  scannedDocuments: 200_000,
  estimatedDocuments: 200_000,
  buckets: 4096,
  differingBuckets: 2,
  comparedBuckets: 2,
  comparedDocuments: 51,
  moving: 0,
  ofOtherFolds: 0,
  repaired: 0,
  found: { missing: 0, extra: 0, behind: 0, ahead: 0, forked: 0, different: 0 },
};
const ended = (state: string, more: object = {}) => ({
  id,
  model: 'customers',
  repair: false,
  startedAt: '2030-01-01T00:00:00.000Z',
  state,
  detail: '',
  figures,
  findings: [],
  ...more,
});
const model = (name: string, more: object = {}) => ({ name, source: 'its source', equalAt: null, last: null, ...more });
const finding = (kind: string, n: number, more: object = {}) => ({
  kind,
  subject: subject(n),
  copyVersion: 1,
  sourceVersion: 3,
  held: null,
  repair: null,
  ...more,
});

/** Answers with its models, and with what a verification looks like at each look. */
async function startFakeService(models: readonly object[]) {
  const looks: object[] = [];
  const server = await startJsonServer((method, path) => {
    if (method === 'GET' && path === '/admin/verifications') return { models };
    return looks.length > 1 ? looks.shift() : looks[0];
  });
  return { ...server, looks };
}

let users: Awaited<ReturnType<typeof startFakeService>>;
let shop: typeof users;
beforeEach(async () => {
  users = await startFakeService([model('users')]);
  shop = await startFakeService([model('customers', { equalAt: '2030-01-01T00:00:00.000Z' }), model('items')]);
});
afterEach(() => Promise.all([users.close(), shop.close()]));

async function run(...args: string[]) {
  const { output, said } = keptOutput();
  const code = await runCli(
    ['verify', ...args],
    {
      env: { DATA_DIR: noDataDir, USER_SERVICE_URL: users.url, SHOPPING_SERVICE_URL: shop.url },
      ...output,
      confirm: undefined,
    },
    twoServices,
  );
  return { code, ...said() };
}

test('without a model it lists the models, and what is known of each', async () => {
  const { code, out } = await run();
  expect(code).toBe(0);
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['model', 'service', 'source', 'known'],
    ['users', 'user-service', 'its source', 'not verified yet'],
    ['customers', 'shopping-service', 'its source', 'verified equal at 2030-01-01T00:00:00.000Z'],
    ['items', 'shopping-service', 'its source', 'not verified yet'],
  ]);
  expect(JSON.parse((await run('-o', 'json')).out).models[2]).toMatchObject({
    name: 'items',
    service: 'shopping-service',
  });
});

test('equal: 0, and what it took', async () => {
  const running = { ...figures, scannedDocuments: 5000, buckets: 0, differingBuckets: 0 };
  const clean = { ...figures, differingBuckets: 0, comparedDocuments: 0 };
  shop.looks.push(ended('running', { figures: running }), ended('equal', { figures: clean }));
  const { code, out, err } = await run('customers');
  expect([code, out]).toEqual([
    0,
    'shopping-service: customers against its source: equal\n200,000 documents scanned on both sides, 0 compared one by one in 0 of 4,096 buckets',
  ]);
  expect(err).toMatch(/^scanning customers: 200,000 documents in \d+ s$/);
  expect(shop.asked.slice(1)).toEqual([
    'POST /admin/verifications {"model":"customers","repair":false}',
    `GET /admin/verifications/${id}`,
  ]);
});

test('different: 4, each finding with its versions and whether it is held', async () => {
  const found = { ...figures.found, missing: 1, extra: 1, behind: 1, different: 4 };
  const findings = [
    finding('missing', 1, { copyVersion: null }),
    finding('extra', 2, { sourceVersion: null }),
    finding('behind', 3, { held: 'invalid-data' }),
  ];
  shop.looks.push(ended('different', { findings, figures: { ...figures, found, moving: 2, ofOtherFolds: 1 } }));
  const { code, out } = await run('customers');
  expect(code).toBe(4);
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['kind', 'subject', 'version'],
    ['missing', subject(1), 'none of 3'],
    ['extra', subject(2), '1 of none'],
    ['behind', subject(3), '1 of 3', 'held: invalid-data'],
    ['4 more are counted, and not listed'],
    ['1 documents were written by another fold: rebuild customers'],
    ['shopping-service: customers against its source: different (missing 1, extra 1, behind 1, different 4)'],
    ['200,000 documents scanned on both sides, 51 compared one by one in 2 of 4,096 buckets, 2 were moving'],
  ]);
});

test('a repair is asked for; all repaired: 0; some left: 4', async () => {
  const repair = { outcome: 'repaired', detail: 'the copy was folded again up to version 3' };
  const found = { ...figures.found, different: 2 };
  const findings = [finding('different', 1, { repair }), finding('different', 2, { repair })];
  shop.looks.push(ended('repaired', { findings, figures: { ...figures, found, repaired: 2 } }));
  const repaired = await run('customers', '--repair');
  expect([repaired.code, repaired.out]).toEqual([0, expect.stringContaining('equal now, 2 repaired (different 2)')]);
  expect(repaired.out).toContain('the copy was folded again up to version 3');
  expect(shop.asked.at(-1)).toBe('POST /admin/verifications {"model":"customers","repair":true}');

  const left = finding('different', 2, { repair: { outcome: 'left', detail: 'it changed meanwhile' } });
  shop.looks.splice(0);
  shop.looks.push(ended('different', { findings: [findings[0], left], figures: { ...figures, found, repaired: 1 } }));
  const some = await run('customers', '--repair');
  expect([some.code, some.out]).toEqual([4, expect.stringContaining('different (different 2), 1 of 2 repaired')]);
  expect(some.out).toContain('not repaired: it changed meanwhile');
});

test('hazard: an end that only a newer service knows is no success: 1, and not followed for ever', async () => {
  shop.looks.push(ended('abandoned'));
  const { code, out, err } = await run('customers');
  expect([code, out]).toEqual([1, '']);
  expect(err.split('\n').at(-1)).toMatch(
    /^The answer of shopping-service at http:\S+ about verifications has another form: run the command line of/,
  );
});

test('the source is down: 1, and the sentence names it', async () => {
  shop.looks.push(ended('failed', { detail: 'user-service at http://x, the owner of users, does not answer.' }));
  const { code, out, err } = await run('customers');
  expect([code, out]).toEqual([1, '']);
  expect(err.split('\n').at(-1)).toBe(
    'shopping-service could not verify customers: user-service at http://x, the owner of users, does not answer.',
  );
  expect(JSON.parse((await run('customers', '-o', 'json')).out)).toMatchObject({ state: 'failed' });
});

test('a service that is down keeps nobody from verifying what another has; what it may have is not known', async () => {
  await users.close();
  shop.looks.push(ended('equal'));
  expect((await run('items')).code).toBe(0);
  const unknown = await run('users');
  expect([unknown.code, unknown.out]).toEqual([1, '']);
  expect(unknown.err).toBe(
    `user-service does not answer at ${users.url} (ECONNREFUSED). Start it, or set USER_SERVICE_URL.`,
  );
  expect((await run()).code).toBe(1);
  users = await startFakeService([]);
});

test('an unknown model: 1, with the known ones', async () => {
  const { code, err } = await run('people');
  expect([code, err]).toEqual([1, 'There is no model people. There are: users, customers, items.']);
  expect([...users.asked, ...shop.asked].filter((one) => one.startsWith('POST'))).toEqual([]);
});

test('a service that was started anew meanwhile knows nothing of it: 1', async () => {
  shop.looks.push(ended('running'), undefined as never);
  const { code, err } = await run('customers');
  expect([code, err.split('\n').at(-1)]).toEqual([
    1,
    'shopping-service no longer knows this verification, because the service was restarted. Verify again.',
  ]);
});
