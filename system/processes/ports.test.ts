// Goal: a port stays the same between starts while it is free, and a taken one is left, unless it was asked for.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort, freePort, isPortFree } from './ports.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foldline-ports-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a remembered port is taken again while it is free, else another one', async () => {
  const choice = { what: 'MongoDB', file: join(folder, 'some', 'port') };
  const first = await choosePort(choice);
  expect(await choosePort(choice)).toBe(first);
  const second = await choosePort(choice, async (port) => port !== first);
  expect(second).not.toBe(first);
  expect(await choosePort(choice)).toBe(second);
});

test('a given port is taken and remembered, and its being taken is one sentence', async () => {
  const file = join(folder, 'given');
  expect(await choosePort({ what: 'Kafka', file, given: 21_234 }, async () => true)).toBe(21_234);
  expect(await choosePort({ what: 'Kafka', file, given: 0 }, async () => true)).toBe(21_234);
  await expect(choosePort({ what: 'Kafka', file, given: 21_234 }, async () => false)).rejects.toThrow(
    'port 21234 for Kafka is taken: end what listens there, or choose another port',
  );
});

test('a port that somebody listens on is not free', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  expect(await isPortFree(port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await isPortFree(port)).toBe(true);
});

test('the search for a free port ends', async () => {
  await expect(freePort(async () => false)).rejects.toThrow('no free port between 20000 and 29999');
  expect(await freePort(async (port) => port % 10 === 3)).toBeLessThan(30_000);
});
