// Goal: what only a socket shows: slow and huge requests are cut off, a stop answers who is being answered.
// Method: a real server on a free port of this machine, raw sockets, small limits.
import { once } from 'node:events';
import { z } from 'zod';
import { defaultLimits } from './limits.ts';
import { type HttpServer, listen } from './server.ts';
import { createTestApp, type TestAppOptions } from './test-app.ts';
import { exchange } from './test-exchange.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: TestAppOptions = {}, onClose = async () => {}) {
  const test_ = await createTestApp(options);
  test_.app.get(
    '/slow',
    { config: { policy: 'read' }, schema: { response: { 200: z.strictObject({ stopped: z.boolean() }) } } },
    async () => {
      const { stopping } = test_.app;
      if (!stopping.aborted) await once(stopping, 'abort');
      return { stopped: stopping.aborted };
    },
  );
  const server = await listen(test_.app, { host: '127.0.0.1', port: 0, closeWithinMs: 1_000, onClose });
  servers.push(server);
  return { ...test_, server };
}

const quick = { headersTimeoutMs: 100, requestTimeoutMs: 200, timeoutCheckMs: 50 };

test('a request whose headers or body never end is cut off', async () => {
  const { server } = await start({ limits: quick });
  const head = 'POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  for (const text of [head, `${head}Content-Length: 10\r\n\r\n{`]) {
    const received = await exchange(server.port, text);
    expect(received).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*did not arrive in time/s);
  }
});

test('a body too large is refused before it is read, whatever its length says', async () => {
  const { server } = await start();
  const head = 'POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const declared = await exchange(server.port, `${head}Content-Length: 10000000\r\n\r\n`);
  expect(declared).toMatch(/^HTTP\/1\.1 413 .*"code":"too-large"/s);
  const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
  const chunked = await exchange(server.port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`);
  expect(chunked).toMatch(/^HTTP\/1\.1 413 .*"code":"too-large"/s);
});

test.each([
  ['broken syntax', 'NONSENSE\r\n\r\n', 400],
  ['huge headers', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 413],
])('%s is answered by a problem', async (_name, text, status) => {
  const { server } = await start();
  expect(await exchange(server.port, text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*"status":${status}`, 's'));
});

test('every limit of the list is set on the server', async () => {
  const { app } = await start();
  expect(app.server).toMatchObject({
    requestTimeout: defaultLimits.requestTimeoutMs,
    headersTimeout: defaultLimits.headersTimeoutMs,
    keepAliveTimeout: defaultLimits.keepAliveTimeoutMs,
    timeout: defaultLimits.connectionTimeoutMs,
    maxRequestsPerSocket: defaultLimits.requestsPerSocket,
  });
  expect(app.initialConfig).toMatchObject({ bodyLimit: 262_144, onProtoPoisoning: 'error' });
  // `Prefer: wait=30` is a silent socket and a busy handler for 30 s.
  expect(Math.min(defaultLimits.connectionTimeoutMs, defaultLimits.handlerTimeoutMs)).toBeGreaterThan(35_000);
});

test('a stop wakes who waits, answers them, and closes what routes use last', async () => {
  const order: string[] = [];
  const { server, app } = await start({}, async () => {
    order.push('closed');
  });
  const answer = fetch(`${server.url}/slow`).then((response) => response.json());
  await once(app.server, 'request');
  app.server.once('close', () => order.push('answered'));
  await server.close();
  expect(await answer).toEqual({ stopped: true });
  expect(order).toEqual(['answered', 'closed']);
  await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
});

test('what cannot be listened on is said in one sentence', async () => {
  const { server } = await start();
  const { app } = await createTestApp();
  await expect(listen(app, { host: '127.0.0.1', port: server.port })).rejects.toThrow(
    `Port ${server.port} on 127.0.0.1 is taken`,
  );
  const open = await createTestApp();
  await expect(listen(open.app, { host: '0.0.0.0', port: 0 })).rejects.toThrow('API_TOKENS is empty');
  await open.app.close();
});

test('who hangs on is cut off in the end', async () => {
  const { app } = await createTestApp();
  app.get(
    '/stuck',
    { config: { policy: 'read' }, schema: { response: { 200: z.strictObject({}) } } },
    () => new Promise<never>(() => {}),
  );
  let closed = false;
  const onClose = async () => {
    closed = true;
  };
  const server = await listen(app, { host: '127.0.0.1', port: 0, closeWithinMs: 100, onClose });
  const stuck = fetch(`${server.url}/stuck`).catch(() => 'cut off');
  await once(app.server, 'request');
  await Promise.all([server.close(), server.close()]);
  expect([closed, await stuck]).toEqual([true, 'cut off']);
});
