// Goal: Ctrl-C on a long verb says what is done and what goes on in the service, and ends with 130; the same command goes on.
// Method: whole command lines against a small server; the signal comes with a request, or between two looks.
import { type JsonServer, keptOutput, startJsonServer } from '../testing/workspace/index.ts';
import { runCli } from './cli.ts';
import { noDataDir } from './testing/two-services.ts';

const startedAt = '2030-01-01T00:00:00.000Z';
const fill = (done: number) => ({ from: 'topic', unit: 'records', done, of: 40, aligned: 0, trouble: null });
const live = { name: 'customers', state: 'live', former: false, fill: null };
const other = (state: string, done: number) => ({ name: 'customers_g2', state, former: false, fill: fill(done) });
const compared = (state: string) => ({
  live: 'customers',
  other: 'customers_g2',
  state,
  detail: '',
  startedAt,
  documents: 5,
  estimated: 5,
  moving: 0,
  found: {},
  listed: [],
});
const model = (generation: object, comparison: object | null = null) => ({
  model: 'customers',
  live: 'customers',
  revision: 1,
  generations: [live, generation],
  sources: ['topic', 'snapshots'],
  comparison,
});
const verification = (state: string) => ({
  id: '018f0000-0000-7000-8000-000000000001',
  model: 'customers',
  repair: true,
  startedAt,
  state,
  detail: '',
  figures: {
    scannedDocuments: 1,
    estimatedDocuments: 2,
    buckets: 0,
    differingBuckets: 0,
    comparedBuckets: 0,
    comparedDocuments: 0,
    moving: 0,
    ofOtherFolds: 0,
    repaired: 0,
    found: {},
  },
  findings: [],
});

let shop: JsonServer;
let answer: (asked: string) => object | undefined;
let ending: AbortController;
beforeEach(async () => {
  ending = new AbortController();
  shop = await startJsonServer((method, path) => answer(`${method} ${path}`));
});
afterEach(() => shop.close());

async function run(line: string) {
  const { output, said } = keptOutput();
  const env = { DATA_DIR: noDataDir, ADMIN_RETRIES_PER_PAGE: '2' };
  const around = { env, ...output, confirm: undefined, signal: ending.signal };
  const code = await runCli([...line.split(' '), '--service', `shop=${shop.url}`], around);
  return { code, ...said() };
}

/** The last of these answers stays; with it the signal comes. */
function answering(...answers: readonly object[]): void {
  const left = [...answers];
  answer = () => {
    if (left.length === 1) ending.abort();
    return left.length > 1 ? left.shift() : left[0];
  };
}

test('verify --repair: the verification continues, and what was repaired stays', async () => {
  const models = [{ name: 'customers', source: 'its source', equalAt: null, last: null }];
  answering({ models }, verification('running'), verification('running'));
  expect(await run('verify customers --repair')).toEqual({
    code: 130,
    out: '',
    err: 'Stopped. What was repaired stays repaired. The verification of customers continues in shop; `verify` lists its result. After its end the same command verifies again.',
  });
});

test('rebuild: the backfill continues, and the same command follows it instead of asking for another', async () => {
  const filling = model(other('backfilling', 10));
  answering({ models: [filling] }, { models: [filling] }, { models: [filling] });
  const { code, err } = await run('rebuild customers');
  expect([code, err]).toEqual([
    130,
    'Stopped. customers_g2 has 10 records, which stay, and shop fills it further. The same command shows its progress again; `rebuild discard` ends it.',
  ]);
  ending = new AbortController();
  const looks = [filling, filling, model(other('following', 40))];
  answer = () => ({ models: [looks.length > 1 ? looks.shift() : looks[0]] });
  const again = await run('rebuild customers');
  expect([again.code, again.out]).toEqual([
    0,
    'shop: customers: the new generation follows; customers is live, customers_g2 is following',
  ]);
  expect(shop.asked.filter((one) => one.startsWith('POST'))).toEqual([]);
});

test('rebuild from another source than the one of the backfill is asked for, and refused by the service', async () => {
  const filling = model(other('backfilling', 10));
  answer = (asked) => (asked.startsWith('GET') ? { models: [filling] } : undefined);
  expect((await run('rebuild customers --from snapshots')).code).toBe(1);
  expect(shop.asked.filter((one) => one.startsWith('POST'))).toHaveLength(1);
});

test('rebuild compare: the comparison continues, and the same command follows it', async () => {
  const running = { models: [model(other('following', 40), compared('running'))] };
  answering(running, running);
  const { code, err } = await run('rebuild compare customers');
  expect([code, err]).toEqual([
    130,
    'Stopped. The comparison of customers continues in shop. The same command shows its progress again, or compares again after its end.',
  ]);
  ending = new AbortController();
  const looks = [running, { models: [model(other('following', 40), compared('equal'))] }];
  answer = () => (looks.length > 1 ? looks.shift() : looks[0]);
  expect((await run('rebuild compare customers')).code).toBe(0);
  expect(shop.asked.filter((one) => one.startsWith('POST'))).toEqual([]);
});

test('held retry-all: what was released is counted, and stays released', async () => {
  const released = (key: string) => ({ key, outcome: 'released', detail: '', held: null });
  const page = { items: [released('user-1'), released('user-2')], nextCursor: 'more', left: 3 };
  answering(page, page);
  const { code, err } = await run('held retry-all');
  expect([code, err.split('\n').at(-1)]).toEqual([
    130,
    'Stopped. shop: released 2, held again 0, unanswered 0, places 0 so far, and perhaps one page more. What was released stays released; the same command goes on with the rest.',
  ]);
});
