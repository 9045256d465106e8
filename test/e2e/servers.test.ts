// Goal: the servers come up from nothing, end in order, and come up again with what was stored, also on other ports.
// Method: a document and a topic are written, the servers ended, their ports taken by others, the servers started again;
// a connector that reads its URI from the secrets folder shows that the worker's settings work together.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Servers, startServers, systemSettings } from '@foldline/system';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';

const START_LIMIT_MS = 600_000;

let dataDir: string;
let servers: Servers | undefined;
const squatters: Server[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'foldline-servers-'));
});

afterAll(async () => {
  await servers?.close();
  for (const each of squatters) each.close();
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);

const start = async (): Promise<Servers> => {
  const { cacheDir, systemBinary, javaHome } = systemSettings();
  return startServers({ dataDir, cacheDir, systemBinary, javaHome, kafka: true });
};

const squat = async (port: number): Promise<void> => {
  const server = createServer();
  squatters.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
};

const withAdmin = async <T>(brokers: string, use: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> => {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
};

const withNotes = async <T>(uri: string, use: (notes: ReturnType<typeof notesOf>) => Promise<T>): Promise<T> => {
  const client = new MongoClient(uri);
  try {
    return await use(notesOf(client));
  } finally {
    await client.close();
  }
};

const notesOf = (client: MongoClient) => client.db('servers').collection<{ _id: number }>('notes');

const addressesOf = ({ mongodbUri, brokers, connectUrl }: Servers) => ({ mongodbUri, brokers, connectUrl });

test(
  'what was written is there after an end and a start, on other ports when the old ones are taken',
  async () => {
    servers = await start();
    const before = addressesOf(servers);
    await withNotes(before.mongodbUri, (notes) => notes.insertOne({ _id: 1 }, { writeConcern: { w: 'majority' } }));
    await withAdmin(before.brokers ?? '', (admin) => admin.createTopics({ topics: [{ topic: 'kept' }] }));
    expect((await readdir(servers.folders.pids)).sort()).toEqual(['connect.json', 'kafka.json', 'mongod.json']);
    await servers.close();
    expect(await readdir(servers.folders.pids)).toEqual([]);

    for (const address of Object.values(before)) await squat(Number(/:(\d+)/.exec(address ?? '')?.[1]));
    servers = await start();
    const after = addressesOf(servers);
    for (const name of ['mongodbUri', 'brokers', 'connectUrl'] as const) expect(after[name]).not.toBe(before[name]);
    expect(await withNotes(after.mongodbUri, (notes) => notes.countDocuments())).toBe(1);
    expect(await withAdmin(after.brokers ?? '', (admin) => admin.listTopics())).toContain('kept');
  },
  START_LIMIT_MS,
);

test('a connector reads its URI from the secrets folder, which nobody else may open', async () => {
  if (!servers) throw new Error('the servers of the first test are not up');
  const { mongodbUri, connectUrl, brokers, folders } = servers;
  const secret = join(folders.secrets, 'mongodb-uri');
  expect(await readFile(secret, 'utf8')).toBe(mongodbUri);
  expect(((await stat(secret)).mode & 0o777).toString(8)).toBe('600');
  expect(((await stat(folders.secrets)).mode & 0o777).toString(8)).toBe('700');

  await withAdmin(brokers ?? '', (admin) => admin.createTopics({ topics: [{ topic: 'servers.notes' }] }));
  const config = {
    'connector.class': 'com.mongodb.kafka.connect.MongoSourceConnector',
    'connection.uri': `\${dir:${folders.secrets}:mongodb-uri}`,
    database: 'servers',
    collection: 'notes',
    'startup.mode': 'copy_existing',
    'poll.await.time.ms': '20',
    'producer.override.enable.idempotence': 'true',
    'producer.override.max.request.size': '2097152',
  };
  const response = await fetch(`${connectUrl}/connectors/notes/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(config),
  });
  expect(response.status).toBe(201);
  expect(await firstMessage(brokers ?? '', 'servers.notes')).toContain('"_id": 1');

  // A key outside the allow list: whoever may deploy may not log in as somebody else.
  const forbidden = { ...config, name: 'other', 'producer.override.sasl.jaas.config': 'x' };
  const refused = await fetch(`${connectUrl}/connectors/other/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(forbidden),
  });
  expect(refused.status).toBe(400);
}, 120_000);

const firstMessage = async (brokers: string, topic: string): Promise<string> => {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const consumer = kafka.consumer({ groupId: 'servers-test' });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    return await new Promise<string>((resolve, reject) => {
      consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString() ?? '') }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
};

test('a second start on the same folder is refused while the first runs', async () => {
  await expect(start()).rejects.toThrow(/still runs: end that one first, or set DATA_DIR to another folder/);
});
