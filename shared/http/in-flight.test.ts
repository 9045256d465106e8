// Goal: with more requests than the service can work on, those inside are answered, the others are refused at once, and probes are answered.
// Method: a real server whose requests are held open by the test, and the same app injected.
import { once } from 'node:events';
import { connect } from 'node:net';
import { z } from 'zod';
import { type HttpServer, listen } from './server.ts';
import { createTestApp } from './test-app.ts';

interface Place {
  readonly server: HttpServer;
  /** Lets every request that is held go on. */
  release(): void;
  get(path: string): Promise<{ status: number; code: string; retryAfter: string | null }>;
  atWork(): Promise<string | undefined>;
}

let place: Place;
beforeEach(async () => {
  const { app } = await createTestApp({ limits: { requestsInFlight: 2 } });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const config = { policy: 'read' } as const;
  const schema = { response: { 200: z.strictObject({ text: z.string() }) } };
  app.get('/held', { config, schema }, async () => released.then(() => ({ text: 'done' })));
  app.get('/waiting', { config, schema }, async (request) => {
    await request.waitAside(() => released);
    return { text: 'done' };
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  const text = async (path: string) => (await fetch(`${server.url}${path}`)).text();
  place = {
    server,
    release,
    async get(path) {
      const response = await fetch(`${server.url}${path}`);
      const { code = '' } = (await response.json()) as { code?: string };
      return { status: response.status, code, retryAfter: response.headers.get('retry-after') };
    },
    atWork: async () => /^http_requests_in_flight (\d+)$/m.exec(await text('/metrics'))?.[1],
  };
});
afterEach(async () => {
  place.release();
  await place.server.close();
});

/** The request for the series is one of them. */
const until = async (atWork: number) => {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await place.atWork()) === String(atWork + 1)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`There are ${await place.atWork()} requests at work.`);
};

test('one more than the bound is refused with the time to try again; those inside are answered, and then others are let in', async () => {
  const held = [place.get('/held'), place.get('/held')];
  await until(2);
  expect(await place.get('/things/018f0000-0000-7000-8000-000000000001')).toEqual({
    status: 503,
    code: 'overloaded',
    retryAfter: '1',
  });
  for (const probe of ['/livez', '/readyz']) expect((await place.get(probe)).status).toBe(200);
  place.release();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  await until(0);
  expect((await place.get('/held')).status).toBe(200);
});

test('a request that waits for news keeps nobody out', async () => {
  const waiting = [1, 2, 3, 4].map(() => place.get('/waiting'));
  await until(0);
  const held = place.get('/held');
  await until(1);
  place.release();
  expect((await Promise.all([...waiting, held])).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  await until(0);
});

test('a caller who goes away gives his place back', async () => {
  const { hostname, port } = new URL(place.server.url);
  for (let n = 0; n < 5; n += 1) {
    const socket = connect(Number(port), hostname);
    socket.write('GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(1);
    socket.destroy();
    await once(socket, 'close');
    await until(0);
  }
});

test('injected requests give their places back too', async () => {
  const { app } = await createTestApp({ limits: { requestsInFlight: 2 } });
  for (let n = 0; n < 10; n += 1)
    expect((await app.inject('/things/018f0000-0000-7000-8000-000000000001')).statusCode).toBe(200);
  await app.close();
});
