// Goal: each thing that `doctor` can find is found on real servers, wherever it can be provoked there, and nothing is found when all
// is well. What it cannot be shown here (an old worker, an old plugin) is told to it in shared/connect/doctor/doctor.test.ts.
// Method: one start of MongoDB (with a small oplog), Kafka and Connect; one thing is spoiled at a time and repaired again. What is wrong
// with a whole MongoDB is shown on further ones, started wrongly on purpose.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@foldline/system';
import { connectRest, defaultLimits } from 'foldline/connect';
import { connectorShape, connectorText } from 'foldline/connect/testing';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { startBareMongod, startSetWithoutMajority } from './support/bare-mongod.ts';
import { setConnector } from './support/connect-control.ts';
import { runRemedy } from './support/connect-remedy.ts';
import { type ConnectServers, startConnectServers } from './support/connect-servers.ts';
import { startLimitMs, stopLimitMs } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';

const names = ['user-events', 'user-snapshots'];

let connect: ConnectServers;
let folder: string;
let kafka: Kafka;
let admin: Admin;
let client: MongoClient;

beforeAll(async () => {
  connect = await startConnectServers({
    mongodArgs: ['--oplogSize', '64'],
    enableTestCommands: true,
    // A broker looks for what is to be deleted every five minutes, and the first time after half a minute.
    brokerSettings: { 'log.retention.check.interval.ms': 200, 'log.initial.task.delay.ms': 200 },
  });
  folder = await mkdtemp(join(tmpdir(), 'foldline-doctor-'));
  for (const name of names) await writeFile(join(folder, `${name}.json`), connectorText(connectorShape(name)));
  kafka = new Kafka({ brokers: [connect.brokers], logLevel: logLevel.NOTHING });
  admin = kafka.admin();
  await admin.connect();
  client = await MongoClient.connect(connect.servers.mongodbUri);
}, startLimitMs);

afterAll(async () => {
  await client?.close();
  await admin?.disconnect();
  await connect?.close();
  await rm(folder, { recursive: true, force: true });
}, stopLimitMs);

interface Found {
  readonly codes: readonly string[];
  readonly code: number;
  readonly text: string;
}

async function doctor(env: Readonly<Record<string, string | undefined>> = {}, path = folder): Promise<Found> {
  const { code, out } = await connect.cli(['doctor', path, '-o', 'json'], {
    CONNECT_MONGODB_TIMEOUT_MS: '2000',
    ...env,
  });
  const { findings } = JSON.parse(out) as { findings: { code: string }[] };
  return { codes: findings.map((one) => one.code), code, text: out };
}

/** What even a full oplog reaches back. */
const window = { CONNECT_OPLOG_WINDOW_MS: '1' };

const rest = () => connectRest({ url: connect.connectUrl, limits: defaultLimits });
const address = (mongod: { readonly host: string }, more = '') => ({ MONGODB_URI: `mongodb://${mongod.host}/${more}` });

test('before apply: topics and connectors are missing; after it: nothing is found', async () => {
  const missing = [
    ...names.map(() => 'topic-missing'),
    'support-topic-missing',
    ...names.map(() => 'connector-missing'),
  ];
  expect(await doctor()).toMatchObject({ code: 1, codes: missing });
  const applied = await connect.cli(['apply', folder, '--yes']);
  expect([applied.code, applied.out]).toEqual([0, expect.stringContaining('created 5, ')]);
  expect(await doctor()).toMatchObject({ code: 0, codes: [] });
}, 60_000);

describe('the broker', () => {
  test('broker-unreachable', async () => {
    const found = await doctor({ KAFKA_BROKERS: `127.0.0.1:${await freePort()}` });
    expect(found).toMatchObject({ code: 1, codes: ['broker-unreachable'] });
  }, 30_000);

  test('topic-settings: the wrong policy', async () => {
    const set = (value: string) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: ConfigResourceTypes.TOPIC,
            name: 'user-snapshots',
            configEntries: Object.entries({
              ...connectorShape('user-snapshots').topic.config,
              'cleanup.policy': value,
            }).map(([name, setting]) => ({ name, value: setting })),
          },
        ],
      });
    await set('delete');
    const found = await doctor();
    expect(found).toMatchObject({ code: 1, codes: ['topic-settings'] });
    expect(found.text).toContain('has cleanup.policy=delete, not compact');
    await set('compact');
    expect((await doctor()).codes).toEqual([]);
  }, 30_000);
});

/** One file of events in a folder of its own, with these settings of its topic; null leaves one out. */
async function eventsFile(settings: Readonly<Record<string, string | null>>): Promise<string> {
  const place = await mkdtemp(join(folder, 'events-'));
  const shape = connectorShape();
  for (const [key, value] of Object.entries(settings)) {
    if (value === null) delete shape.topic.config[key];
    else shape.topic.config[key] = value;
  }
  await writeFile(join(place, 'user-events.json'), connectorText(shape));
  return join(place, 'user-events.json');
}

/** The value of a topic's setting in force. */
async function inForce(key: string): Promise<string | undefined> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: 'user-events' }],
  });
  return resources[0]?.configEntries.find(({ configName }) => configName === key)?.configValue;
}

/** Three megabytes in one partition, as many events would be. */
async function writeMuch(topic = 'user-events'): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  const value = 'x'.repeat(1_000_000);
  for (let i = 0; i < 3; i += 1) await producer.send({ topic, messages: [{ key: 'user-0', value, partition: 0 }] });
  await producer.disconnect();
}

/** The first offset that the partition still has. */
async function firstOffset(topic = 'user-events'): Promise<number> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return Number(offsets.find(({ partition }) => partition === 0)?.low);
}

const untilDeleted = (topic: string) =>
  waitUntil(`the first records of ${topic} deleted`, 30_000, async () =>
    (await firstOffset(topic)) > 0 ? undefined : 'all are there',
  );

/** What the topic has of its own, and nothing else. */
const setOnTopic = (settings: Readonly<Record<string, string>>) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: 'user-events',
        configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
      },
    ],
  });

/** What the one broker has, for all topics that say nothing of their own. */
const setOnBroker = (entries: readonly { name: string; value: string }[]) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.BROKER, name: '1', configEntries: [...entries] }],
  });

describe('settings in force', () => {
  test('troubleshooting: Kafka deletes old events although retention.ms is -1', async () => {
    const { 'retention.bytes': _unsaid, ...own } = connectorShape().topic.config;
    // The smallest file that a broker takes: only a whole file is deleted.
    await setOnTopic({ ...own, 'segment.bytes': '1048576' });
    await writeMuch();
    expect([own['retention.ms'], await firstOffset()]).toEqual(['-1', 0]);
    await setOnBroker([{ name: 'log.retention.bytes', value: '65536' }]);
    try {
      await untilDeleted('user-events');
      expect(await inForce('retention.bytes')).toBe('65536');
      const found = await doctor({}, await eventsFile({ 'retention.bytes': null, 'segment.bytes': '1048576' }));
      expect(found).toMatchObject({ code: 1, codes: ['topic-deletes'] });
      expect(found.text).toContain('has retention.bytes from the broker, which its file does not name: is \\"65536\\"');

      const repaired = await eventsFile({ 'retention.bytes': '-1', 'segment.bytes': '1048576' });
      const runs = await runRemedy(connect, 'Kafka deletes old events although retention.ms is -1', repaired);
      expect(runs.map(({ code }) => code)).toEqual([0, 0]);
      expect(runs[0]?.out).toContain('altered topic user-events');
      expect(await inForce('retention.bytes')).toBe('-1');
      const left = await firstOffset();
      await writeMuch();
      // A topic beside it, which says nothing still, shows that the broker has looked since.
      const configEntries = [{ name: 'segment.bytes', value: '1048576' }];
      await admin.createTopics({ topics: [{ topic: 'beside', configEntries }], waitForLeaders: true });
      await writeMuch('beside');
      await untilDeleted('beside');
      expect(await firstOffset()).toBe(left);
    } finally {
      await setOnBroker([]);
      await setOnTopic(connectorShape().topic.config);
    }
  }, 60_000);

  test('troubleshooting: A topic setting stays in force after it was removed from the file', async () => {
    const named = await eventsFile({ 'compression.type': 'lz4', 'segment.ms': '3600000' });
    expect((await connect.cli(['apply', named, '--yes'])).code).toBe(0);
    const removed = await eventsFile({});
    const planned = await connect.cli(['plan', removed]);
    expect([planned.code, planned.out]).toEqual([0, expect.stringContaining('has compression.type = lz4 of its own')]);
    expect((await connect.cli(['apply', removed, '--yes'])).code).toBe(0);
    expect(await inForce('compression.type')).toBe('lz4');
    expect((await doctor({}, removed)).codes).toEqual(['topic-in-doubt', 'topic-setting-unnamed']);

    const heading = 'A topic setting stays in force after it was removed from the file';
    const runs = await runRemedy(connect, heading, removed);
    expect(runs.map(({ code }) => code)).toEqual([3, 0]);
    expect([await inForce('compression.type'), await inForce('cleanup.policy')]).toEqual(['producer', 'delete']);
    expect(await doctor({}, removed)).toMatchObject({ code: 0, codes: [] });
  }, 60_000);
});

describe('the worker', () => {
  test('worker-unreachable', async () => {
    const found = await doctor({ CONNECT_URL: `http://127.0.0.1:${await freePort()}` });
    expect(found).toMatchObject({ code: 1, codes: ['worker-unreachable'] });
  }, 30_000);

  test('file-faulty: a key that only the worker knows to be misspelt', async () => {
    const spoiled = await mkdtemp(join(folder, 'spoiled-'));
    const shape = connectorShape();
    shape.config['heartbeat.intervall.ms'] = '1';
    await writeFile(join(spoiled, 'user-events.json'), connectorText(shape));
    const found = await doctor({}, join(spoiled, 'user-events.json'));
    expect(found).toMatchObject({ code: 1, codes: ['file-faulty', 'connector-differs'] });
    expect(found.text).toContain('unknown-key');
  }, 30_000);

  /** Until the worker has got round to what it was told, and doctor finds exactly this. */
  const finds = (code: number, codes: readonly string[]) =>
    waitUntil(`doctor finds ${codes.join(', ') || 'nothing'}`, 30_000, async () => {
      const found = await doctor();
      const same = found.code === code && found.codes.join() === codes.join();
      return same ? undefined : `it finds ${found.codes.join(', ') || 'nothing'}, with ${found.code}`;
    });

  test.each(['pause', 'stop'] as const)(
    'connector-paused: somebody had it %s, and the line that is told lets it go on',
    async (verb) => {
      await setConnector(connect.connectUrl, 'user-events', verb);
      await finds(1, ['connector-paused']);
      for (const args of [
        ['restart', 'user-events'],
        ['restart', 'user-events', '--only-failed'],
      ]) {
        const { code, out } = await connect.cli(args);
        expect([code, out]).toEqual([4, expect.stringContaining('a restart does not change that')]);
      }
      await finds(1, ['connector-paused']);
      const { findings } = JSON.parse((await doctor()).text) as { findings: { todo: string }[] };
      const line = findings[0]?.todo ?? '';
      expect(line).toBe('npm run connect -- resume user-events');
      const resumed = await connect.cli(line.replace('npm run connect -- ', '').split(' '));
      expect([resumed.code, resumed.out]).toEqual([0, expect.stringContaining('resumed connector user-events')]);
      await finds(0, []);
    },
    60_000,
  );

  test('connector-not-running: its task ended', async () => {
    const sound = (await rest().config('user-events')) ?? {};
    await rest().putConfig('user-events', { ...sound, 'transforms.keySubject.negate': 'false' });
    await finds(1, ['connector-not-running', 'connector-differs']);
    await rest().putConfig('user-events', sound);
    await finds(0, []);
  }, 60_000);

  test('connector-differs, connector-stray, connector-of-another', async () => {
    const sound = (await rest().config('user-events')) ?? {};
    await rest().putConfig('user-events', { ...sound, 'poll.await.time.ms': '30' });
    await finds(0, ['connector-differs']);
    await rest().putConfig('old-events', { ...sound, name: 'old-events', 'offset.partition.name': 'old-events.1' });
    await finds(0, ['connector-differs', 'connector-stray']);
    await rest().putConfig('user-events', { ...sound, 'foldline.owner': 'billing' });
    await finds(1, ['connector-of-another', 'connector-stray']);
    await rest().putConfig('user-events', sound);
    expect((await connect.cli(['apply', folder, '--prune', '--yes'])).out).toContain('deleted 1, failed 0');
    await finds(0, []);
  }, 90_000);
});

describe('MongoDB', () => {
  test('mongodb-not-given, mongodb-unreachable, mongodb-login', async () => {
    expect(await doctor({ MONGODB_URI: undefined })).toMatchObject({ code: 0, codes: ['mongodb-not-given'] });
    const host = `127.0.0.1:${await freePort()}`;
    expect(await doctor(address({ host }))).toMatchObject({ code: 1, codes: ['mongodb-unreachable'] });
    const uri = connect.servers.mongodbUri.replace('://', '://doctor:hunter2@');
    const refused = await doctor({ MONGODB_URI: uri });
    expect(refused).toMatchObject({ code: 1, codes: ['mongodb-login'] });
    expect(refused.text).not.toContain('hunter2');
  }, 30_000);

  test('mongodb-may-not-look', async () => {
    const forbid = (mode: 'alwaysOn' | 'off') =>
      client.db('admin').command({
        configureFailPoint: 'failCommand',
        mode,
        data: { failCommands: ['replSetGetStatus'], errorCode: 13, appName: 'foldline-doctor' },
      });
    await forbid('alwaysOn');
    const found = await doctor();
    await forbid('off');
    expect(found).toMatchObject({ code: 0, codes: ['mongodb-may-not-look'] });
    expect(found.text).toContain('the members of the set');
  }, 30_000);

  test('mongodb-no-primary', async () => {
    const own = client.db('admin');
    await own.command({ replSetStepDown: 60, force: true });
    const found = await doctor();
    await own.command({ replSetFreeze: 0 }, { readPreference: 'secondaryPreferred' });
    expect(found.codes).toContain('mongodb-no-primary');
    await waitUntil('a primary again', 30_000, async () => {
      const { isWritablePrimary } = await own.command({ hello: 1 }, { readPreference: 'nearest' });
      return isWritablePrimary ? undefined : 'it is none';
    });
    expect((await connect.cli(['status', folder, '--wait', '30'])).code).toBe(0);
  }, 60_000);

  test.each([
    ['runs alone', []],
    ['was never initiated', ['--replSet', 'small']],
  ])(
    'mongodb-no-replica-set: it %s, whatever the address says',
    async (what, args) => {
      const mongod = await startBareMongod(args);
      try {
        for (const more of ['', '?replicaSet=small']) {
          const found = await doctor(address(mongod, more));
          expect([found.code, found.codes]).toEqual([1, ['mongodb-no-replica-set']]);
          expect(found.text).toContain(what);
        }
      } finally {
        await mongod.close();
      }
    },
    60_000,
  );

  test('mongodb-no-majority', async () => {
    const mongod = await startSetWithoutMajority();
    try {
      const found = await doctor(address(mongod));
      expect([found.code, found.codes]).toEqual([1, ['mongodb-no-majority']]);
      expect(found.text).toContain('has 1 of 2 voting members that hold data, and 2 make a majority');
    } finally {
      await mongod.close();
    }
  }, 60_000);

  test('oplog-fills-fast while it is not full yet, oplog-short when it is', async () => {
    const filling = client.db('backfilling').collection<{ text: string }>('documents');
    const fill = async (megabytes: number) => {
      for (let written = 0; written < megabytes; written += 4)
        await filling.insertMany(Array.from({ length: 4 }, () => ({ text: 'x'.repeat(1_048_576) })));
    };
    await fill(16);
    expect(await doctor()).toMatchObject({ code: 0, codes: ['oplog-fills-fast'] });
    await fill(48);
    expect(await doctor()).toMatchObject({ code: 1, codes: ['oplog-short'] });
    expect((await doctor(window)).codes).toEqual([]);
  }, 60_000);
});

test('topic-partitions: somebody added some', async () => {
  await admin.createPartitions({ topicPartitions: [{ topic: 'user-snapshots', count: 12 }] });
  await waitUntil('the partitions', 30_000, async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: ['user-snapshots'] });
    return topics[0]?.partitions.length === 12 ? undefined : 'they are not there';
  });
  const found = await doctor(window);
  expect([found.code, found.codes]).toEqual([1, ['topic-partitions']]);
}, 60_000);

test('plugin-missing: a worker without our plugin', async () => {
  await connect.restartWorker(await mkdtemp(join(folder, 'plugins-')));
  const { codes, code } = await doctor(window);
  expect([code, codes]).toEqual([1, expect.arrayContaining(['plugin-missing'])]);
}, 90_000);
