// Goal: nobody gets further than the route's policy says, and no route exists without one.
// Method: the matrix of routes and callers, injected; registration tried and refused.
import { z } from 'zod';
import { createTestApp, sampleId, type TestApp } from './test-app.ts';
import { assertSafeBinding, isLoopback, parseApiTokens } from './tokens.ts';

describe('parseApiTokens', () => {
  test('finds the owner, and nobody for anything else', () => {
    const tokens = parseApiTokens(' shop=aaa, ops=bbb==:admin ');
    expect(tokens.size).toBe(2);
    expect(tokens.principalOf('aaa')).toEqual({ name: 'shop', admin: false });
    expect(tokens.principalOf('bbb==')).toEqual({ name: 'ops', admin: true });
    for (const wrong of ['', 'aa', 'aaaa', 'bbb', 'bbb==:admin']) expect(tokens.principalOf(wrong)).toBeNull();
  });

  test('keeps no token in clear', () => {
    const tokens = parseApiTokens('shop=very-secret');
    expect(JSON.stringify(tokens)).not.toContain('very-secret');
  });

  test.each([undefined, '', '  '])('%j means none', (text) => expect(parseApiTokens(text).size).toBe(0));

  test.each([
    'secret',
    'a=secret,',
    '=secret',
    'a=',
    'a=secret:root',
    'a=secret:admin:x',
    'a=sec ret',
    'a=secret,a=other',
  ])('%j is refused without repeating the token', (text) => {
    expect(() => parseApiTokens(text)).toThrow(/^API_TOKENS: entry \d/);
    expect(() => parseApiTokens(text)).not.toThrow(/secret/);
  });
});

test('an address that others can reach needs tokens', () => {
  const none = parseApiTokens('');
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]']) {
    expect(isLoopback(host)).toBe(true);
    assertSafeBinding(host, none);
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.evil.example', '']) {
    expect(() => assertSafeBinding(host, none)).toThrow(/API_TOKENS is empty/);
    assertSafeBinding(host, parseApiTokens('a=b'));
  }
});

describe('with tokens', () => {
  let test_: TestApp;
  beforeAll(async () => {
    test_ = await createTestApp({ tokens: 'shop=tokshop,ops=tokops:admin' });
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
  const unknown = [undefined, 'Bearer ', 'Bearer ccc', 'Basic tokshop', 'tokshop', 'Bearer tokshop tokops'];

  test.each(anyone)('%s is for anyone', async (url) => {
    for (const authorization of [...unknown, 'Bearer tokshop']) expect(await statusOf(url, authorization)).toBe(200);
  });

  test.each(known)('%s needs a token', async (url) => {
    for (const authorization of unknown) expect(await statusOf(url, authorization)).toBe(401);
    for (const authorization of ['Bearer tokshop', 'bearer tokops'])
      expect(await statusOf(url, authorization)).toBe(200);
  });

  test('an administrator’s route refuses others', async () => {
    expect(await statusOf('/broken')).toBe(401);
    expect(await statusOf('/broken', 'Bearer tokshop')).toBe(403);
    expect(await statusOf('/broken', 'Bearer tokops')).toBe(500);
  });

  test('which routes exist is not told to strangers', async () => {
    expect(await statusOf('/nothing')).toBe(401);
    expect(await statusOf('/nothing', 'Bearer tokshop')).toBe(404);
  });

  test('401 says how to ask, and no log line has the token', async () => {
    const answer = await test_.app.inject({ url: '/things', headers: { authorization: 'Bearer wrong-one' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toMatchObject({ code: 'unauthorized', status: 401 });
    expect(test_.lines.join('')).not.toMatch(/wrong-one|tokshop|tokops/);
  });

  test('the principal of a command is the token’s name', async () => {
    await test_.app.inject({
      method: 'DELETE',
      url: `/things/${sampleId}`,
      headers: { authorization: 'Bearer tokshop' },
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
  const { app } = await createTestApp({ tokens: 'a=aaa', rateLimit: true, limits: { requestsPerMinute: 2 } });
  const ask = (authorization: string) => app.inject({ url: '/things', headers: { authorization } });
  expect((await ask('Bearer aaa')).statusCode).toBe(200);
  expect((await ask('Bearer aaa')).statusCode).toBe(200);
  const third = await ask('Bearer aaa');
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
