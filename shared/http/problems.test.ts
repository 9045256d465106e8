// Goal: every way a request can go wrong is one kind of answer that names the place and leaks nothing.
// Method: requests injected into an app composed as a service's, without a socket.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure, failures } from '../engine/index.ts';
import { explanations, renderErrorsMarkdown } from './problem-explanations.ts';
import { problemSchema } from './problems.ts';
import { createTestApp, sampleId, type TestApp } from './test-app.ts';

let test_: TestApp;
beforeAll(async () => {
  test_ = await createTestApp();
  test_.app.post(
    '/fail',
    { config: { policy: 'public' }, schema: { body: z.strictObject({ code: z.string() }) } },
    async (request) => {
      throw new Failure(request.body.code as 'deleted', 'It is gone.', { currentVersion: 7 });
    },
  );
  test_.app.get(
    '/leaky',
    { config: { policy: 'read' }, schema: { response: { 200: z.strictObject({ id: z.string() }) } } },
    // What a careless handler would do: more than the schema lists.
    async () => ({ id: '1', secret: 'hidden' }) as { id: string },
  );
});
afterAll(() => test_.app.close());

const good = { firstName: ' Ada ', email: 'ada@example.org' };
const post = (payload: unknown, headers: Record<string, string> = {}) =>
  test_.app.inject({
    method: 'POST',
    url: '/things',
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...headers },
  });

describe('bodies', () => {
  test('a good one is trimmed and answered', async () => {
    const answer = await post(good);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({ id: sampleId, firstName: 'Ada', createdAt: '1970-01-01T00:00:00.000Z' });
    expect(answer.headers).toMatchObject({ etag: '"1"', location: `/things/${sampleId}` });
  });

  test.each([
    ['a missing field', { firstName: 'Ada' }, '/email'],
    ['a wrong type', { ...good, firstName: { $ne: null } }, '/firstName/$ne'],
    ['a number for a name', { ...good, firstName: 5 }, '/firstName'],
    ['a blank name', { ...good, firstName: ' \t ' }, '/firstName'],
    ['a name too long', { ...good, firstName: 'é'.repeat(201) }, '/firstName'],
    ['a control character', '{"firstName":"a\\u0000b","email":"a@b"}', '/firstName'],
    ['a lone surrogate', '{"firstName":"a\\ud800b","email":"a@b"}', '/firstName'],
    ['an unknown key', { ...good, role: 'admin' }, '/role'],
    ['an operator', { ...good, $where: '1' }, '/$where'],
    ['a prototype', '{"__proto__":{"admin":true},"firstName":"a","email":"a@b"}', '/__proto__'],
    ['a constructor', '{"constructor":{"prototype":{}},"firstName":"a","email":"a@b"}', '/constructor'],
    ['an upper-case id', { ...good, id: sampleId.toUpperCase() }, '/id'],
    ['no e-mail', { ...good, email: 'ada' }, '/email'],
    ['an array', [good], ''],
    ['null', 'null', ''],
    ['nothing', '', ''],
    ['nesting beyond reason', '['.repeat(50_000) + ']'.repeat(50_000), '/0'.repeat(20)],
  ])('%s is refused by its place', async (_name, payload, pointer) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const problem = problemSchema.parse(answer.json());
    expect(problem).toMatchObject({ type: '/problems/invalid-request', code: 'invalid-request', instance: '/things' });
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(problem.requestId).toBe(answer.headers['request-id']);
  });

  test('200 characters outside the basic plane are 200 characters', async () => {
    expect((await post({ ...good, firstName: '😀'.repeat(200) })).statusCode).toBe(201);
    expect((await post({ ...good, firstName: '😀'.repeat(201) })).statusCode).toBe(400);
  });

  test.each([
    ['{"firstName":x}', 'line 1, column 14'],
    ['{\n "firstName": "a",\n}', 'line 3, column 1'],
    ['{"firstName":"a"', 'line 1, column 17'],
    ['{"a":01}', 'line 1, column 6'],
    ['{} {}', 'line 1, column 4'],
    ['{"a":"b\nc"}', 'line 1, column 6'],
  ])('malformed JSON %j is refused by its place, without quoting it', async (text, place) => {
    const { errors, detail } = (await post(text)).json();
    expect(detail).toContain(place);
    expect(errors[0].pointer).toBe('');
  });

  test('bytes that are no UTF-8 are refused', async () => {
    const answer = await test_.app.inject({
      method: 'POST',
      url: '/things',
      payload: Buffer.from([0x22, 0xff, 0x22]),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().detail).toContain('UTF-8');
  });

  test('a huge one is too large', async () => {
    const answer = await post({ ...good, firstName: 'a'.repeat(262_144) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json().code).toBe('too-large');
  });

  test.each([
    ['application/json garbage', 415],
    ['application/json\ta', 415],
    ['application/json; charset=utf-16', 415],
    ['application/json; garbage', 415],
    ['application/jsonx', 415],
    ['text/plain', 415],
    ['', 415],
    ['application/json; charset=utf-8', 201],
    ['Application/JSON;charset="UTF-8"', 201],
  ])('content type %j gives %i', async (contentType, status) => {
    const answer = await post(good, { 'content-type': contentType });
    expect(answer.statusCode).toBe(status);
    if (status === 415) expect(answer.json().code).toBe('unsupported-media-type');
  });

  test('a body without content type is 415, no body at all is 400 naming the body', async () => {
    const raw = { method: 'POST', url: '/things' } as const;
    const unnamed = await test_.app.inject({ ...raw, payload: Buffer.from('{}') });
    expect(unnamed.statusCode).toBe(415);
    const none = await test_.app.inject(raw);
    expect([none.statusCode, none.json().detail]).toEqual([400, expect.stringContaining('The body is missing')]);
  });

  test('DELETE needs no body, may name a type without one, and takes no other', async () => {
    const url = `/things/${sampleId}`;
    const headers = { 'content-type': 'application/json' };
    expect((await test_.app.inject({ method: 'DELETE', url })).statusCode).toBe(204);
    expect((await test_.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(204);
    expect((await test_.app.inject({ method: 'DELETE', url, headers, payload: '{"a":1}' })).statusCode).toBe(400);
  });
});

describe('addresses', () => {
  test.each([
    ['/things?limit=201', '?limit'],
    ['/things?limit=0', '?limit'],
    ['/things?limit=1.5', '?limit'],
    ['/things?limit=5&limit=6', '?limit'],
    ['/things?cursor=', '?cursor'],
    ['/things?cursor=abc', '?cursor'],
    ['/things?$where=1', '?$where'],
    ['/things?__proto__=1', '?__proto__'],
    ['/livez?x=1', '?x'],
    ['/things/nope', '{id}'],
    [`/things/${sampleId}?minVersion=0`, '?minVersion'],
    [`/things/${sampleId}?minVersion=9007199254740993`, '?minVersion'],
    [`/things/${'a'.repeat(2500)}`, 'path'],
    ['/things/%zz', 'path'],
  ])('%s is refused by its place', async (url, pointer) => {
    const answer = await test_.app.inject(url);
    expect(answer.statusCode).toBe(400);
    expect(problemSchema.parse(answer.json()).errors?.[0]?.pointer).toBe(pointer);
  });

  test.each([
    ['GET', '/nothing?name=ada'],
    ['PUT', '/nothing'],
    ['GET', `/things/${sampleId}/more`],
  ] as const)('%s %s does not exist', async (method, url) => {
    const answer = await test_.app.inject({ method, url });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers.allow).toBeUndefined();
    expect(answer.json()).toMatchObject({ code: 'not-found', instance: url.split('?')[0] });
  });

  test.each([
    ['PUT', '/things', 'GET, HEAD, POST'],
    ['OPTIONS', '/things', 'GET, HEAD, POST'],
    ['POST', `/things/${sampleId}?name=ada`, 'DELETE, GET, HEAD'],
    ['DELETE', '/livez', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
  ] as const)('%s %s is no method of the address, and Allow says which are', async (method, url, allow) => {
    const answer = await test_.app.inject({ method, url });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow]);
    expect(answer.json()).toMatchObject({ code: 'method-not-allowed', instance: url.split('?')[0] });
  });

  test('the start page links what a newcomer looks for, and each link answers', async () => {
    const { service, links } = (await test_.app.inject('/')).json<{ service: string; links: Record<string, string> }>();
    expect(service).not.toBe('');
    expect(links).toMatchObject({ docs: '/docs', openapi: '/openapi.json', things: '/things' });
    for (const path of ['docs', 'openapi', 'readiness', 'things'].map((name) => links[name] as string))
      expect([path, (await test_.app.inject(path)).statusCode]).toEqual([path, 200]);
  });

  test.each(['/', '/things', '/livez', '/nothing', '/openapi.json'])(
    'the answer of %s ends with one newline',
    async (url) => {
      const { body, headers } = await test_.app.inject(url);
      expect([body.endsWith('\n'), body.endsWith('\n\n'), Number(headers['content-length'])]).toEqual([
        true,
        false,
        Buffer.byteLength(body),
      ]);
    },
  );
});

describe('failures', () => {
  test.each(Object.entries(failures))('%s has its status and a page', async (code, { status }) => {
    const answer = await post({ code }, {}).then(() =>
      test_.app.inject({ method: 'POST', url: '/fail', payload: { code } }),
    );
    expect(answer.statusCode).toBe(status);
    const problem = problemSchema.parse(answer.json());
    expect(problem).toMatchObject({ code, status, detail: 'It is gone.', currentVersion: 7 });
    expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
    const page = await test_.app.inject(problem.type);
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.body).not.toMatch(/https?:|<script/);
  });

  test('what is not known is internal, its text stays in the log, without the address', async () => {
    const answer = await test_.app.inject('/broken');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/E11000|ada@|\.ts/);
    const line = test_.lines.find((entry) => entry.includes('E11000')) ?? '';
    expect(JSON.parse(line).requestId).toBe(answer.json().requestId);
    expect(line).not.toContain('ada@example.org');
  });

  test('a field that the response schema does not list never leaves', async () => {
    const answer = await test_.app.inject('/leaky');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hidden');
  });
});

test('catalogue, explanations and docs/errors.md agree in both directions', () => {
  expect(Object.keys(explanations).sort()).toEqual(Object.keys(failures).sort());
  const written = readFileSync(join(__dirname, '../../docs/errors.md'), 'utf8');
  expect(written).toBe(renderErrorsMarkdown());
  expect([...written.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(Object.keys(failures));
});

test('the list of problems links to every page', async () => {
  const { body } = await test_.app.inject('/problems');
  for (const code of Object.keys(failures)) expect(body).toContain(`href="/problems/${code}"`);
  expect((await test_.app.inject('/problems/__proto__')).statusCode).toBe(404);
});
