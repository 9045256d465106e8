// Goal: the operator's command line keeps its exit codes, its JSON and its promises: it finds the service that holds a key, tells
// which service is down, and shows how far it is. Method: whole command lines against two small servers that play the services.
import { outputOption } from '../terminal/command-line.ts';
import { keptOutput, startLocalServer } from '../testing/workspace/index.ts';
import { runCli } from './cli.ts';
import { json, type Surroundings } from './context.ts';
import { AdminFailure } from './failure.ts';
import { noDataDir, twoServices } from './testing/two-services.ts';
import type { AddVerb } from './verbs/verb.ts';

interface Entry {
  readonly key: string;
  readonly kind: 'subject' | 'place';
  outcome: 'released' | 'held' | 'unanswered' | 'parked';
}

const subject = (n: number) => `user-018f0000-0000-7000-8000-00000000000${n}`;
const place = 'user-events/0@17';

/** As a service answers, page by page. */
async function startFakeService() {
  const held = new Map<string, Entry>();
  const requests: string[] = [];
  let token: string | undefined;
  const bodyOf = ({ key, kind }: Entry) => ({
    key,
    kind,
    projection: kind === 'place' ? null : 'users',
    reason: kind === 'place' ? 'unreadable' : 'hole',
    detail: 'it says why',
    appliedVersion: 1,
    seenVersion: 3,
    since: '2030-01-01T00:00:00.000Z',
    attempts: 2,
  });
  const retry = (one: Entry) => {
    if (one.kind === 'place') return { key: one.key, outcome: 'place', detail: 'a place', held: bodyOf(one) };
    if (one.outcome === 'released') held.delete(one.key);
    return {
      key: one.key,
      outcome: one.outcome,
      detail: `it is ${one.outcome}`,
      held: one.outcome === 'released' ? null : bodyOf(one),
    };
  };
  function answer(method: string, url: URL): [number, unknown] {
    const [, , , key, verb] = url.pathname.split('/').map(decodeURIComponent);
    const after = url.searchParams.get('cursor') ?? '';
    const rest = [...held.values()].filter((one) => one.key > after).sort((a, b) => (a.key < b.key ? -1 : 1));
    const page = rest.slice(0, Number(url.searchParams.get('limit')));
    const nextCursor = rest.length > page.length ? (page.at(-1)?.key ?? null) : null;
    if (key === undefined) return [200, { items: page.map(bodyOf), nextCursor }];
    if (key === 'retry') return [200, { items: page.map(retry), nextCursor, left: rest.length - page.length }];
    const one = held.get(key);
    if (!one) return [404, { code: 'not-found', detail: 'not held' }];
    if (method === 'DELETE' && one.kind === 'subject')
      return [400, { code: 'invalid-request', detail: `${key} cannot be dismissed` }];
    if (method === 'DELETE') return [held.delete(key) ? 204 : 500, undefined];
    if (verb === 'retry') return [200, retry(one)];
    const document = { _id: key, version: 1, state: 'active', data: { firstName: 'Ada' } };
    const next = { document: { ...document, version: 3 }, events: 2, stop: null };
    const shown = one.kind === 'place' ? { document: null, next: null } : { document, next };
    return [200, { held: bodyOf(one), ...shown, detail: 'A retry would release it.' }];
  }
  const server = await startLocalServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    fake.onRequest();
    const refused = token !== undefined && request.headers.authorization !== `Bearer ${token}`;
    const [status, body] = refused
      ? [401, { code: 'unauthorized', detail: 'Send a valid token.' }]
      : answer(request.method ?? '', new URL(request.url ?? '', 'http://x'));
    response.statusCode = status;
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
  const fake = {
    ...server,
    requests,
    /** Done at each request, before its answer. */
    onRequest: () => {},
    hold: (key: string, outcome: Entry['outcome'] = 'held') =>
      held.set(key, { key, outcome, kind: key.includes('@') ? 'place' : 'subject' }),
    holds: (key: string) => held.has(key),
    demand: (given: string) => {
      token = given;
    },
  };
  return fake;
}

let users: Awaited<ReturnType<typeof startFakeService>>;
let shop: typeof users;
beforeEach(async () => {
  users = await startFakeService();
  shop = await startFakeService();
});
afterEach(() => Promise.all([users.close(), shop.close()]));

async function run(args: string[], around: Partial<Surroundings> = {}, brought: readonly AddVerb[] = []) {
  const { output, said } = keptOutput();
  const surroundings: Surroundings = {
    env: {
      DATA_DIR: noDataDir,
      USER_SERVICE_URL: users.url,
      SHOPPING_SERVICE_URL: `${shop.url}/`,
      ADMIN_RETRIES_PER_PAGE: '2',
    },
    ...output,
    confirm: undefined,
    ...around,
  };
  const code = await runCli(args, surroundings, { ...twoServices, verbs: brought });
  return { code, ...said() };
}

test('list shows what both services hold, or one of them, page by page', async () => {
  users.hold(subject(1));
  for (const n of [1, 2, 3]) shop.hold(subject(n));
  shop.hold(place);
  const { code, out, err } = await run(['held', 'list']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain(`user-service  ${subject(1)}\n    hole, at version 1 of 3 seen, since 2030`);
  expect(out.split('\n').at(-1)).toBe('held 5 (1 in user-service, 4 in shopping-service)');
  const few = await run(['held', 'list', '--service', 'shopping-service', '--limit', '3', '-o', 'json']);
  expect(JSON.parse(few.out).held.map((one: { key: string }) => one.key)).toEqual([1, 2, 3].map(subject));
  expect(few.err).toBe('shopping-service holds more than the 3 shown; --limit shows more.');
});

test('nothing held is said, with 0', async () => {
  expect(await run(['held', 'list'])).toEqual({
    code: 0,
    err: '',
    out: 'held 0 (0 in user-service, 0 in shopping-service)',
  });
  expect(JSON.parse((await run(['held', 'list', '-o', 'json'])).out)).toEqual({ held: [] });
  expect((await run(['held', 'retry-all'])).code).toBe(0);
});

test('show asks the service that holds the key, which is encoded, and prints both documents', async () => {
  shop.hold(subject(1));
  shop.hold(place);
  const { code, out } = await run(['held', 'show', subject(1)]);
  expect(code).toBe(0);
  expect(out).toMatch(/document now:[\s\S]*"version": 1[\s\S]*document after a retry:[\s\S]*"version": 3/);
  expect(out.split('\n').at(-1)).toBe('A retry would release it.');
  const shown = await run(['held', 'show', place, '-o', 'json']);
  expect(JSON.parse(shown.out)).toMatchObject({ shown: [{ service: 'shopping-service', document: null, next: null }] });
  expect(shop.requests.at(-1)).toBe('GET /admin/held/user-events%2F0%4017');
});

test('retry acts wherever the key is held: 0 once released, 4 when it is held again', async () => {
  users.hold(subject(1), 'released');
  shop.hold(subject(1));
  const first = await run(['held', 'retry', subject(1)]);
  expect(first.code).toBe(4);
  expect(first.out).toBe(
    `user-service: released ${subject(1)}\nshopping-service: held again ${subject(1)} (attempt 2): it is held`,
  );
  shop.hold(subject(1), 'released');
  const second = await run(['held', 'retry', subject(1), '-o', 'json']);
  expect([second.code, JSON.parse(second.out).retried]).toMatchObject([
    0,
    [{ service: 'shopping-service', outcome: 'released', held: null }],
  ]);
  const third = await run(['held', 'retry', subject(1)]);
  expect([third.code, third.out]).toEqual([1, '']);
  expect(third.err).toMatch(/is not held\. Asked: user-service \(http:.*\), shopping-service \(http:.*\)/);
});

test('retry-all goes through all pages, says how far it is, and counts how each ended', async () => {
  for (const n of [1, 2, 3]) shop.hold(subject(n), 'released');
  shop.hold(subject(4));
  shop.hold(place);
  const { code, out, err } = await run(['held', 'retry-all']);
  expect(code).toBe(4);
  expect(err.split('\n').map((line) => line.replace(/^.*; /, ''))).toEqual([
    '0 to go',
    '3 to go',
    '1 to go',
    '0 to go',
  ]);
  expect(out).toContain(`held again ${subject(4)}`);
  expect(out.split('\n').slice(-2)).toEqual([
    'user-service: released 0, held again 0, unanswered 0, places 0',
    'shopping-service: released 3, held again 1, unanswered 0, places 1',
  ]);
  shop.hold(subject(4), 'unanswered');
  expect((await run(['held', 'retry-all', '-o', 'json'])).code).toBe(1);
});

test('hazard: a place that is held still, or an outcome that is not known here, is no success of retry-all: 4', async () => {
  shop.hold(subject(1), 'released');
  shop.hold(place);
  expect((await run(['held', 'retry', place])).code).toBe(4);
  const { code, out } = await run(['held', 'retry-all']);
  expect([code, out]).toEqual([4, expect.stringContaining(`place ${place}: a place`)]);
  await run(['held', 'dismiss', place]);
  shop.hold(subject(2), 'parked');
  const newer = await run(['held', 'retry-all']);
  expect([newer.code, newer.out.split('\n').at(-1)]).toEqual([
    4,
    'shopping-service: released 0, held again 0, unanswered 0, places 0, parked 1',
  ]);
});

test.each(['held list', 'status', 'verify', 'rebuild status', 'pause shop', `held retry ${subject(1)}`])(
  'hazard: Ctrl-C during a request of %j is told as such, once, not as a service that is down',
  async (line) => {
    const ending = new AbortController();
    users.onRequest = () => ending.abort();
    const { code, err } = await run(line.split(' '), { signal: ending.signal });
    expect(code).toBe(130);
    expect(err).toMatch(/^Stopped before the answer of user-service[^\n]*\.$/);
    expect(shop.requests).toEqual([]);
  },
);

test('hazard: an address with a login is refused, and what stands in it is not told', async () => {
  const env = { USER_SERVICE_URL: 'http://admin:hunter2@127.0.0.1:1', SHOPPING_SERVICE_URL: 'admin:hunter2@127.0.0.1' };
  const { code, err } = await run(['held', 'list'], { env });
  expect(code).toBe(1);
  expect(err).toMatch(/USER_SERVICE_URL \(set\): holds a user or password.*leave both out/);
  expect(err).toContain('SHOPPING_SERVICE_URL (set): must begin with http');
  expect(err).not.toMatch(/hunter2|admin:/);
});

test('dismiss forgets a place, asks on a terminal, and is refused for a subject', async () => {
  shop.hold(place);
  shop.hold(subject(1));
  expect(await run(['held', 'dismiss', place], { confirm: async () => false })).toMatchObject({ code: 1, out: '' });
  expect(shop.holds(place)).toBe(true);
  expect((await run(['held', 'dismiss', place])).out).toBe(`shopping-service: dismissed ${place}`);
  expect(shop.holds(place)).toBe(false);
  const refused = await run(['held', 'dismiss', subject(1), '--yes']);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('cannot be dismissed') });
});

test('a service that is down is named with its address and its variable, and the other one is shown', async () => {
  users.hold(subject(1));
  await shop.close();
  const { code, out, err } = await run(['held', 'list']);
  expect(code).toBe(1);
  expect(out).toContain(subject(1));
  expect(err).toBe(
    `shopping-service does not answer at ${shop.url} (ECONNREFUSED). Start it, or set SHOPPING_SERVICE_URL.`,
  );
  expect((await run(['held', 'list', '--service', 'user-service'])).code).toBe(0);
  shop = await startFakeService();
});

test('a token is sent; a wrong one is told with the variable to set', async () => {
  users.demand('s'.repeat(32));
  const env = { DATA_DIR: noDataDir, USER_SERVICE_URL: users.url, SHOPPING_SERVICE_URL: shop.url };
  const refused = await run(['held', 'list'], { env: { ...env, ADMIN_TOKEN: 'o'.repeat(32) } });
  expect(refused).toMatchObject({
    code: 1,
    err: expect.stringMatching(/user-service .* refuses with 401.*ADMIN_TOKEN/),
  });
  expect(refused.err).not.toContain('ooo');
  expect((await run(['held', 'list'], { env: { ...env, ADMIN_TOKEN: 's'.repeat(32) } })).code).toBe(0);
});

test('a verb that a service brings is run like any other: its help, its code, its failures', async () => {
  const brought: AddVerb = (root, run) => {
    root
      .command('greet')
      .copyInheritedSettings(root)
      .addOption(outputOption())
      .argument('<name>')
      .action((name, options) =>
        run(options, async ({ stdout, format }) => {
          if (name === 'nobody') throw new AdminFailure('refused', 'Nobody is not greeted.');
          if (name === '') throw new AdminFailure('usage', 'An empty name is not greeted.');
          stdout(format === 'json' ? json({ name }) : `Hello ${name}.`);
          return 3;
        }),
      );
  };
  expect(await run(['greet', 'Ada'], {}, [brought])).toEqual({ code: 3, out: 'Hello Ada.', err: '' });
  expect(await run(['greet', 'nobody'], {}, [brought])).toEqual({ code: 1, out: '', err: 'Nobody is not greeted.' });
  expect((await run(['greet'], {}, [brought])).code).toBe(2);
  expect(await run(['greet', ''], {}, [brought])).toEqual({ code: 2, out: '', err: 'An empty name is not greeted.' });
  expect((await run(['--help'], {}, [brought])).out).toContain('greet');
});

test('wrong usage: 2; bad settings: 1, every one named', async () => {
  expect((await run([])).code).toBe(2);
  expect((await run(['heldd'])).code).toBe(2);
  expect((await run(['held', 'show'])).code).toBe(2);
  expect((await run(['held', 'list', '--service', 'nobody'])).code).toBe(2);
  expect((await run(['held', 'list', '-o', 'yaml'])).code).toBe(2);
  expect((await run(['held', 'list', '--limit', '0'])).code).toBe(2);
  expect((await run(['--help'])).code).toBe(0);
  expect((await run(['held', 'retry', '--help'])).code).toBe(0);
  const env = { USER_SERVICE_URL: 'nowhere', ADMIN_TIMEOUT_MS: 'soon', ADMIN_TOKEN: 'hunter2' };
  const bad = await run(['held', 'list'], { env });
  expect(bad.code).toBe(1);
  for (const name of Object.keys(env)) expect(bad.err).toContain(name);
  expect(bad.err).toContain('has fewer than 32 characters');
  expect(bad.err).not.toContain('hunter2');
});
