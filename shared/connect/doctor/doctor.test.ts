// Goal: each thing that `doctor` can find is found when it is there, alone, with its code, and not when it is not.
// Method: the command line beside a fake worker, topics in memory and a MongoDB that is only told; one thing is spoiled at a time.
// test/e2e/connect-doctor.test.ts shows the same on real servers, where it can be provoked there.
import { beginningKey } from '../begin-anew.ts';
import type { Config } from '../config-values.ts';
import { parseConnectors } from '../connector-file.ts';
import type { Surroundings } from '../context.ts';
import { ConnectFailure, type ConnectFailureCode } from '../failure.ts';
import { ownerKey } from '../reconcile.ts';
import { connectorShape, connectorText, merged } from '../testing/connector-text.ts';
import { type FakeWorker, sourceClass, startFakeWorker } from '../testing/fake-worker.ts';
import { type InMemoryTopics, inMemoryTopics } from '../testing/in-memory-topics.ts';
import { cliBeside } from '../testing/run-cli.ts';
import { type Code, catalogue } from './catalogue.ts';
import type { Report } from './diagnosis.ts';
import type { MongodbState, Oplog, ReplicaSet } from './mongodb.ts';
import { diagnoseConnectors } from './worker.ts';

const hourMs = 3_600_000;
const set: ReplicaSet = { name: 'rs0', hasPrimary: true, well: 3, all: 3, majority: 2 };
const oplog: Oplog = { usedBytes: 100, maxBytes: 1_000, spanMs: 10 * hourMs, keptMs: 0 };
const told = (more: { set?: ReplicaSet; oplog?: Oplog; hidden?: string[] } = {}): MongodbState => ({
  is: 'set',
  set,
  oplog,
  hidden: [],
  ...more,
});

let worker: FakeWorker;
let topics: InMemoryTopics;
let mongodb: MongodbState;
let documents: number;
let around: Partial<Surroundings>;
let file: object;

beforeEach(async () => {
  worker = await startFakeWorker();
  topics = inMemoryTopics();
  mongodb = told();
  documents = 0;
  file = connectorShape();
  around = {
    env: { MONGODB_URI: 'mongodb://doctor:hunter2@db/' },
    readMongodb: async () => mongodb,
    countDocuments: async (_uri, files) => new Map(files.map(({ name }) => [name, documents])),
    stdin: async () => connectorText(file),
  };
  const { code } = await cliBeside({ worker, topics })(['apply', '-'], around);
  expect(code).toBe(0);
});
afterEach(() => worker.close());

async function diagnose(): Promise<{ code: number; report: Report }> {
  const { code, out } = await cliBeside({ worker, topics })(['doctor', '-', '-o', 'json'], around);
  expect(out).not.toContain('hunter2');
  return { code, report: JSON.parse(out) };
}

const connector = () => {
  const found = worker.connectors.get('user-events');
  if (found === undefined) throw new Error('it was applied');
  return found;
};
const meddle = (patch: object) => {
  connector().config = merged(connector().config, patch) as Record<string, string>;
};
const spoil = (patch: object) => {
  file = merged(file, patch) as object;
};
const topic = () => topics.topics.get('user-events') ?? { partitions: 0, replicas: 1, config: {}, ownConfig: {} };

/** What the broker gives the topic, or what somebody has set on it. */
const inForce = (more: Config, { own = false, replicas = 1 } = {}) => {
  const { config, ownConfig, partitions } = topic();
  const ownToo = own ? more : {};
  topics.topics.set('user-events', {
    partitions,
    replicas,
    config: { ...config, ...more },
    ownConfig: { ...ownConfig, ...ownToo },
  });
};

const refuse = (code: ConnectFailureCode) => {
  around = { ...around, openTopics: () => Promise.reject(new ConnectFailure(code, 'Kafka says no.')) };
};

const cases: Readonly<Record<Exclude<Code, 'connector-stray'>, () => unknown>> = {
  'mongodb-not-given': () => {
    around = { ...around, env: {} };
  },
  'mongodb-unreachable': () => {
    mongodb = { is: 'unreachable', reason: 'connect ECONNREFUSED mongodb://doctor:hunter2@db/' };
  },
  'mongodb-login': () => {
    mongodb = { is: 'login-refused', reason: 'Authentication failed.' };
  },
  'mongodb-no-replica-set': () => {
    mongodb = { is: 'no-replica-set', reason: 'runs alone, without --replSet' };
  },
  'mongodb-no-primary': () => {
    mongodb = told({ set: { ...set, hasPrimary: false } });
  },
  'mongodb-no-majority': () => {
    mongodb = told({ set: { ...set, well: 1 } });
  },
  'mongodb-may-not-look': () => {
    mongodb = { is: 'set', set, oplog: undefined, hidden: ['the oplog'] };
  },
  'oplog-short': () => {
    mongodb = told({ oplog: { ...oplog, usedBytes: 950 } });
  },
  'oplog-fills-fast': () => {
    mongodb = told({ oplog: { ...oplog, spanMs: hourMs } });
  },
  'broker-unreachable': () => refuse('kafka-unreachable'),
  'broker-login': () => refuse('kafka-login'),
  'broker-tls': () => refuse('kafka-tls'),
  'topic-missing': () => topics.topics.delete('user-events'),
  'support-topic-missing': () => topics.topics.delete('foldline-heartbeats'),
  'topic-shorter': () => {
    documents = 298;
    topics.records.set('user-events', 2);
  },
  'topic-partitions': () => topics.topics.set('user-events', { ...topic(), partitions: 3 }),
  'topic-settings': () => topics.alter('user-events', { 'cleanup.policy': 'compact' }),
  'topic-deletes': () => {
    spoil({ topic: { config: { 'retention.bytes': null } } });
    inForce({ 'retention.bytes': '65536' });
  },
  'topic-unsafe': () => inForce({ 'unclean.leader.election.enable': 'true' }),
  'topic-in-doubt': () => inForce({ 'compression.type': 'zstd' }),
  'topic-setting-unnamed': () => topics.alter('user-events', { 'segment.ms': '60000' }),
  'worker-unreachable': () => {
    worker.fault = () => 'cut';
  },
  'worker-too-old': () => {
    worker.version = '2.8.1';
  },
  'plugin-missing': () => {
    worker.plugins = [];
  },
  'plugin-too-old': () => {
    worker.plugins = [{ class: sourceClass, type: 'source', version: '1.13.0' }];
  },
  'file-faulty': () => {
    spoil({ config: { 'errors.tolerance': 'all' } });
    meddle({ 'errors.tolerance': 'all' });
  },
  'connector-missing': () => worker.connectors.delete('user-events'),
  'connector-differs': () => meddle({ 'poll.await.time.ms': '3000' }),
  'connector-not-running': () => {
    connector().tasks = [{ state: 'FAILED', trace: 'Broken: pipe' }];
  },
  'connector-paused': () => {
    connector().state = 'PAUSED';
  },
  'connector-beginning': () => {
    meddle({ [beginningKey]: 'true' });
    connector().state = 'STOPPED';
  },
  'connector-of-another': () => meddle({ [ownerKey]: 'billing' }),
};

test('nothing is found where all is well', async () => {
  const { code, report } = await diagnose();
  expect([code, report.healthy, report.findings]).toEqual([0, true, []]);
  expect(report.sections.map(({ state }) => state)).toEqual(Array(8).fill('ok'));
});

test('hazard: somebody resumed a connector whose beginning was interrupted: it may have gone on from its old position', async () => {
  meddle({ [beginningKey]: 'true' });
  const { report } = await diagnose();
  expect(report.findings).toMatchObject([{ code: 'connector-beginning', detail: expect.stringContaining('RUNNING') }]);
});

test.each(Object.keys(cases) as (keyof typeof cases)[])('%s', async (finding) => {
  await cases[finding]();
  const { code, report } = await diagnose();
  expect(report.findings.map((one) => one.code)).toEqual([finding]);
  const { severity } = catalogue[finding];
  const todo = catalogue[finding].todo.replace('<name>', 'user-events');
  expect(report.findings[0]).toMatchObject({ severity, todo });
  expect(code).toBe(severity === 'error' ? 1 : 0);
});

test.each<[string, () => unknown, Code[]]>([
  [
    'seven days, from the broker',
    () => {
      spoil({ topic: { config: { 'retention.ms': null } } });
      inForce({ 'retention.ms': '604800000' });
    },
    ['topic-deletes'],
  ],
  [
    'a limit that somebody set on the topic',
    () => {
      spoil({ topic: { config: { 'retention.bytes': null } } });
      inForce({ 'retention.bytes': '1073741824' }, { own: true });
    },
    ['topic-deletes'],
  ],
  ['more copies asked for than there are', () => inForce({ 'min.insync.replicas': '2' }), ['topic-unsafe']],
  ['one copy asked for of three', () => inForce({ 'min.insync.replicas': '1' }, { replicas: 3 }), ['topic-in-doubt']],
  ['two copies asked for of three', () => inForce({ 'min.insync.replicas': '2' }, { replicas: 3 }), []],
  ['a codec of its own is told once', () => inForce({ 'compression.type': 'lz4' }, { own: true }), ['topic-in-doubt']],
  ['a clock', () => inForce({ 'message.timestamp.before.max.ms': '1000' }), ['topic-in-doubt']],
  ['the defaults of Kafka', () => inForce({ 'compression.type': 'producer', 'segment.ms': '604800000' }), []],
])('in force: %s', async (_what, spoiled, codes) => {
  await spoiled();
  expect((await diagnose()).report.findings.map(({ code }) => code)).toEqual(codes);
});

test('a server that is away leaves what hangs on it unchecked, not well', async () => {
  cases['broker-unreachable']();
  cases['worker-unreachable']();
  const { report } = await diagnose();
  const unchecked = report.sections.filter(({ state }) => state === 'not-checked').map(({ name }) => name);
  expect(unchecked).toEqual(['topics', 'plugin', 'connectors', 'contents']);
});

test.each<[string, Partial<Oplog>, Code[]]>([
  ['is full and reaches back far enough', { usedBytes: 950, spanMs: 25 * hourMs }, []],
  ['is new and hardly used', { usedBytes: 1, spanMs: 1_000_000 }, []],
  ['is short and kept by time', { usedBytes: 950, keptMs: 48 * hourMs }, []],
  ['is kept by time, for too short', { usedBytes: 950, keptMs: hourMs }, ['oplog-short']],
])('an oplog that %s', async (_what, more, codes) => {
  mongodb = told({ oplog: { ...oplog, ...more } });
  expect((await diagnose()).report.findings.map((one) => one.code)).toEqual(codes);
});

test('how long a connector may be away is a setting', async () => {
  cases['oplog-short']();
  around = { ...around, env: { ...around.env, CONNECT_OPLOG_WINDOW_MS: String(9 * hourMs) } };
  expect((await diagnose()).report.findings).toEqual([]);
});

test('connector-stray: only one of our owner, and only where all files are known', () => {
  const owned = (owner: string) => ({ [ownerKey]: owner });
  const configs = new Map<string, Config>([
    ['old-events', owned('foldline')],
    ['billing-events', owned('billing')],
    ['strange-events', {}],
    ['user-events', owned('foldline')],
  ]);
  const files = parseConnectors('user-events.json', connectorText()).files;
  const strays = (whole: boolean) =>
    diagnoseConnectors({ files, whole }, configs, []).findings.filter(({ code }) => code === 'connector-stray');
  expect(strays(true).map(({ about }) => about)).toEqual(['connector old-events']);
  expect(strays(false)).toEqual([]);
});

test('a topic that is being filled, or has as many records as there are documents, is not short', async () => {
  documents = 298;
  topics.records.set('user-events', 298);
  expect((await diagnose()).report.findings).toEqual([]);
  topics.records.set('user-events', 2);
  const filling = setInterval(() => topics.records.set('user-events', (topics.records.get('user-events') ?? 0) + 1), 2);
  const { report } = await diagnose().finally(() => clearInterval(filling));
  expect(report.findings).toEqual([]);
  expect(report.sections.at(-1)?.detail).toContain('1 being filled');
});

test.each<[string, object, string]>([
  ['is named otherwise', { 'heartbeat.topic.name': 'beats' }, 'beats'],
  ['has the name that the connector gives it', { 'heartbeat.topic.name': null }, '__mongodb_heartbeats'],
  ['is for dead letters', { 'mongo.errors.deadletterqueue.topic.name': 'dead' }, 'dead'],
])('a needed topic that %s is missed as well', async (_what, config, name) => {
  spoil({ config });
  const { report } = await diagnose();
  expect(report.findings.filter(({ code }) => code === 'support-topic-missing').map(({ about }) => about)).toEqual([
    `topic ${name}`,
  ]);
});

test('a router is not judged', async () => {
  mongodb = { is: 'router' };
  const { report } = await diagnose();
  expect(report.sections[0]).toMatchObject({ name: 'mongodb', state: 'not-checked' });
});
