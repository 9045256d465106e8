// Goal: an operator reaches every service by the address that was meant: of the command line, of a setting, of a file, of the last
// start, or of the folder. What is wrong is told with the way out, and a token goes only where it belongs.
// Method: whole command lines against small servers that play services, some of which lack operations.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JsonServer, keptOutput, startJsonServer, startLocalServer } from '../testing/workspace/index.ts';
import { type Brought, runCli } from './cli.ts';
import { twoServices } from './testing/two-services.ts';

const projection = (name: string) => ({
  name,
  state: 'running',
  detail: '',
  pause: null,
  gap: null,
  lagMs: null,
  eventsPerSecond: 0,
  held: 0,
  sources: [],
  models: [{ name, collection: name, equalAt: null, lastVerification: null }],
});

/** Has these projections, generations and verifications of the same names, and nothing that is held. */
const startFullService = (...names: readonly string[]) =>
  startJsonServer((method, path) => {
    if (method === 'POST' && path.endsWith('/pause')) return { name: path.split('/')[3], isChanged: true, pause: null };
    if (path === '/admin/projections') return { projections: names.map(projection) };
    if (path === '/admin/verifications') return { models: names.map((name) => ({ name, source: 'its source' })) };
    if (path === '/admin/models') return { models: [] };
    return path.startsWith('/admin/held?') ? { items: [], nextCursor: null } : undefined;
  });

/** As the mailing service of the documentation answers today: held subjects, and nothing else. */
const startSmallService = () =>
  startJsonServer((_, path) => (path.startsWith('/admin/held?') ? { items: [], nextCursor: null } : undefined));

let folder: string;
let users: JsonServer;
let shop: JsonServer;
let mailing: JsonServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foldline-admin-'));
  users = await startFullService('users');
  shop = await startFullService('shop', 'orders');
  mailing = await startSmallService();
});
afterEach(async () => {
  await Promise.all([users.close(), shop.close(), mailing.close()]);
  await rm(folder, { recursive: true });
});

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, brought: Brought = {}) {
  const { output, said } = keptOutput();
  const around = { env: { DATA_DIR: folder, ...env }, ...output, confirm: undefined };
  return { code: await runCli(args, around, brought), ...said() };
}

async function fileOf(content: object | string): Promise<string> {
  const file = join(folder, 'services.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

async function startWrote(content: object): Promise<void> {
  await mkdir(join(folder, 'services'), { recursive: true });
  await writeFile(join(folder, 'services', 'addresses.json'), JSON.stringify(content));
}

const projectionsIn = (out: string) => out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2).join(' '));

describe('an address', () => {
  test('of the command line: only these services are asked, whatever else is known', async () => {
    await startWrote({ 'user-service': { url: users.url } });
    const both = ['--service', `shopping-service=${shop.url}/`, '--service', `mailing-service=${mailing.url}`];
    const { code, out, err } = await run(['held', 'list', ...both], {}, twoServices);
    expect([code, err, out]).toEqual([0, '', 'held 0 (0 in shopping-service, 0 in mailing-service)']);
    expect(users.asked).toEqual([]);
  });

  test('of a file: all that it names, and of these the ones that are chosen', async () => {
    await startWrote({ 'user-service': { url: users.url } });
    const file = await fileOf({ 'shopping-service': { url: shop.url }, 'mailing-service': { url: mailing.url } });
    const all = await run(['held', 'list', '--services', file], {}, twoServices);
    expect(all.out).toBe('held 0 (0 in shopping-service, 0 in mailing-service)');
    const one = await run(['held', 'list', '--services', file, '--service', 'mailing-service'], {}, twoServices);
    expect(one.out).toBe('held 0 (0 in mailing-service)');
    expect(users.asked).toEqual([]);
  });

  test('of the last start, before the one of the folder', async () => {
    await startWrote({ 'user-service': { url: users.url }, 'shopping-service': { url: shop.url } });
    const { code, out, err } = await run(['status'], {}, twoServices);
    expect([code, projectionsIn(out)]).toEqual([
      0,
      ['service projection', 'user-service users', 'shopping-service shop', 'shopping-service orders'],
    ]);
    expect(err).toBe(`services at the addresses in ${join(folder, 'services', 'addresses.json')}`);
    const set = { USER_SERVICE_URL: users.url, SHOPPING_SERVICE_URL: shop.url };
    expect((await run(['status'], set, twoServices)).err).toBe('');
  });

  test('of the folder, where nothing else says one', async () => {
    const services = { 'mailing-service': { url: mailing.url } };
    expect((await run(['held', 'list'], {}, { services })).out).toBe('held 0 (0 in mailing-service)');
  });

  test('of a setting: it wins over every file, and not over the command line', async () => {
    const file = await fileOf({ 'mailing-service': { url: 'http://127.0.0.1:1' } });
    await startWrote({ 'user-service': { url: 'http://127.0.0.1:1' } });
    const env = { USER_SERVICE_URL: users.url, MAILING_SERVICE_URL: mailing.url };
    expect((await run(['held', 'list', '--services', file], env)).out).toBe('held 0 (0 in mailing-service)');
    expect((await run(['held', 'list'], env)).out).toBe('held 0 (0 in user-service)');
    expect((await run(['held', 'list', '--service', 'mailing-service'], env)).code).toBe(0);
    const typed = ['--service', `mailing-service=${shop.url}`];
    expect((await run(['held', 'list', ...typed], env)).code).toBe(0);
    expect(shop.asked).toHaveLength(1);
  });
});

describe('what is wrong is told with the way out', () => {
  test.each([
    [
      ['--service', 'mailing-service'],
      2,
      /^There is no service mailing-service\. Known are: user-service, shopping-service\. Give its address: --service mailing-service=<url>\.$/,
    ],
    [
      ['--service', 'Mailing=http://127.0.0.1:1'],
      2,
      /"Mailing" is no name of a service: a name has lower-case letters/,
    ],
    [['--service', 'mailing-service=3003'], 2, /mailing-service="3003": the address must begin with http/],
    [
      ['--service', 'mailing-service=http://a:hunter2@127.0.0.1:1'],
      2,
      /mailing-service=set: the address holds a user or password/,
    ],
    [
      ['--service', 'a=http://127.0.0.1:1', '--service', 'a=http://127.0.0.1:2'],
      2,
      /^a is given twice: give --service once/,
    ],
    [['--services', '/nowhere/services.json'], 1, /^\/nowhere\/services\.json is not there: --services names a file/],
  ])('%j', async (args, expected, message) => {
    const { code, out, err } = await run(['status', ...args], {}, twoServices);
    expect([code, out]).toEqual([expected, '']);
    expect(err).toMatch(message);
    expect(err).not.toContain('hunter2');
  });

  test.each([
    ['no JSON', '{', /holds no JSON\. It must be like \{ "mailing-service"/],
    ['another form', [], /does not say where services listen/],
    ['a bad name', { 'Mailing Service': { url: 'http://a' } }, /Mailing Service: a name has lower-case letters/],
    ['no address', { mailing: {} }, /mailing\.url: /],
    ['an unknown key', { mailing: { url: 'http://a', token: 'x' } }, /mailing: Unrecognized key: "token"/],
    ['a login in an address', { mailing: { url: 'http://a:hunter2@b' } }, /mailing\.url: holds a user or password/],
    [
      'a token for the name of its variable',
      { mailing: { url: 'http://a', tokenVariable: 'hunter2' } },
      /must be the name of an environment variable/,
    ],
    ['too much', `{"a":{"url":"http://a"}}${' '.repeat(70_000)}`, /has 70024 bytes, more than 65536/],
    [
      'too many services',
      Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`a${n}`, { url: 'http://a' }])),
      /must name at most 100 services/,
    ],
  ])('a file with %s', async (_, content, message) => {
    const { code, out, err } = await run(['status', '--services', await fileOf(content)]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(message);
    expect(err).not.toContain('hunter2');
  });

  test('nobody knows a service', async () => {
    const { code, err } = await run(['status']);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^No service is known: give --service <name>=<url>, or --services/),
    ]);
  });

  test('a setting of a service that only a file names, with its variable', async () => {
    const file = await fileOf({ 'mailing-service': { url: mailing.url } });
    const { code, err } = await run(['status', '--services', file], { MAILING_SERVICE_URL: 'nowhere' });
    expect([code, err]).toEqual([1, expect.stringMatching(/MAILING_SERVICE_URL \("nowhere"\): must begin with http/)]);
  });

  test.each([
    [
      'a file',
      async () => ['--services', await fileOf({ gone: { url: 'http://127.0.0.1:1' } })],
      /or correct its address in .*services\.json\.$/,
    ],
    ['the command line', async () => ['--service', 'gone=http://127.0.0.1:1'], /or correct --service gone=<url>\.$/],
    ['the folder', async () => ['--service', 'user-service'], /or set USER_SERVICE_URL\.$/],
  ])('a service is down whose address is of %s', async (_, args, way) => {
    const { code, err } = await run(['status', ...(await args())], {}, twoServices);
    expect(code).toBe(1);
    expect(err).toMatch(way);
  });
});

describe('a service without an operation is told as such, and is no failure', () => {
  const around = () => ({ USER_SERVICE_URL: users.url, SHOPPING_SERVICE_URL: mailing.url });
  const lacks = (what: string) =>
    `shopping-service at ${mailing.url} offers no ${what}: the service is older, or of another kind.`;

  test.each([
    [['status'], 'projections', 'user-service  users'],
    [['verify'], 'verifications', 'users  user-service'],
    [['rebuild', 'status'], 'rebuilds', 'model'],
  ])('%j', async (args, what, shown) => {
    const { code, out, err } = await run(args, around(), twoServices);
    const missing = err.split('\n');
    expect([code, missing.at(-1)]).toEqual([0, lacks(what)]);
    expect(out).toContain(shown);
  });

  test('a name that is not found says so of each service that could not have it', async () => {
    const { code, err } = await run(['pause', 'recipients'], around(), twoServices);
    expect([code, err]).toEqual([1, `There is no projection recipients. There are: users. ${lacks('projections')}`]);
  });

  test('where no service has any, it is said that there is none', async () => {
    const { code, err } = await run(['pause', 'recipients', '--service', `shopping-service=${mailing.url}`]);
    expect([code, err]).toEqual([1, `There is no projection recipients. ${lacks('projections')}`]);
  });

  test.each([
    [['status'], 'new-service has no projection.'],
    [['verify'], 'new-service has no model.'],
    [['rebuild', 'status'], 'new-service has no model.'],
  ])('%j names a service that has the operation and nothing to show', async (args, line) => {
    const empty = await startFullService();
    const { code, out, err } = await run([...args, '--service', `new-service=${empty.url}`]);
    expect([code, out.split('\n').at(-1), err]).toEqual([0, line, '']);
    await empty.close();
  });

  test('hazard: another program at the address is a failure, not a service that offers little', async () => {
    const stranger = await startLocalServer((_, response) => {
      response.statusCode = 404;
      response.end('<h1>Not Found</h1>');
    });
    const { code, out, err } = await run(['status'], { ...around(), SHOPPING_SERVICE_URL: stranger.url }, twoServices);
    expect([code, projectionsIn(out)]).toEqual([1, ['service projection', 'user-service users']]);
    expect(err).toMatch(/^What answers 404 at http:\S+ is not shopping-service, or not a service of Foldline:/);
    await stranger.close();
  });
});

describe('two services have one name', () => {
  let other: JsonServer;
  beforeEach(async () => {
    other = await startFullService('orders', 'parcels');
  });
  afterEach(() => other.close());
  const both = () => ['--service', `shopping-service=${shop.url}`, '--service', `parcel-service=${other.url}`];

  test('neither is taken: 2, with the names that say which', async () => {
    const { code, err } = await run(['pause', 'orders', ...both()]);
    expect([code, err]).toEqual([
      2,
      '2 services have a projection orders. Name one of them: shopping-service/orders or parcel-service/orders.',
    ]);
    expect([...shop.asked, ...other.asked].filter((one) => one.startsWith('POST'))).toEqual([]);
  });

  test('the one that is named with its service is taken, and the way back is told with it', async () => {
    const { code, out } = await run(['pause', 'parcel-service/orders', ...both()]);
    expect([code, out]).toEqual([
      0,
      'parcel-service: orders is paused. It goes on with: npm run admin -- resume parcel-service/orders',
    ]);
    expect(other.asked.at(-1)).toBe('POST /admin/projections/orders/pause');
    expect((await run(['pause', 'parcels', ...both()])).out).toMatch(/^parcel-service: parcels is paused/);
  });

  test('an unknown one is told with the full names of those that need them', async () => {
    expect((await run(['verify', 'people', ...both()])).err).toBe(
      'There is no model people. There are: shop, shopping-service/orders, parcel-service/orders, parcels.',
    );
  });
});

describe('tokens', () => {
  const ofAll = 'a'.repeat(32);
  const ofMailing = 'm'.repeat(32);
  async function startGuarded() {
    const tokens: (string | undefined)[] = [];
    const server = await startLocalServer((request, response) => {
      tokens.push(request.headers.authorization);
      response.statusCode = 401;
      response.end(JSON.stringify({ code: 'unauthorized', detail: 'Send a valid token.' }));
    });
    return { ...server, tokens };
  }

  test('each service gets its own: of the variable that the file names for it, else ADMIN_TOKEN', async () => {
    const [first, second] = [await startGuarded(), await startGuarded()];
    const file = await fileOf({
      first: { url: first.url },
      second: { url: second.url, tokenVariable: 'MAILING_TOKEN' },
    });
    const { code, err } = await run(['status', '--services', file], { ADMIN_TOKEN: ofAll, MAILING_TOKEN: ofMailing });
    expect([code, first.tokens, second.tokens]).toEqual([1, [`Bearer ${ofAll}`], [`Bearer ${ofMailing}`]]);
    expect(err).toMatch(
      /^first at .* Set ADMIN_TOKEN to an administrator's token\.\nsecond at .* Set MAILING_TOKEN to/,
    );
    await Promise.all([first.close(), second.close()]);
  });

  test('hazard: a variable that is named and not set, or too short, sends no other token there', async () => {
    const guarded = await startGuarded();
    const file = await fileOf({ second: { url: guarded.url, tokenVariable: 'MAILING_TOKEN' } });
    const unset = await run(['status', '--services', file], { ADMIN_TOKEN: ofAll });
    expect([unset.code, unset.err]).toEqual([
      1,
      'MAILING_TOKEN is not set. It is the token of an administrator at second: set it, or take its name out.',
    ]);
    const short = await run(['status', '--services', file], { MAILING_TOKEN: 'hunter2' });
    expect([short.code, short.err]).toEqual([1, expect.stringMatching(/MAILING_TOKEN \(set\): has fewer than 32/)]);
    expect([guarded.tokens, short.err]).toEqual([[], expect.not.stringContaining('hunter2')]);
    await guarded.close();
  });
});
