// Goal: a service that joins an application follows topics by the connection that the application gives, and refuses servers on which
// its promises do not hold. Method: a real broker that wants TLS and a login, given as kafkajs has them; servers of MongoDB that are
// alone, or not the primary.

import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { userContracts } from '@foldline/contracts';
import { type Servers, startServers, systemSettings } from '@foldline/system';
import { fastify } from 'fastify';
import { baseSettings, defineService, followingSettings, joinService, ownerSettings } from 'foldline';
import { decoderOf } from 'foldline/contracts';
import { useGivenClient } from 'foldline/mongodb';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { z } from 'zod';
import { type BareMongod, startBareMongod } from './support/bare-mongod.ts';
import { password, type SecuredKafka, startSecuredKafka, user } from './support/secured-kafka.ts';
import { startLimitMs, stopLimitMs } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';

let dataDir: string;
let servers: Servers;
let kafka: SecuredKafka;
let client: MongoClient;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'foldline-e2e-join-'));
  const { cacheDir, systemBinary } = systemSettings();
  servers = await startServers({ dataDir, cacheDir, systemBinary, kafka: false });
  kafka = await startSecuredKafka(servers.folders);
  client = new MongoClient(servers.mongodbUri);
}, startLimitMs);

afterAll(async () => {
  await client?.close();
  await kafka?.close();
  await servers?.close();
  await rm(dataDir, { recursive: true, force: true });
}, stopLimitMs);

const topic = 'user-events';

const copiesService = defineService({
  name: 'copies',
  description: 'Who was deleted.',
  projection: 'copies',
  settings: {
    table: {
      ...baseSettings,
      ...followingSettings,
      ...ownerSettings('USER_SERVICE', 'user-service', 'http://127.0.0.1:1'),
      PORT: z.coerce.number().default(0).describe('the port'),
      COPIES_DATABASE: z.string().default('copies').describe('the database'),
    },
    port: 'PORT',
    database: 'COPIES_DATABASE',
  },
  stores: {},
  models: {
    users: {
      projection: {
        name: 'users',
        kind: 'user',
        foldVersion: 1,
        decode: decoderOf(userContracts),
        initialState: { state: 'unknown', data: {} },
        evolve: (view, { type }) => (type === 'userDeleted_v1' ? { ...view, state: 'gone' } : view),
      },
      from: { service: 'user-service', settings: 'USER_SERVICE', topic, kind: 'user', plural: 'users' },
    },
  },
  own: () => ({}),
  routes: () => undefined,
});

async function publish(ca: string, sasl: SASLOptions): Promise<string> {
  const brokers = [kafka.secured];
  const publisher = new Kafka({ brokers, logLevel: logLevel.NOTHING, ssl: { ca }, sasl });
  const [admin, producer] = [publisher.admin(), publisher.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  const subject = `user-${randomUUID()}`;
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source: '/script',
    type: 'userDeleted_v1',
    subject,
    version: 1,
  };
  const value = JSON.stringify({ ...event, time: new Date(), data: {} });
  await producer.send({ topic, messages: [{ key: subject, value }] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  return subject;
}

test('a topic is followed with the brokers, TLS and login that the application gives', async () => {
  const ca = await readFile(kafka.caFile, 'utf8');
  const sasl: SASLOptions = { mechanism: 'scram-sha-512', username: user, password };
  const subject = await publish(ca, sasl);
  const joined = await joinService(copiesService, {
    client,
    kafka: { brokers: [kafka.secured], ssl: { ca }, sasl },
    authorize: () => null,
    settings: { LOG_LEVEL: 'silent' },
  });
  const app = fastify();
  await app.register(joined.plugin, { prefix: '/copies' });
  const users = client.db('copies').collection<{ _id: string; state: string }>('users');
  await waitUntil('the copy', 30_000, async () => {
    const found = await users.findOne({ _id: subject });
    return found?.state === 'gone' ? undefined : JSON.stringify(found);
  });
  const closing = app.close();
  await publish(ca, sasl);
  await closing;
  expect((await users.findOne({ _id: subject }))?.state).toBe('gone');
}, 90_000);

test('brokers and settings for them do not go together', async () => {
  const given = { client, kafka: { brokers: [kafka.secured] }, authorize: () => null };
  const settings = { KAFKA_TLS: 'true', KAFKA_BROKERS: 'h:1' };
  const joining = joinService(copiesService, { ...given, settings });
  await expect(joining).rejects.toThrow(
    /KAFKA_BROKERS has no effect, because kafka is given.*\nKAFKA_TLS has no effect/,
  );
});

describe('a client of another server is refused in words', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });

  async function clientOf(mongod: BareMongod): Promise<MongoClient> {
    const direct = new MongoClient(`mongodb://${mongod.host}/?directConnection=true`, {
      serverSelectionTimeoutMS: 5000,
    });
    opened.push(mongod, direct);
    return direct;
  }

  test('one that is alone', async () => {
    const direct = await clientOf(await startBareMongod());
    await expect(useGivenClient(direct)).rejects.toThrow(/no member of a replica set.*start the server with --replSet/);
  }, 60_000);

  test('a member that is not the primary', async () => {
    const mongod = await startBareMongod(['--replSet', 'rs']);
    const direct = await clientOf(mongod);
    await mongod.command({ replSetInitiate: { _id: 'rs', members: [{ _id: 0, host: mongod.host }] } });
    await waitUntil('a primary', 30_000, async () =>
      (await mongod.command({ hello: 1 })).isWritablePrimary ? undefined : 'it is none',
    );
    await mongod.command({ replSetStepDown: 60, secondaryCatchUpPeriodSecs: 0, force: true });
    await expect(useGivenClient(direct)).rejects.toThrow(/is not the primary: leave directConnection out/);
  }, 60_000);
});
