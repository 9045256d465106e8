// Goal: what no well-behaved client sends is refused in the one shape of every error, and never half understood: of the limits of
// HTTP, those that only bare bytes show. Method: a real server, one socket for each request, and the commands that got through.
import { z } from 'zod';
import { Failure } from '../engine/index.ts';
import { idParams, noContent } from './fields.ts';
import { applyPreferWait, commandContext } from './request-headers.ts';
import { type HttpServer, listen } from './server.ts';
import { createTestApp, sampleId, type TestApp } from './test-app.ts';
import { exchange } from './test-exchange.ts';

let test_: TestApp;
let server: HttpServer;
beforeAll(async () => {
  test_ = await createTestApp();
  test_.app.patch(
    '/things/:id',
    { config: { policy: 'write' }, schema: { params: idParams, body: z.unknown(), response: { 204: noContent } } },
    async (request, reply) => {
      applyPreferWait(request, reply);
      test_.commands.push(commandContext(request));
      throw new Failure('version-conflict', 'The request was read.');
    },
  );
  server = await listen(test_.app, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());
beforeEach(() => test_.commands.splice(0));

const json = 'Content-Type: application/json\r\n';
const body = '{"firstName":"Ada","email":"ada@example.org"}';

/** One request, the connection closed behind it. @param start method, target and version; @param more whole header lines */
function send(start: string, more = '', payload = ''): Promise<string> {
  const length = payload === '' ? '' : `Content-Length: ${Buffer.byteLength(payload)}\r\n`;
  return exchange(server.port, `${start}\r\nConnection: close\r\n${more}${length}\r\n${payload}`);
}

const host = 'Host: localhost\r\n';

describe('hazard: a refusal takes the place of the answer to a request that is carried out', () => {
  const post = `POST /things HTTP/1.1\r\n${host}${json}Content-Length: ${body.length}\r\n\r\n${body}`;
  const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);

  test.each(['garbage\r\n\r\n', '   ', 'GET / HTTP/9.9\r\n\r\n', `GET /things HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`])(
    'with %j after it, the first answer is its own',
    async (more) => {
      const answer = await exchange(server.port, post + more);
      expect(test_.commands.length).toBe(1);
      expect(statuses(answer)[0]).toBe('201');
      expect(statuses(answer).slice(1)).toEqual(more.length > 20_000 ? ['413'] : ['400']);
    },
  );

  test('two requests, and then what is none: three answers in order', async () => {
    const answer = await exchange(server.port, `${post}GET /nothing HTTP/1.1\r\n${host}\r\n\u0000\u0001`);
    expect(statuses(answer)).toEqual(['201', '404', '400']);
  });

  test('a request whose body never ends is answered once', async () => {
    const slow = await createTestApp({ limits: { requestTimeoutMs: 100, headersTimeoutMs: 100, timeoutCheckMs: 20 } });
    const { port, close } = await listen(slow.app, { host: '127.0.0.1', port: 0 });
    const refusedEarly = `POST /things HTTP/1.1\r\n${host}Content-Type: text/plain\r\nContent-Length: 9\r\n\r\nx`;
    expect(statuses(await exchange(port, refusedEarly))).toEqual(['415']);
    const half = `POST /things HTTP/1.1\r\n${host}${json}Content-Length: 9\r\n\r\n{`;
    expect(statuses(await exchange(port, half))).toEqual(['400']);
    await close();
  });
});
const refused = (status: number, code: string) => new RegExp(`^HTTP/1\\.1 ${status} .*"code":"${code}"`, 's');

test('a condition behind two thousand headers still counts', async () => {
  const many = 'a: b\r\n'.repeat(2_100);
  const answer = await send(`DELETE /things/${sampleId} HTTP/1.1`, `${host}${many}If-Match: "9"\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 204 /);
  expect(test_.commands).toMatchObject([{ ifMatch: { versions: [9] } }]);
});

test.each([
  ['two lengths', `${host}${json}Content-Length: 2\r\nContent-Length: 3\r\n`],
  ['a length and chunks', `${host}${json}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n`],
  ['a folded header', `${host}Correlation-Id: a\r\n b\r\n`],
  ['a NUL in a header', `${host}Correlation-Id: a\0b\r\n`],
  ['no host', ''],
])('%s: refused before any command', async (_name, headers) => {
  expect(await send('POST /things HTTP/1.1', headers)).toMatch(refused(400, 'invalid-request'));
  expect(test_.commands).toEqual([]);
});

test.each(['NONSENSE / HTTP/1.1', 'GET / HTTP/1.1\nHost: localhost'])('%j is no request', async (start) => {
  expect(await send(start, host)).toMatch(refused(400, 'invalid-request'));
});

test.each(['TRACE /livez', 'PUT /livez', 'OPTIONS *', 'PROPFIND /things', 'QUERY /things'])(
  '%s: no such route',
  async (start) => {
    expect(await send(`${start} HTTP/1.1`, host)).toMatch(/^HTTP\/1\.1 40[045] .*application\/problem\+json/s);
  },
);

test('an unknown expectation is passed over, a known one answered', async () => {
  expect(await send('GET /livez HTTP/1.1', `${host}Expect: miracles\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  const continued = await send('POST /things HTTP/1.1', `${host}${json}Expect: 100-continue\r\n`, body);
  expect(continued).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
});

test('a compressed body is not read', async () => {
  const sent = (coding: string) => send('POST /things HTTP/1.1', `${host}${json}Content-Encoding: ${coding}\r\n`, body);
  expect(await sent('gzip')).toMatch(refused(415, 'unsupported-media-type'));
  expect(await sent('identity')).toMatch(/^HTTP\/1\.1 201 /);
});

test('thousands of parameters are one refusal, bounded in what it says', async () => {
  const different = Array.from({ length: 2_000 }, (_, i) => `a${i}=1`).join('&');
  const answer = await send(`GET /things?${different} HTTP/1.1`, host);
  expect(answer).toMatch(refused(400, 'invalid-request'));
  expect(answer.split('"pointer"').length - 1).toBe(20);
});

test('a forwarded address is not believed', async () => {
  let seen = '';
  const { app } = await createTestApp();
  app.addHook('onRequest', async (request) => {
    seen = request.ip;
  });
  await app.inject({ url: '/livez', headers: { 'x-forwarded-for': '203.0.113.9' } });
  expect(seen).toBe('127.0.0.1');
  await app.close();
});

test('a handler that never ends is given up', async () => {
  const { app } = await createTestApp({ limits: { handlerTimeoutMs: 50 } });
  const schema = { response: { 200: z.strictObject({}) } };
  app.get('/never', { config: { policy: 'read' }, schema }, () => new Promise<never>(() => {}));
  const answer = await app.inject('/never');
  expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([503, 'overloaded', '1']);
  await app.close();
});

describe('a key that is there twice', () => {
  test('is refused, so that nobody in between read another value', async () => {
    const twice = body.replace('{', '{"firstName":"Eve",');
    const answer = await send('POST /things HTTP/1.1', host + json, twice);
    expect(answer).toMatch(refused(400, 'invalid-request'));
    expect(answer).toContain('The key \\"firstName\\" is there twice.');
  });
});

const long = (unit: string) => unit.repeat(15_000 / unit.length);
test.each([
  ['Content-Type', `application/json${long('; ')}x`],
  ['Content-Type', `application/json;a="${long('\\"')}`],
  ['Content-Type', `application/json${long(';a="\\"')}`],
  ['If-Match', `"1"${long('\t')}"2"`],
  ['If-Match', `"1"${long(',')}x`],
  ['Idempotency-Key', `"${long('\\"')}`],
  ['Prefer', `wait${long(' ')};`],
  ['Prefer', long('a="\\"')],
  ['Authorization', `Bearer${long(' ')}a b`],
  ['Correlation-Id', `${long(' ')}\t`],
])('%s: a value of 15 kB that is hard to read costs no time', async (name, value) => {
  const headers = `${host + (name === 'Content-Type' ? '' : json)}${name}: ${value}\r\n`;
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 8 && shortestMs > 50; run += 1) {
    const before = performance.now();
    expect(await send(`PATCH /things/${sampleId} HTTP/1.1`, headers, body)).toMatch(/^HTTP\/1\.1 4/);
    shortestMs = Math.min(shortestMs, performance.now() - before);
  }
  expect(shortestMs).toBeLessThan(50);
});
