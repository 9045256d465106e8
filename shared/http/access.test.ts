// Goal: nobody gets further than the route's policy says, and no route exists without one.
// Method: the matrix of routes and callers, injected; registration tried and refused.
import { z } from 'zod';
import { createTestApp, sampleId, type TestApp } from './test-app.ts';
import { assertSafeBinding, isLoopback, parseApiTokens } from './tokens.ts';

const shop = 'shop-token-0123456789abcdef012345';
const ops = 'ops-token-0123456789abcdef0123==';
const check = 'check-token-0123456789abcdef0123';

describe('parseApiTokens', () => {
  test('finds the owner, and nobody for anything else', () => {
    const tokens = parseApiTokens(` shop=${shop}, ops=${ops}:admin , check=${check}:verification`);
    expect(tokens.size).toBe(3);
    const rightsOf = (token: string) => {
      const { name, rights } = tokens.principalOf(token) ?? {};
      return [name, [...(rights ?? [])].sort()];
    };
    expect(rightsOf(shop)).toEqual(['shop', ['read', 'write']]);
    expect(rightsOf(check)).toEqual(['check', ['read', 'verification']]);
    expect(rightsOf(ops)).toEqual(['ops', ['admin', 'read', 'verification', 'write']]);
    for (const wrong of ['', shop.slice(1), `${shop}a`, ops.slice(0, -2), `${ops}:admin`])
      expect(tokens.principalOf(wrong)).toBeNull();
  });

  test('keeps no token in clear', () => {
    const tokens = parseApiTokens(`shop=${shop}`);
    expect(JSON.stringify(tokens)).not.toContain(shop);
  });

  test.each([undefined, '', '  '])('%j means none', (text) => expect(parseApiTokens(text).size).toBe(0));

  const secret = 'secret-0123456789abcdef012345678';
  test.each([
    secret,
    `a=${secret},`,
    `=${secret}`,
    'a=',
    `a=${secret}:root`,
    `a=${secret}:constructor`,
    `a=${secret}:admin:x`,
    `a=${secret}:verification:admin`,
    `a=${secret} secret`,
    `a=${secret},a=${shop}`,
  ])('%j is refused without repeating the token', (text) => {
    expect(() => parseApiTokens(text)).toThrow(/^API_TOKENS: entry \d/);
    expect(() => parseApiTokens(text)).not.toThrow(/secret/);
  });

  test.each([
    ['under two names', `shop=${secret},ops=${secret}`],
    ['once with a scope that allows more', `shop=${secret},ops=${secret}:admin`],
    ['with another entry between them', `shop=${secret},web=${shop},ops=${secret}:verification`],
  ])('hazard: one token %s would make the one caller the other', (_, text) => {
    expect(() => parseApiTokens(text)).toThrow(/entry [23] \(ops\) repeats the token of shop.*openssl rand -hex 32/);
    expect(() => parseApiTokens(text)).not.toThrow(/secret/);
  });

  test.each(['1', 'hunter2', '0123456789abcdef012345678901234', `${'a'.repeat(30)}=`])(
    'hazard: %j is short enough to be guessed',
    (token) => {
      const refused = () => parseApiTokens(`shop=${shop},a=${token}:admin`);
      expect(refused).toThrow(/entry 2 \(a\) has a token that has fewer than 32 characters.*openssl rand -hex 32/);
      expect(refused).not.toThrow(token.length > 1 ? token : /=1/);
      expect(parseApiTokens(`a=${token.padStart(32, 'x')}`).size).toBe(1);
    },
  );
});

test('an address that others can reach needs tokens', () => {
  const none = parseApiTokens('');
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]']) {
    expect(isLoopback(host)).toBe(true);
    assertSafeBinding(host, none);
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.evil.example', '']) {
    expect(() => assertSafeBinding(host, none)).toThrow(/API_TOKENS is empty/);
    assertSafeBinding(host, parseApiTokens(`a=${shop}`));
  }
});

describe('with tokens', () => {
  let test_: TestApp;
  beforeAll(async () => {
    test_ = await createTestApp({ tokens: `shop=${shop},ops=${ops}:admin,check=${check}:verification` });
    await test_.app.ready();
  });
  afterAll(() => test_.app.close());

  const statusOf = async (url: string, authorization?: string) =>
    (await test_.app.inject({ url, headers: authorization === undefined ? {} : { authorization } })).statusCode;

  const anyone = ['/livez', '/readyz', '/problems', '/problems/deleted'];
  const known = [
    `/things/${sampleId}`,
    '/things',
    '/metrics',
    '/openapi.json',
    '/docs',
    '/docs/json',
    '/readyz?verbose',
  ];
  const unknown = [undefined, 'Bearer ', 'Bearer ccc', `Basic ${shop}`, shop, `Bearer ${shop} ${ops}`];

  test.each(anyone)('%s is for anyone', async (url) => {
    for (const authorization of [...unknown, `Bearer ${shop}`]) expect(await statusOf(url, authorization)).toBe(200);
  });

  test.each(known)('%s needs a token', async (url) => {
    for (const authorization of unknown) expect(await statusOf(url, authorization)).toBe(401);
    for (const authorization of [`Bearer ${shop}`, `bearer ${ops}`])
      expect(await statusOf(url, authorization)).toBe(200);
  });

  test('an administrator’s route refuses others', async () => {
    expect(await statusOf('/broken')).toBe(401);
    expect(await statusOf('/broken', `Bearer ${shop}`)).toBe(403);
    expect(await statusOf('/broken', `Bearer ${ops}`)).toBe(500);
  });

  test.each<[string, string, string, number[]]>([
    // In the order of the callers: without a scope, with :verification, with :admin.
    ['reads', 'GET', '/things', [200, 200, 200]],
    ['writes', 'DELETE', `/things/${sampleId}`, [204, 403, 204]],
    ['asks for digests', 'GET', '/digests', [403, 200, 200]],
    ['administers', 'GET', '/broken', [403, 403, 500]],
  ])('who %s', async (_, method, url, statuses) => {
    for (const [i, token] of [shop, check, ops].entries()) {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await test_.app.inject({ method: method as 'GET', url, headers });
      expect([token, answer.statusCode]).toEqual([token, statuses[i]]);
      if (answer.statusCode === 403)
        expect(answer.json()).toMatchObject({
          code: 'forbidden',
          detail: expect.stringMatching(/^The token of (shop|check) lacks the scope (write|verification|admin); use/),
        });
    }
  });

  test('the description names the scope of each route', () => {
    const { paths = {}, components } = test_.app.swagger() as unknown as {
      paths: Record<string, Record<string, { security?: object[]; responses: object }>>;
      components: { securitySchemes: { bearer: { description: string } } };
    };
    expect(components.securitySchemes.bearer.description).toContain('`:verification`');
    expect(paths['/digests']?.get?.security).toEqual([{ bearer: ['verification'] }]);
    expect(paths['/things/{id}']?.delete?.security).toEqual([{ bearer: ['write'] }]);
    expect(Object.keys(paths['/digests']?.get?.responses ?? {})).toContain('403');
    expect(paths['/livez']?.get?.security).toEqual([]);
  });

  test('which routes exist is not told to strangers', async () => {
    expect(await statusOf('/nothing')).toBe(401);
    expect(await statusOf('/nothing', `Bearer ${shop}`)).toBe(404);
  });

  test('401 says how to ask, and no log line has the token', async () => {
    const answer = await test_.app.inject({ url: '/things', headers: { authorization: 'Bearer wrong-one' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toMatchObject({ code: 'unauthorized', status: 401 });
    expect(test_.lines.join('')).not.toMatch(/wrong-one|-token-/);
  });

  test('the principal of a command is the token’s name', async () => {
    await test_.app.inject({
      method: 'DELETE',
      url: `/things/${sampleId}`,
      headers: { authorization: `Bearer ${shop}` },
    });
    expect(test_.commands.at(-1)?.principal).toBe('shop');
  });
});

test('a route without policy or response schema does not register', async () => {
  const { app } = await createTestApp();
  const response = { 200: z.strictObject({}) };
  expect(() => app.get('/a', { schema: { response } }, async () => ({}))).toThrow('Route GET /a has no policy');
  expect(() => app.get('/b', { config: { policy: 'read' } }, async () => ({}))).toThrow('has no response schema');
  expect(() => app.get('/docsy', { schema: { response } }, async () => ({}))).toThrow('has no policy');
  await app.close();
});

test('too many requests are told when to go on, and probes are not counted', async () => {
  const { app } = await createTestApp({ tokens: `a=${shop}`, rateLimit: true, limits: { requestsPerMinute: 2 } });
  const ask = (authorization: string) => app.inject({ url: '/things', headers: { authorization } });
  expect((await ask(`Bearer ${shop}`)).statusCode).toBe(200);
  expect((await ask(`Bearer ${shop}`)).statusCode).toBe(200);
  const third = await ask(`Bearer ${shop}`);
  expect(third.statusCode).toBe(429);
  expect(third.json().code).toBe('rate-limited');
  expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
  // Guessing tokens is limited as well, by address.
  const guesses = [];
  for (const guess of ['Bearer x', 'Bearer y', 'Bearer z']) guesses.push((await ask(guess)).statusCode);
  expect(guesses).toEqual([401, 401, 429]);
  for (let i = 0; i < 5; i += 1) expect((await app.inject('/livez')).statusCode).toBe(200);
  await app.close();
});
