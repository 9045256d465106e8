// Goal: an operator sees the truth about a service, and the service logs and describes itself without leaking.
// Method: an app composed as a service's, injected.
import { z } from 'zod';
import { createTestApp, sampleId } from './test-app.ts';

test('liveness does not ask readiness', async () => {
  const { app } = await createTestApp({ readiness: () => Promise.reject(new Error('down')) });
  const answer = await app.inject('/livez');
  expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'live' }]);
  await app.close();
});

describe('readiness', () => {
  test('is ready, with details when asked', async () => {
    const { app } = await createTestApp();
    expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready' });
    const checks = [{ name: 'store', ready: true, data: { lagMs: 3 } }];
    for (const query of ['?verbose', '?verbose=true']) {
      expect((await app.inject(`/readyz${query}`)).json()).toEqual({ status: 'ready', checks });
    }
    await app.close();
  });

  test.each([
    ['says so', async () => ({ ready: false, checks: [{ name: 'feed', ready: false, detail: 'behind' }] }), 'feed'],
    ['throws', () => Promise.reject(new Error('ada@example.org')), 'readiness'],
    ['hangs', () => new Promise<never>(() => {}), 'readiness'],
  ])('is not ready when it %s', async (_name, readiness, check) => {
    const { app } = await createTestApp({ readiness, limits: { readinessMs: 50 } });
    const answer = await app.inject('/readyz?verbose');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toMatchObject({ status: 'not-ready', checks: [{ name: check, ready: false }] });
    expect(answer.body).not.toContain('ada@');
    await app.close();
  });
});

test('metrics count by route pattern, and callers cannot make labels', async () => {
  const { app } = await createTestApp();
  await app.inject(`/things/${sampleId}`);
  await app.inject('/made-up-by-a-caller');
  const { body, headers } = await app.inject('/metrics');
  expect(headers['content-type']).toContain('text/plain');
  expect(body).toContain('http_request_duration_seconds_count{route="/things/:id",method="GET",status="200"} 1');
  expect(body).toContain('http_request_duration_seconds_count{route="unknown",method="GET",status="404"} 1');
  expect(body).toContain('nodejs_eventloop_lag_seconds');
  expect(body).not.toContain('made-up');
  await app.close();
});

test('log lines name patterns, not addresses, bodies or queries', async () => {
  const { app, lines } = await createTestApp();
  await app.inject({
    method: 'POST',
    url: '/things',
    payload: { firstName: 'Canary', email: 'canary@example.org' },
    headers: { authorization: 'Bearer canary', cookie: 'canary=1' },
  });
  await app.inject('/things?name=canary');
  await app.inject('/canary?name=canary');
  app.log.info({ email: 'canary@example.org', user: { firstName: 'Canary' } }, 'careless');
  expect(lines.join('')).not.toMatch(/canary/i);
  const line = lines.map((entry) => JSON.parse(entry)).find((entry) => entry.status === 201);
  expect(line).toMatchObject({ method: 'POST', route: '/things', principal: 'local', durationMs: expect.any(Number) });
  expect(line.requestId).toMatch(/^[0-9a-f-]{36}$/);
  await app.close();
});

describe('description', () => {
  test('asks for a token exactly where the service does', async () => {
    const described = async (tokens?: string) => {
      const { app } = await createTestApp(tokens ? { tokens } : {});
      const headers = { authorization: `Bearer ${'s'.repeat(32)}` };
      return (await app.inject({ url: '/openapi.json', headers })).json();
    };
    expect((await described()).security).toBeUndefined();
    const guarded = await described(`shop=${'s'.repeat(32)}`);
    expect(guarded.security).toEqual([{ bearer: [] }]);
    expect(guarded.paths['/livez'].get.security).toEqual([]);
    expect(guarded.paths['/things'].post.security).toEqual([{ bearer: ['write'] }]);
    expect(guarded.paths['/things'].get.security).toEqual([{ bearer: ['read'] }]);
  });

  test('is OpenAPI 3.1 with what every route has in common', async () => {
    const { app } = await createTestApp();
    const document = (await app.inject('/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    const create = document.paths['/things'].post;
    expect(create.requestBody.content['application/json'].schema).toMatchObject({
      additionalProperties: false,
      required: ['firstName', 'email'],
      properties: { firstName: { type: 'string', pattern: expect.any(String) }, id: { format: 'uuid' } },
    });
    expect(create.responses['409'].content['application/problem+json'].schema.$ref).toBe(
      '#/components/schemas/Problem',
    );
    expect(create.responses['201'].content['application/json'].schema.properties.createdAt).toMatchObject({
      type: 'string',
      format: 'date-time',
    });
    const names = (operation: { parameters: { name: string }[] }) => operation.parameters.map(({ name }) => name);
    expect(names(create)).toEqual(['Idempotency-Key', 'Correlation-Id']);
    expect(names(document.paths['/things/{id}'].delete)).toEqual([
      'id',
      'Idempotency-Key',
      'If-Match',
      'Correlation-Id',
    ]);
    const read = document.paths['/things/{id}'].get;
    expect(names(read)).toEqual(['minVersion', 'id', 'Prefer', 'Correlation-Id']);
    expect(read.parameters[0].schema).toMatchObject({ type: 'integer', minimum: 1 });
    expect(document.paths['/things/{id}'].delete.responses['204'].content).toBeUndefined();
    expect(document.paths['/readyz'].get.responses['503'].content['application/json']).toBeDefined();
    expect(document.paths['/problems']).toBeUndefined();
    await app.close();
  });

  test('says of a body whether it may be left out', async () => {
    const { app } = await createTestApp();
    const body = z.strictObject({ reason: z.string() });
    const response = { 200: z.strictObject({}) };
    app.post(
      '/optional',
      { config: { policy: 'write' }, schema: { body: body.nullish(), response } },
      async () => ({}),
    );
    const { paths } = (await app.inject('/openapi.json')).json();
    expect([paths['/things'].post.requestBody.required, paths['/optional'].post.requestBody.required]).toEqual([
      true,
      false,
    ]);
    expect((await app.inject({ method: 'POST', url: '/optional' })).statusCode).toBe(200);
    await app.close();
  });

  test('has a page that asks nothing of other hosts', async () => {
    const { app } = await createTestApp();
    for (const path of ['/docs', '/docs/static/swagger-ui.css', '/docs/static/swagger-initializer.js', '/docs/json']) {
      const answer = await app.inject(path);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    }
    expect((await app.inject('/docs')).body).not.toMatch(/(src|href)="https?:/);
    await app.close();
  });
});

test('under pressure callers are sent away for a second, probes are not', async () => {
  const { app } = await createTestApp({ limits: { heapUsedBytes: 1 } });
  await app.ready();
  while (!app.isUnderPressure()) await new Promise((resolve) => setTimeout(resolve, 20));
  const answer = await app.inject('/things');
  expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([503, 'overloaded', '1']);
  expect((await app.inject('/livez')).statusCode).toBe(200);
  await app.close();
});

test('answers are neither cached, sniffed nor framed', async () => {
  const { app } = await createTestApp();
  const { headers } = await app.inject('/things');
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['access-control-allow-origin']).toBeUndefined();
  await app.close();
});
