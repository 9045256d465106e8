// Goal: nobody keeps others out by opening connections, whatever is or is not sent on them, and probes are answered in any case.
// Method: a real server and bare sockets from several addresses of this machine; what others are answered meanwhile, and how soon.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { addressGroup } from './connections.ts';
import type { HttpLimits } from './limits.ts';
import { type HttpServer, listen } from './server.ts';
import { createTestApp, type TestApp } from './test-app.ts';

interface Running extends TestApp {
  server: HttpServer;
  /** Lets every request to /wait go on. */
  release(): void;
}

const running: Running[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const { server, release } of running.splice(0)) {
    release();
    await server.close();
  }
});

async function start(limits: Partial<HttpLimits> = {}, trustProxy: false | string[] = false): Promise<Running> {
  const test_ = await createTestApp({ limits, trustProxy });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const config = { policy: 'read' } as const;
  const schema = { response: { 200: z.strictObject({ text: z.string() }) } };
  test_.app.get('/wait', { config, schema }, async () => {
    await released;
    return { text: 'done' };
  });
  test_.app.get('/long', { config, schema }, async () => ({ text: 'x'.repeat(8_000_000) }));
  const one = { ...test_, release, server: await listen(test_.app, { host: '127.0.0.1', port: 0 }) };
  running.push(one);
  return one;
}

/** An open connection from an address of this machine, with this sent on it. */
async function opened({ server }: Running, from: string, text = ''): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: from });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}

/** As many at once as a listening socket keeps waiting. */
async function openMany(one: Running, froms: readonly string[], count: number, text: string): Promise<Socket[]> {
  const made: Socket[] = [];
  for (let at = 0; at < count; at += 100) {
    const some = Array.from(
      { length: Math.min(100, count - at) },
      (_, next) => froms[(at + next) % froms.length] ?? '',
    );
    made.push(...(await Promise.all(some.map((from) => opened(one, from, text)))));
  }
  return made;
}

/** The status, or `closed` where no answer came. */
async function asked(one: Running, from: string, path: string): Promise<string> {
  const socket = await opened(one, from, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    received += chunk;
  });
  await once(socket, 'close');
  return received === '' ? 'closed' : received.slice(9, 12);
}

const openNow = async ({ app }: Running) =>
  Number(/^http_connections (\d+)$/m.exec((await app.inject('/metrics')).body)?.[1]);

/** Resolves once the server has seen so many requests begin. */
function requestsSeen({ app }: Running, count: number): Promise<void> {
  let seen = 0;
  return new Promise((resolve) => {
    app.server.on('request', () => {
      seen += 1;
      if (seen === count) resolve();
    });
  });
}

const head = 'GET /things HTTP/1.1\r\nHost: localhost\r\n';
const halfHeader = head;
const halfBody =
  'POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{';
const idle = `${head}\r\n`;
const neverRead = 'GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3);
const many = Array.from({ length: 120 }, (_, at) => `127.0.1.${at + 1}`);

test.each([
  ['half a header', ['127.0.0.1'], halfHeader],
  ['nothing at all', ['127.0.0.1'], ''],
  ['half a body', ['127.0.0.1'], halfBody],
  ['a request, and then silence', ['127.0.0.1'], idle],
  ['half a header, from many addresses', many, halfHeader],
])(
  '1,000 connections with %s: everybody else is answered at once',
  async (_name, froms, text) => {
    const one = await start();
    await openMany(one, froms, 1_000, text);
    const before = performance.now();
    for (const path of ['/livez', '/readyz', '/things']) {
      expect([path, await asked(one, '127.0.0.2', path)]).toEqual([path, '200']);
      // A probe may come from the very address that opens too many.
      expect([path, await asked(one, '127.0.0.1', path)]).toEqual([path, '200']);
    }
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(await openNow(one)).toBeLessThanOrEqual((froms.length === 1 ? 250 : 1_000) + 50);
  },
  30_000,
);

test('answers that nobody reads make room', async () => {
  const one = await start({ connectionsPerAddress: 3 });
  const seen = requestsSeen(one, 3);
  for (const socket of await openMany(one, ['127.0.0.1'], 3, neverRead)) socket.pause();
  await seen;
  expect(await asked(one, '127.0.0.1', '/things')).toBe('200');
});

describe('while every connection is at work', () => {
  const limits = { connections: 20, connectionsPerAddress: 10, probeConnections: 2 };
  const wait = 'GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n';

  test('one address is refused, others are answered', async () => {
    const one = await start(limits);
    const seen = requestsSeen(one, 10);
    await openMany(one, ['127.0.0.1'], 10, wait);
    await seen;
    expect(await asked(one, '127.0.0.1', '/things')).toBe('503');
    expect(await asked(one, '127.0.0.1', '/livez')).toBe('200');
    expect(await asked(one, '127.0.0.2', '/things')).toBe('200');
  });

  test('all are refused but probes, and nothing that works is cut off', async () => {
    const one = await start(limits);
    const seen = requestsSeen(one, 20);
    const working = await openMany(one, ['127.0.0.1', '127.0.0.2'], 20, wait);
    await seen;
    expect(await asked(one, '127.0.0.3', '/things')).toBe('503');
    for (const path of ['/livez', '/readyz', '/metrics'])
      expect([path, await asked(one, '127.0.0.3', path)]).toEqual([path, '200']);
    // Half-sent requests take the room for probes only as long as no probe comes.
    await openMany(one, many, 30, halfHeader);
    expect(await asked(one, '127.0.0.3', '/livez')).toBe('200');
    const answers = working.map(async (socket) => String((await once(socket, 'data'))[0]).slice(0, 15));
    one.release();
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['HTTP/1.1 200 OK']));
  });
});

test('what never sent a request goes before what is idle, the oldest of an address before the newer', async () => {
  const one = await start({ connectionsPerAddress: 3 });
  const names: string[] = [];
  const watched = async (name: string, text: string) => {
    const socket = await opened(one, '127.0.0.1', text);
    socket.once('close', () => names.push(name));
    if (text === idle) await once(socket, 'data');
    return socket;
  };
  await watched('idle', idle);
  await watched('first half', halfHeader);
  await watched('second half', halfHeader);
  for (let at = 0; at < 3; at += 1) expect(await asked(one, '127.0.0.1', '/livez')).toBe('200');
  expect(names).toEqual(['first half']);
});

test('hazard: requests that come together in more connections than there may be are lost before they are read', async () => {
  const one = await start({ connectionsPerAddress: 20 });
  const sockets = await openMany(one, ['127.0.0.1'], 40, idle);
  const answers = sockets.map(
    (socket) =>
      new Promise<string>((resolve) => {
        socket.once('data', (data) => resolve(String(data).slice(9, 12)));
        socket.once('close', () => resolve('closed'));
      }),
  );
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['200']));
  expect(await openNow(one)).toBeLessThanOrEqual(21);
});

test('of idle connections the one goes that is idle longest, not the one that is in use for longest', async () => {
  const one = await start({ connectionsPerAddress: 2 });
  const [used, unused] = [await opened(one, '127.0.0.1', idle), await opened(one, '127.0.0.1')];
  await once(used, 'data');
  unused.write(idle);
  await once(unused, 'data');
  used.write(idle);
  await once(used, 'data');
  const closed = Promise.race([used, unused].map((socket) => once(socket, 'close').then(() => socket)));
  expect(await asked(one, '127.0.0.1', '/things')).toBe('200');
  expect(await closed).toBe(unused);
});

test('a trusted proxy brings the connections of many', async () => {
  const limits = { connectionsPerAddress: 5, connections: 40, probeConnections: 1 };
  const counts = [];
  for (const proxies of [['127.0.0.1'], ['10.0.0.0/8', '127.0.0.0/24'], ['10.0.0.0/8']]) {
    const one = await start(limits, proxies);
    await openMany(one, ['127.0.0.1'], 20, halfHeader);
    expect(await asked(one, '127.0.0.1', '/livez')).toBe('200');
    counts.push((await openNow(one)) > 6);
  }
  expect(counts).toEqual([true, true, false]);
});

test('the log says it once in a while, the metrics count all', async () => {
  const one = await start({ connectionsPerAddress: 5 });
  await openMany(one, ['127.0.0.1'], 100, halfHeader);
  expect(await asked(one, '127.0.0.1', '/livez')).toBe('200');
  const lines = one.lines.filter((line) => line.includes('connections are at a limit'));
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 'warn', limit: 'address', address: '127.0.0.1', overLimit: 1 }),
  ]);
  const { body } = await one.app.inject('/metrics');
  expect(body).toMatch(/^http_connections_over_limit_total\{limit="address"\} 9[5-7]$/m);
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('%s counts for %s', (address, group) => expect(addressGroup(address)).toBe(group));
