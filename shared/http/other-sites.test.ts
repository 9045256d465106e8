// Goal: a page in somebody's browser cannot use the service in that person's place: neither under a foreign name that was made to
// point here (DNS rebinding), nor by a request across sites. Method: a real server, bare sockets, the headers that browsers send.
import { z } from 'zod';
import { type HttpServer, listen } from './server.ts';
import { createTestApp, sampleId, type TestApp } from './test-app.ts';
import { exchange } from './test-exchange.ts';

interface Running extends TestApp {
  server: HttpServer;
}

async function start(tokens = ''): Promise<Running> {
  const made = await createTestApp({ tokens });
  let paused = 0;
  made.app.post(
    '/admin/pause',
    { config: { policy: 'admin' }, schema: { response: { 200: z.strictObject({ paused: z.int() }) } } },
    async () => {
      paused += 1;
      return { paused };
    },
  );
  return { ...made, server: await listen(made.app, { host: '127.0.0.1', port: 0 }) };
}

let open: Running;
let guarded: Running;
beforeAll(async () => {
  open = await start();
  guarded = await start('ops=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:admin');
});
afterAll(async () => {
  for (const { server } of [open, guarded]) await server.close();
});

const token = 'Authorization: Bearer bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n';

async function statusOf({ server }: Running, start: string, headers: string, body = ''): Promise<string> {
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
  const answer = await exchange(server.port, `${start}\r\nConnection: close\r\n${headers}${length}\r\n${body}`);
  const code = /"code":"([a-z-]+)"/.exec(answer)?.[1];
  return `${answer.slice(9, 12)}${code ? ` ${code}` : ''}`;
}

describe('without tokens only names of this machine are answered', () => {
  const asked = (host: string, path = '/things') => statusOf(open, `GET ${path} HTTP/1.1`, `Host: ${host}\r\n`);

  test.each(['localhost', 'LOCALHOST:3001', '127.0.0.1', '127.8.9.1:80', '[::1]', '[::1]:3001'])(
    '%s: yes',
    async (host) => expect(await asked(host)).toBe('200'),
  );

  test.each([
    'evil.example',
    'evil.example:3001',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example#localhost',
    'localhost@evil.example',
    '127.0.0.1:80:evil.example',
    '10.0.0.1',
    '0.0.0.0',
    '[::1].evil.example',
    '[fe80::1]',
    '2130706433',
    '',
  ])('%j: no, whatever is asked for', async (host) => {
    for (const path of ['/things', '/livez', '/readyz?verbose', '/metrics', '/docs', '/nothing'])
      expect([path, await asked(host, path)]).toEqual([path, '421 misdirected']);
  });

  test('a request of HTTP/1.0 without a name is refused, too', async () =>
    expect(await statusOf(open, 'GET /things HTTP/1.0', '')).toBe('421 misdirected'));

  test.each(['localhost', 'evil.example'])('two hosts are none, also with %s first', async (first) => {
    const hosts = `Host: ${first}\r\nHost: localhost\r\n`;
    expect(await statusOf(open, 'GET /things HTTP/1.1', hosts)).toBe('400 invalid-request');
  });

  test('with tokens every name is answered: a proxy has its own', async () =>
    expect(await statusOf(guarded, 'GET /things HTTP/1.1', `Host: shop.example.org\r\n${token}`)).toBe('200'));
});

describe('a change that another site asks for is refused', () => {
  const ways = [
    ['Origin: https://evil.example', 'another host'],
    ['Origin: null', 'a frame without an origin'],
    ['Origin: http://localhost:3000', 'another port of this machine'],
    ['Origin: http://127.0.0.1:3001', 'this machine by another name'],
    ['Origin: http://localhost:3001.evil.example', 'a longer name'],
    ['Origin: ', 'an empty origin'],
    ['Sec-Fetch-Site: cross-site', 'as the browser says'],
    ['Sec-Fetch-Site: same-site', 'a sibling, as the browser says'],
    ['Sec-Fetch-Site: some-word-of-later', 'a word that is not known'],
    ['Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site', 'both words'],
    ['Origin: http://localhost:3001\r\nOrigin: https://evil.example', 'two origins'],
    ['Origin: http://localhost:3001\r\nSec-Fetch-Site: cross-site', 'when both are said'],
  ] as const;
  const changes = [
    'POST /admin/pause',
    'POST /things',
    `DELETE /things/${sampleId}`,
    `PATCH /things/${sampleId}`,
    'PUT /x',
  ];

  test.each(ways)('%s (%s), with and without tokens', async (header) => {
    for (const change of changes) {
      const sent = `Host: localhost:3001\r\n${header}\r\n`;
      expect([change, await statusOf(open, `${change} HTTP/1.1`, sent)]).toEqual([change, '403 cross-site']);
      expect([change, await statusOf(guarded, `${change} HTTP/1.1`, sent + token)]).toEqual([change, '403 cross-site']);
    }
    expect(open.commands).toEqual([]);
  });

  test.each([
    '',
    'Origin: http://localhost:3001\r\nSec-Fetch-Site: same-origin\r\n',
    'Origin: HTTPS://LocalHost:3001\r\n',
    'Sec-Fetch-Site: none\r\n',
  ])('its own page and other programs may: %j', async (headers) =>
    expect(await statusOf(open, 'POST /admin/pause HTTP/1.1', `Host: localhost:3001\r\n${headers}`)).toBe('200'),
  );

  test.each([
    ['shop.example.org:443', 'https://shop.example.org', '200'],
    ['shop.example.org:80', 'http://shop.example.org', '200'],
    ['shop.example.org:443', 'http://shop.example.org', '403 cross-site'],
    ['shop.example.org:80', 'https://shop.example.org', '403 cross-site'],
    ['shop.example.org', 'https://shop.example.org:8443', '403 cross-site'],
  ])('asked as %s, a page of %s: %s', async (host, origin, status) => {
    const headers = `Host: ${host}\r\nOrigin: ${origin}\r\n${token}`;
    expect(await statusOf(guarded, 'POST /admin/pause HTTP/1.1', headers)).toBe(status);
  });

  test('reading is not: its answer does not reach the page', async () => {
    const headers = 'Host: localhost:3001\r\nOrigin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n';
    expect(await statusOf(open, 'GET /things HTTP/1.1', headers)).toBe('200');
  });
});

describe('a form cannot change anything', () => {
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
    'application/jsonx',
  ];

  test.each(types)('%j with an empty body is 415', async (type) => {
    for (const change of ['POST /admin/pause', `DELETE /things/${sampleId}`])
      for (const length of ['', 'Content-Length: 0\r\n']) {
        const headers = `Host: localhost\r\nContent-Type: ${type}\r\n${length}`;
        expect([change, await statusOf(open, `${change} HTTP/1.1`, headers)]).toEqual([
          change,
          '415 unsupported-media-type',
        ]);
      }
  });

  test('JSON without a body is no fault, nor is any type of what only reads', async () => {
    const named = (type: string) => `Host: localhost\r\nContent-Type: ${type}\r\n`;
    expect(await statusOf(open, 'POST /admin/pause HTTP/1.1', named('application/json'))).toBe('200');
    expect(await statusOf(open, 'GET /things HTTP/1.1', named('text/plain'))).toBe('200');
  });
});

test('behind a trusted proxy the name is the one that the browser asked', async () => {
  const { app } = await createTestApp({
    tokens: 'ops=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:admin',
    trustProxy: ['127.0.0.1'],
  });
  const send = async (headers: Record<string, string>) =>
    (
      await app.inject({
        method: 'DELETE',
        url: `/things/${sampleId}`,
        headers: { authorization: token.slice(15).trim(), ...headers },
      })
    ).statusCode;
  const origin = 'https://shop.example.org';
  expect(await send({ host: 'inside:3001', origin, 'x-forwarded-host': 'shop.example.org' })).toBe(204);
  expect(await send({ host: 'shop.example.org', origin })).toBe(204);
  expect(await send({ host: 'inside:3001', origin })).toBe(403);
  await app.close();
});
