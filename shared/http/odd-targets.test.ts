// Goal: no target of a request, however odd, is a fault of the server, and no answer repeats a host that the caller named.
// Method: a real server and bare sockets: targets by hand, and made at random from the parts that make a difference.
import fc from 'fast-check';
import { type HttpServer, listen } from './server.ts';
import { createTestApp, sampleId, type TestApp } from './test-app.ts';
import { exchange } from './test-exchange.ts';

let test_: TestApp;
let server: HttpServer;
beforeAll(async () => {
  test_ = await createTestApp({ tokens: 'ops=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:admin' });
  server = await listen(test_.app, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());
beforeEach(() => test_.lines.splice(0));

const headers = 'Host: evil.example\r\nConnection: close\r\nAuthorization: Bearer bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n';
const send = (start: string) => exchange(server.port, `${start} HTTP/1.1\r\n${headers}\r\n`);
const statusOf = (answer: string) => Number(answer.slice(9, 12));

function expectNoFault(target: string, answer: string): void {
  const levels = test_.lines.splice(0).map((line) => (JSON.parse(line) as { level: string }).level);
  expect([
    target,
    Math.max(statusOf(answer), 200) < 500,
    levels.filter((level) => !['debug', 'info'].includes(level)),
  ]).toEqual([target, true, []]);
  expect([target, /^(link|location|content-location): .*evil/im.test(answer)]).toEqual([target, false]);
  const instance = /"instance":"([^"]*)"/.exec(answer)?.[1] ?? '';
  // Resolved by a client, an instance stays on the host that was asked.
  expect([target, new URL(instance, 'http://here').host]).toEqual([target, 'here']);
}

test.each([
  '/docs/static/%00',
  '/docs/static/index%00.html',
  '/docs/static/%2e%2e/%2e%2e/package.json',
  '/docs/static/..%2f..%2fpackage.json',
  '/docs/static/%5c..',
  '/docs/static//etc/passwd',
  '/docs/static/.env',
  '/docs/static/a%0d%0ab',
  `/docs/static/${'a'.repeat(5_000)}`,
  `/docs/static/${'%2e%2e/'.repeat(500)}`,
  '//x',
  '//evil.example/things',
  '/\\evil.example/things',
  'http://evil.example',
  'http://evil.example/things?limit=1',
  'https://evil.example/docs',
  `http://evil.example/things/${sampleId}`,
  'http://localhost/livez',
  '*',
  '/things%00',
  '/problems/%00',
  '/../things',
  '/.git/config',
])('%s: there is nothing', async (target) => {
  const answer = await send(`GET ${target}`);
  expect([statusOf(answer), /"code":"([a-z-]+)"/.exec(answer)?.[1]]).toEqual([404, 'not-found']);
  expectNoFault(target, answer);
});

test.each([
  '/%',
  '/docs/static/%zz',
  '/docs/static/%ff',
  '/things/%00',
  '/things?cursor=%00',
  '/things?cursor=%ff',
  '\\',
])('%s: the request is not valid', async (target) => {
  const answer = await send(`GET ${target}`);
  expect([statusOf(answer), /"code":"([a-z-]+)"/.exec(answer)?.[1]]).toEqual([400, 'invalid-request']);
  expectNoFault(target, answer);
});

test.each(['OPTIONS *', 'CONNECT evil.example:80', 'TRACE http://evil.example/'])('%s is no fault', async (start) =>
  expectNoFault(start, await send(start)),
);

test('strangers learn nothing from an odd target', async () => {
  const ask = (target: string) =>
    exchange(server.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  for (const target of ['//x', 'http://evil.example/things']) expect(statusOf(await ask(target))).toBe(401);
});

test('the link to the next page is a path of this service, with the query as it was', async () => {
  const answer = await send('GET /things?limit=2');
  expect(answer).toMatch(/^link: <\/things\?limit=2&cursor=[\w-]+>; rel="next"\r$/m);
});

test('at random', async () => {
  const parts = [
    '/',
    '//',
    '\\',
    '%00',
    '%2e',
    '..',
    '%2f',
    '%',
    '%ff',
    '?',
    '&',
    '=',
    '#',
    ';',
    ':',
    '@',
    '*',
    'cursor=',
    'limit=1',
  ];
  const names = ['docs', 'static', 'things', 'problems', sampleId, 'evil.example', 'http://', 'asyncapi.json'];
  const starts = fc.constantFrom(
    '/',
    '//',
    '/docs/static/',
    '/things/',
    '/things?',
    '/problems/',
    'http://evil.example/',
  );
  const rest = fc.array(fc.constantFrom(...parts, ...names), { maxLength: 6 }).map((some) => some.join(''));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'), starts, rest, async (method, start, end) => {
      expectNoFault(start + end, await send(`${method} ${start}${end}`));
    }),
    { numRuns: 300 },
  );
});
