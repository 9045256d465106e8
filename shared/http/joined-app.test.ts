// Goal: a service that joins an app of others changes nothing for them, and they change nothing for its answers. Method: an app with
// the plugins that teams have (helmet, rate limits, pressure, a description, parsers, handlers), and requests to both sides.
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import underPressure from '@fastify/under-pressure';
import { type FastifyInstance, fastify } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { type HttpAppOptions, joinHttpApp } from './app.ts';
import { type Authorize, callersBy } from './callers.ts';
import { createLogger } from './logging.ts';
import { createMetrics } from './metrics.ts';
import { addThings, sampleId } from './test-app.ts';
import { parseApiTokens } from './tokens.ts';

const everybody: Authorize = () => ({ name: 'ada', rights: new Set(['read', 'write']) });

let app: FastifyInstance;
beforeEach(() => {
  app = fastify();
});
afterEach(() => app.close());

async function join(authorize: Authorize = everybody, more: Partial<HttpAppOptions> = {}): Promise<void> {
  await app.register(
    async (instance) => {
      const joined = instance.withTypeProvider<ZodTypeProvider>();
      await joinHttpApp(joined, {
        title: 'Things',
        version: '1.0.0',
        description: 'Things for tests',
        tokens: parseApiTokens(''),
        callers: callersBy(authorize),
        logger: createLogger({ name: 'test', level: 'silent' }),
        metrics: createMetrics(),
        readiness: async () => ({ ready: true, checks: [] }),
        rateLimit: true,
        ...more,
      });
      addThings(joined, []);
    },
    { prefix: '/api' },
  );
}

const get = async (url: string, headers: Record<string, string> = {}) => {
  const { statusCode, headers: answered, payload } = await app.inject({ url, headers });
  return { status: statusCode, headers: answered, payload };
};
const thing = `/api/things/${sampleId}`;

describe('beside the plugins of a team', () => {
  beforeEach(async () => {
    await app.register(helmet, { xFrameOptions: { action: 'sameorigin' } });
    await app.register(rateLimit, { max: 4, timeWindow: 60_000 });
    await app.register(underPressure, { maxEventLoopDelay: 60_000 });
    await app.register(swagger, { openapi: { info: { title: 'Team', version: '1' } } });
    app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, text, done) => done(null, { csv: text }));
    app.setErrorHandler((_error, _request, reply) => reply.code(418).send('team error'));
    app.setNotFoundHandler((_request, reply) => reply.code(404).send('team 404'));
    await join();
    app.post('/csv', async ({ body }) => body);
    app.get('/team-broken', async () => {
      throw new Error('team');
    });
    app.get('/team', { schema: { summary: 'of the team' } }, async () => ({ any: 1 }));
  });

  test('the routes of the team keep their handlers, parsers, headers and limits', async () => {
    expect(await get('/team-broken')).toMatchObject({ status: 418, payload: 'team error' });
    expect(await get('/nothing')).toMatchObject({ status: 404, payload: 'team 404' });
    const csv = await app.inject({
      method: 'POST',
      url: '/csv',
      headers: { 'content-type': 'text/csv' },
      payload: 'a',
    });
    expect(csv.json()).toEqual({ csv: 'a' });
    const { headers } = await get('/team?unknown=1');
    expect(headers).toMatchObject({ 'x-frame-options': 'SAMEORIGIN', 'x-ratelimit-limit': '4' });
    expect(headers).not.toHaveProperty('correlation-id');
    expect([(await get('/team')).status, (await get('/team')).status]).toEqual([200, 418]);
  });

  test('the routes of the service keep theirs', async () => {
    const read = await get(thing);
    expect(read.status).toBe(200);
    expect(read.headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-ratelimit-limit': '3000' });
    expect(read.headers['content-security-policy']).toContain("default-src 'none'");
    for (let n = 0; n < 5; n += 1) expect((await get(thing)).status).toBe(200);
    expect((await get(`${thing}?unknown=1`)).status).toBe(400);
    expect(JSON.parse((await get('/api/nothing')).payload)).toMatchObject({
      code: 'not-found',
      type: '/api/problems/not-found',
    });
    const csv = { method: 'POST', url: '/api/things', headers: { 'content-type': 'text/csv' }, payload: 'a' } as const;
    expect((await app.inject(csv)).json()).toMatchObject({ code: 'unsupported-media-type' });
    const large = { method: 'POST', url: '/api/things', payload: { firstName: 'x'.repeat(300_000) } } as const;
    expect((await app.inject(large)).json()).toMatchObject({ code: 'too-large' });
  });

  test('each side describes its own routes', async () => {
    await app.ready();
    const ofTeam = app.swagger().paths ?? {};
    expect(Object.keys(ofTeam).sort()).toEqual(['/csv', '/team', '/team-broken']);
    const ofService = JSON.parse((await get('/api/openapi.json')).payload);
    expect(ofService.servers).toEqual([{ url: '/api' }]);
    expect(Object.keys(ofService.paths)).toEqual(expect.arrayContaining(['/things', '/things/{id}', '/readyz']));
    expect(Object.keys(ofService.paths).filter((path) => path.startsWith('/api') || path in ofTeam)).toEqual([]);
    const page = await get('/api/docs/');
    expect([page.status, page.payload]).toEqual([200, expect.stringContaining('swagger-ui')]);
  });
});

test('addresses that the service answers with can be asked as they are', async () => {
  await join();
  const payload = { firstName: 'Ada', email: 'ada@example.org' };
  const made = await app.inject({ method: 'POST', url: '/api/things', payload });
  expect((await get(String(made.headers.location))).status).toBe(200);
  const { headers } = await get('/api/things?limit=2');
  const next = /^<([^>]+)>; rel="next"$/.exec(String(headers.link))?.[1];
  expect(JSON.parse((await get(String(next))).payload).items[0].id).toBe('3');
});

test('the function decides who calls, and the service what a caller may do', async () => {
  await join(({ headers }) => {
    if (headers['x-user'] === 'broken') throw new Error('the directory is away');
    if (headers['x-user'] === 'odd') return { name: 'odd', rights: ['read', 'admin'] as unknown as Set<'read'> };
    if (headers['x-user'] === 'other') return { name: 'other', rights: new Set(['root' as 'read']) };
    return headers['x-user'] === 'ada' ? { name: 'ada', rights: new Set(['read']) } : null;
  });
  const codes = async (user: string) => {
    const read = await get(thing, { 'x-user': user });
    const written = await app.inject({ method: 'DELETE', url: thing, headers: { 'x-user': user } });
    return [read, { payload: written.payload }].map(({ payload }) => JSON.parse(payload || '{}').code);
  };
  expect(await codes('ada')).toEqual([undefined, 'forbidden']);
  expect(await codes('nobody')).toEqual(['unauthorized', 'unauthorized']);
  expect(await codes('broken')).toEqual(['internal', 'internal']);
  expect(await codes('odd')).toEqual(['internal', 'internal']);
  expect(await codes('other')).toEqual(['internal', 'internal']);
  expect((await get('/api/livez', { 'x-user': 'broken' })).status).toBe(200);
  expect((await get('/api/readyz?verbose', { 'x-user': 'broken' })).status).toBe(401);
});

test.each([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [429, 'rate-limited'],
  [503, 'overloaded'],
])('a hook of the team that refuses with %i is answered as %s, without its words', async (statusCode, code) => {
  app.addHook('onRequest', async ({ headers }) => {
    if (headers['x-user'] === undefined) throw Object.assign(new Error('secret words'), { statusCode });
  });
  await join();
  const refused = await get(thing);
  expect([refused.status, JSON.parse(refused.payload).code]).toEqual([statusCode, code]);
  expect(refused.payload).not.toContain('secret');
  expect((await get(thing, { 'x-user': 'ada' })).status).toBe(200);
});

test('a decorator of the team under a name of the service is refused in words', async () => {
  app.decorateRequest('correlationId', '');
  await expect(join()).rejects.toThrow(
    /^The app decorates request.correlationId already, and the service needs the same name/,
  );
});

test('what the service stands on is closed after the last request was answered', async () => {
  const order: string[] = [];
  let closing: Promise<void> | undefined;
  await join(async () => {
    closing = app.close();
    while (app.server.listening) await new Promise(setImmediate);
    order.push('answered');
    return { name: 'ada', rights: new Set(['read']) };
  });
  app.addHook('onClose', async () => {
    order.push('closed');
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  expect((await fetch(url + thing, { headers: { connection: 'close' } })).status).toBe(200);
  await closing;
  expect(order).toEqual(['answered', 'closed']);
});
