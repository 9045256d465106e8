// Goal: a start whose shell still has the exported line of an earlier one starts its own servers, and leaves those of others given.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutOwnServers } from './own-servers.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'foldline-own-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const exported = {
  mongodbUri: 'mongodb://127.0.0.1:21001/?replicaSet=foldline',
  kafkaBrokers: '127.0.0.1:21002',
  connectUrl: 'http://127.0.0.1:21003',
};

async function remember(ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [server, port] of Object.entries(ports)) {
    await mkdir(join(dataDir, server));
    await writeFile(join(dataDir, server, 'port'), `${port}\n`);
  }
}

test('all three are its own', async () => {
  await remember({ mongodb: 21001, kafka: 21002, connect: 21003 });
  const none = { mongodbUri: undefined, kafkaBrokers: undefined, connectUrl: undefined };
  expect(await withoutOwnServers({ dataDir, ...exported })).toEqual({
    settings: { dataDir, ...none },
    own: ['MONGODB_URI', 'KAFKA_BROKERS', 'CONNECT_URL'],
  });
});

test.each<[string, Readonly<Record<string, number>>, object]>([
  ['nothing was ever started here', {}, {}],
  ['other ports', { mongodb: 21009, kafka: 21009, connect: 21009 }, {}],
  ['a user in the address', { mongodb: 21001 }, { mongodbUri: 'mongodb://a:b@127.0.0.1:21001/?replicaSet=foldline' }],
  ['nothing is given', { mongodb: 21001 }, { mongodbUri: undefined }],
])('%s: what is given stays', async (_, ports, more) => {
  await remember(ports);
  const given = { dataDir, ...exported, ...more };
  expect(await withoutOwnServers(given)).toEqual({ settings: given, own: [] });
});
