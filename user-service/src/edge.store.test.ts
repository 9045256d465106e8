// Goal: what a person meets at the HTTP edge is what docs/troubleshooting.md says, and its remedy helps when it is typed as printed.
// Method: the compiled service as a process of its own, on a real MongoDB; curl, a real proxy, and connections at work.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientRequest, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { type ServiceProcess, startServiceProcess } from './testing/service-process.ts';

jest.setTimeout(60_000);

const token = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';
const running: ServiceProcess[] = [];
const proxies: Server[] = [];
afterEach(async () => {
  for (const proxy of proxies.splice(0)) proxy.close();
  for (const service of running.splice(0)) await service.stop();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const stores = { MONGODB_URI: testMongodbUri(), USERS_DATABASE: uniqueDatabaseName('users') };
  const service = await startServiceProcess({ ...stores, ...env });
  running.push(service);
  return service;
}

const run = promisify(execFile);

/** The status and the code of the problem, or the status alone. */
async function curl(...given: readonly string[]): Promise<string> {
  const { stdout } = await run('curl', ['-s', '-w', '\n%{http_code}', ...given]);
  const [body = '', status] = [stdout.slice(0, stdout.lastIndexOf('\n')), stdout.slice(stdout.lastIndexOf('\n') + 1)];
  const code = /"code":"([a-z-]+)"/.exec(body)?.[1];
  return code ? `${status} ${code}` : `${status}`;
}

/** What the page has a person type under this heading, sent to this service; its output. */
async function typed(heading: string, { url }: ServiceProcess): Promise<string> {
  const page = readFileSync('docs/troubleshooting.md', 'utf8');
  const section = page.split(/^### /m).find((text) => text.startsWith(heading)) ?? '';
  const command = /^```sh\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? '';
  expect(command).toContain('http://127.0.0.1:3001');
  return (await run('bash', ['-ec', command.replaceAll('http://127.0.0.1:3001', url)])).stdout;
}

test('troubleshooting: One request keeps a service busy for minutes, and nobody else is answered', async () => {
  const answer = JSON.parse(await typed('One request keeps a service busy', await start()));
  expect(answer).toMatchObject({ status: 415, code: 'unsupported-media-type' });
});

test('troubleshooting: 421 misdirected when a service is asked by a name', async () => {
  const [open, guarded] = await Promise.all([start(), start({ API_TOKENS: `ops=${token}:admin` })]);
  const named = ['--resolve', `user-service:${new URL(open.url).port}:127.0.0.1`];
  const asked = open.url.replace('127.0.0.1', 'user-service');
  expect(await curl(...named, `${asked}/users`)).toBe('421 misdirected');
  expect(JSON.parse(await typed('`421 misdirected`', open))).toEqual({ items: [], nextCursor: null });
  const others = [
    '--resolve',
    `user-service:${new URL(guarded.url).port}:127.0.0.1`,
    '-H',
    `Authorization: Bearer ${token}`,
  ];
  expect(await curl(...others, `${guarded.url.replace('127.0.0.1', 'user-service')}/users`)).toBe('200');
});

/** A proxy that puts its own `Host` in the place of the browser's, and says that in `X-Forwarded-Host` if it is told to. */
async function proxyTo({ url }: ServiceProcess, told: 'the name' | 'nothing' | 'host as it came'): Promise<string> {
  const { hostname, port } = new URL(url);
  const proxy = createServer((received, answer) => {
    const { host = '' } = received.headers;
    const headers = {
      ...received.headers,
      ...(told !== 'host as it came' && { host: 'inside.example' }),
      ...(told === 'the name' && { 'x-forwarded-host': host, 'x-forwarded-for': received.socket.remoteAddress }),
    };
    const sent = request({ hostname, port, path: received.url, method: received.method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    received.pipe(sent);
  }).listen(0, '127.0.0.1');
  proxies.push(proxy);
  await once(proxy, 'listening');
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

test('troubleshooting: 403 cross-site although the page is ours', async () => {
  const tokens = { API_TOKENS: `ops=${token}:admin` };
  const [guarded, trusting] = await Promise.all([start(tokens), start({ ...tokens, TRUSTED_PROXIES: '127.0.0.1' })]);
  const change = (url: string) =>
    curl(
      '-X',
      'POST',
      '-H',
      `Authorization: Bearer ${token}`,
      '-H',
      `Origin: ${url}`,
      `${url}/admin/projections/users/resume`,
    );
  expect(await change(await proxyTo(guarded, 'nothing'))).toBe('403 cross-site');
  // Whoever is not trusted may say any name.
  expect(await change(await proxyTo(guarded, 'the name'))).toBe('403 cross-site');
  expect(await change(await proxyTo(guarded, 'host as it came'))).toBe('200');
  expect(await change(await proxyTo(trusting, 'the name'))).toBe('200');
});

test('troubleshooting: 415 unsupported-media-type for a POST without a body', async () => {
  const open = await start();
  const resume = `${open.url}/admin/projections/users/resume`;
  expect(await curl('-X', 'POST', '-d', '', resume)).toBe('415 unsupported-media-type');
  expect(JSON.parse(await typed('`415 unsupported-media-type`', open))).toMatchObject({ name: 'users' });
});

/** A read that waits for a version that does not come; resolves once the service has it in hand. */
async function waitingRead(url: string): Promise<ClientRequest> {
  const sent = request(`${url}?minVersion=2`, { agent: false, headers: { prefer: 'wait=30', expect: '100-continue' } });
  sent.on('error', () => {});
  sent.end();
  await once(sent, 'continue');
  return sent;
}

test('troubleshooting: The log says connections are at a limit, and requests are answered 503 overloaded', async () => {
  const id = '0190f3c2-6d5a-7000-8000-0000000000c0';
  const body = JSON.stringify({ id, firstName: 'Ada', lastName: '', email: 'ada@example.org' });
  const atWork = async (env: Readonly<Record<string, string>>) => {
    const service = await start(env);
    expect(await curl('-H', 'Content-Type: application/json', '-d', body, `${service.url}/users`)).toBe('201');
    const reads = await Promise.all([1, 2, 3].map(() => waitingRead(`${service.url}/users/${id}`)));
    return { service, end: () => reads.map((read) => read.destroy()) };
  };
  const few = await atWork({ HTTP_CONNECTIONS_PER_ADDRESS_MAX: '3' });
  expect(await curl(`${few.service.url}/users`)).toBe('503 overloaded');
  expect(await curl(`${few.service.url}/livez`)).toBe('200');
  const line = /"limit":"address","address":"127\.0\.0\.1".*connections are at a limit/;
  while (!few.service.said.some((said) => line.test(said))) await new Promise(setImmediate);
  few.end();
  const remedies: Readonly<Record<string, string>>[] = [
    { HTTP_CONNECTIONS_PER_ADDRESS_MAX: '30' },
    { HTTP_CONNECTIONS_PER_ADDRESS_MAX: '3', TRUSTED_PROXIES: '127.0.0.1' },
  ];
  for (const more of await Promise.all(remedies.map(atWork))) {
    expect(await curl(`${more.service.url}/users`)).toBe('200');
    more.end();
  }
});
