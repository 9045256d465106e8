// Goal: with tokens every route asks for one, and a service that could not be safe or complete does not start, in one sentence.
// Method: a matrix of callers and routes; then the compiled service started with faulty environments.
import { execFileSync } from 'node:child_process';
import { testMongodbUri } from 'foldline/testing/workspace';
import { refusedStart, startServiceProcess } from './testing/service-process.ts';
import { type StartedUserService, startTestUserService } from './testing/started-user-service.ts';

const shop = 'shop-token-0123456789abcdef0123456';
const ops = 'ops-token-0123456789abcdef0123456';

describe('with API_TOKENS', () => {
  let service: StartedUserService;
  let id: string;
  const user = { firstName: 'Ada', lastName: '', email: 'access@example.org' };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  beforeAll(async () => {
    service = await startTestUserService({ API_TOKENS: `shop=${shop},ops=${ops}:admin` });
    id = (await service.call('POST /users', user, bearer(shop))).body.id;
  });
  afterAll(() => service.close());

  describe.each([
    ['nobody', {}, false],
    ['a wrong token', bearer(`${shop.slice(0, -1)}7`), false],
    ['a name instead of a token', bearer('shop'), false],
    ['another scheme', { authorization: 'Basic c2hvcDpzaG9wLXRva2Vu' }, false],
    ['a user', bearer(shop), true],
    ['an administrator', bearer(ops), true],
  ])('%s', (_, headers, known) => {
    test.each([
      ['GET /users', 200],
      ['GET /users/:id', 200],
      ['GET /users/:id/events', 200],
      ['PATCH /users/:id', 200],
      ['POST /users', 409],
      ['GET /metrics', 200],
      ['GET /readyz?verbose', 200],
      ['GET /openapi.json', 200],
      ['GET /nothing', 404],
    ])('%s', async (route, status) => {
      const body = route.startsWith('POST') ? user : route.startsWith('PATCH') ? { firstName: 'Ada' } : undefined;
      const answer = await service.call(route.replace(':id', id), body, headers);
      expect(answer.status).toBe(known ? status : 401);
      if (!known) expect([answer.body.code, answer.headers['www-authenticate']]).toEqual(['unauthorized', 'Bearer']);
    });

    test.each(['/livez', '/readyz', '/problems', '/problems/deleted'])('%s is for anyone', async (path) => {
      expect((await service.call(`GET ${path}`, undefined, headers)).status).toBe(200);
    });
  });

  test.each([
    ['GET /admin/projections', 200],
    ['POST /admin/projections/users/resume', 200],
    ['POST /admin/projections/nobody/pause', 404],
  ])('%s is for administrators', async (route, status) => {
    expect((await service.call(route, undefined, bearer(shop))).status).toBe(403);
    expect((await service.call(route, undefined, bearer(ops))).status).toBe(status);
  });

  test('a key belongs to its caller: another one’s same key is another key', async () => {
    const key = { 'idempotency-key': 'mine' };
    const first = await service.call(`PATCH /users/${id}`, { lastName: 'L' }, { ...key, ...bearer(shop) });
    const other = await service.call(`PATCH /users/${id}`, { lastName: 'M' }, { ...key, ...bearer(ops) });
    expect([first.status, other.status, other.body.version]).toEqual([200, 200, first.body.version + 1]);
    expect(other.headers['idempotency-replayed']).toBeUndefined();
  });

  test('no token is stored', async () => {
    for (const { name } of await service.db.listCollections().toArray()) {
      if (name.startsWith('system.')) continue;
      const text = JSON.stringify(await service.db.collection(name).find().toArray());
      expect(text).not.toContain('-token');
    }
  });
});

/** `openssl rand -hex 32`, as the sentence and the page say. */
const newToken = () => execFileSync('openssl', ['rand', '-hex', '32'], { encoding: 'utf8' }).trim();

test('troubleshooting: The service does not start: API_TOKENS has a token that has fewer than 32 characters', async () => {
  const env = { MONGODB_URI: testMongodbUri(), USERS_DATABASE: 'short-tokens' };
  const { code, said } = await refusedStart({ ...env, API_TOKENS: `shop=${newToken()},ops=hunter2:admin` });
  expect([code, said]).toEqual([
    1,
    'user-service did not start: API_TOKENS: entry 2 (ops) has a token that has fewer than 32 characters and could be ' +
      'guessed: make one with `openssl rand -hex 32`.',
  ]);
  const token = newToken();
  const started = await startServiceProcess({ ...env, API_TOKENS: `shop=${newToken()},ops=${token}:admin` });
  const answer = await fetch(`${started.url}/admin/held`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  await started.stop();
}, 60_000);

const one = 'repeated-0123456789abcdef0123456';

describe('a start is refused', () => {
  test.each([
    ['HOST=0.0.0.0 without tokens', { HOST: '0.0.0.0' }, [/HOST=0\.0\.0\.0.*API_TOKENS/]],
    ['no address of MongoDB', { MONGODB_URI: '' }, [/MONGODB_URI \(not set\)/]],
    [
      'several faults, each of them named',
      { MONGODB_URI: 'localhost', USER_SERVICE_PORT: '70000', LOG_LEVEL: 'loud', STORE_TRIES_MAX: 'x' },
      [/MONGODB_URI/, /USER_SERVICE_PORT \("70000"\)/, /LOG_LEVEL \("loud"\)/, /STORE_TRIES_MAX/],
    ],
    [
      'a token that is two names',
      { API_TOKENS: `shop=${one},ops=${one}:admin` },
      [/entry 2 \(ops\) repeats the token of shop/],
    ],
    ['a token without a name', { API_TOKENS: 'secret-of-mine' }, [/API_TOKENS: entry 1/]],
    [
      'a MongoDB that does not answer',
      { MONGODB_URI: 'mongodb://127.0.0.1:1/?directConnection=true', MONGODB_SELECTION_TIMEOUT_MS: '300' },
      [/No MongoDB answered.*127\.0\.0\.1:1.*correct MONGODB_URI/],
    ],
  ])(
    'for %s',
    async (_, env, expected) => {
      const { code, said } = await refusedStart({ MONGODB_URI: testMongodbUri(), USERS_DATABASE: 'refused', ...env });
      expect(code).toBe(1);
      for (const pattern of expected) expect(said).toMatch(pattern);
      expect(said).not.toContain('    at ');
      expect(said).not.toContain('secret-of-mine');
      expect(said).not.toContain(one);
      if (expected.length === 1) expect(said.split('\n').length).toBeLessThanOrEqual(2);
    },
    30_000,
  );
});
