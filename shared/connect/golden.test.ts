// Goal: what every verb prints, for people and for programs, stays as somebody has read and approved it.
// Method: whole command lines beside a fake worker, topics in memory and a MongoDB that is only told, each in a fresh place; the
// output is compared with the files in `testing/golden`. After a change that is meant: `npm run golden`, and read the difference.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MongodbState } from './doctor/mongodb.ts';
import { ownerKey } from './reconcile.ts';
import { connectorShape, connectorText, merged } from './testing/connector-text.ts';
import { type FakeWorker, sourceClass, startFakeWorker } from './testing/fake-worker.ts';
import { type InMemoryTopics, inMemoryTopics } from './testing/in-memory-topics.ts';
import { type CliRun, cliBeside } from './testing/run-cli.ts';

const golden = join(__dirname, 'testing', 'golden');
const renewing = process.env.UPDATE_GOLDEN === '1';
const names = ['user-events', 'user-snapshots'];
const well: MongodbState = {
  is: 'set',
  set: { name: 'rs0', hasPrimary: true, well: 3, all: 3, majority: 2 },
  oplog: { usedBytes: 100 * 1_048_576, maxBytes: 1_000 * 1_048_576, spanMs: 36_000_000, keptMs: 0 },
  hidden: [],
};

let worker: FakeWorker;
let topics: InMemoryTopics;
let folder: string;
let mongodb: MongodbState;
let documents: number;
let ending: AbortController;

beforeEach(async () => {
  worker = await startFakeWorker();
  worker.unknownKeys = new Set(['heartbeat.intervall.ms']);
  topics = inMemoryTopics();
  folder = await mkdtemp(join(tmpdir(), 'foldline-golden-'));
  for (const name of names) await spoil(name, {});
  mongodb = well;
  documents = 0;
  ending = new AbortController();
});
afterEach(async () => {
  await worker.close();
  await rm(folder, { recursive: true });
});

const run = (args: readonly string[]) =>
  cliBeside({ worker, topics })(
    args.map((arg) => arg.replace(/^connectors/, folder)),
    {
      env: { MONGODB_URI: 'mongodb://doctor:hunter2@db/?replicaSet=rs0' },
      readMongodb: async () => mongodb,
      countDocuments: async (_uri, files) => new Map(files.map(({ name }) => [name, documents])),
      signal: ending.signal,
    },
  );

const spoil = (name: string, patch: object) =>
  writeFile(join(folder, `${name}.json`), connectorText(merged(connectorShape(name), patch)));
const deploy = () => run(['apply', 'connectors']);
const trace =
  'com.mongodb.MongoTimeoutException: Timed out after 30000 ms while waiting to connect\n\tat com.mongodb.x';

/** What is done to a connector on the worker behind our back. */
function meddle(name: string, change: (connector: { config: Record<string, string>; state: string }) => void): void {
  const connector = worker.connectors.get(name);
  if (connector === undefined) throw new Error(`${name} was not deployed`);
  const config = { ...connector.config };
  change({ ...connector, config });
  connector.config = config;
}

function fail(name: string): void {
  const connector = worker.connectors.get(name);
  if (connector !== undefined) connector.tasks = [{ state: 'FAILED', trace }];
}

function leave(name: string, owner: string): void {
  const config = { ...connectorShape().config, name, [ownerKey]: owner };
  worker.connectors.set(name, { config, state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
}

/** Where a connector stands, as Connect keeps it. */
function stand(name: string): void {
  const offset = { _id: '{"_data": "826B0DC5C0000000022B0229296E04"}', HEARTBEAT: 'true' };
  worker.offsets.set(name, [{ partition: { ns: `${name}.1` }, offset }]);
}

async function deployOnNewTopic(): Promise<void> {
  await deploy();
  stand('user-snapshots');
  topics.topics.delete('user-snapshots');
}

type Scenario = readonly [name: string, args: readonly string[], given?: () => unknown];

const scenarios: readonly Scenario[] = [
  ['plan-create', ['plan', 'connectors/user-events.json']],
  ['plan-nothing', ['plan', 'connectors'], deploy],
  [
    'plan-alter',
    ['plan', 'connectors'],
    async () => {
      await deploy();
      await topics.alter('user-snapshots', { 'cleanup.policy': 'delete' });
      meddle('user-events', ({ config }) => {
        config['connection.uri'] = 'mongodb://connect:hunter2@db/';
        config['errors.tolerance'] = 'all';
        config['topic.suffix'] = 'old';
        delete config['heartbeat.interval.ms'];
      });
    },
  ],
  [
    'plan-stray',
    ['plan', 'connectors'],
    async () => {
      await deploy();
      leave('old-events', 'foldline');
      leave('billing-events', 'billing');
    },
  ],
  [
    'plan-unnamed',
    ['plan', 'connectors'],
    async () => {
      await deploy();
      await topics.alter('user-events', { 'compression.type': 'lz4' });
    },
  ],
  [
    'plan-reset',
    ['plan', 'connectors', '--reset-topic-settings'],
    async () => {
      await deploy();
      await topics.alter('user-events', { 'compression.type': 'lz4', 'delete.retention.ms': '1000' });
    },
  ],
  [
    'plan-prune',
    ['plan', 'connectors', '--prune'],
    async () => {
      await deploy();
      leave('old-events', 'foldline');
    },
  ],
  [
    'plan-refused',
    ['plan', 'connectors'],
    async () => {
      await deploy();
      await spoil('user-events', { topic: { partitions: 12 }, config: { 'topic.creation.default.partitions': '12' } });
    },
  ],
  [
    'plan-warning',
    ['plan', 'connectors'],
    () =>
      deploy().then(() =>
        spoil('user-events', { config: { 'startup.mode': 'latest', 'startup.mode.copy.existing.pipeline': null } }),
      ),
  ],
  ['apply', ['apply', 'connectors', '--yes']],
  [
    'apply-not-healthy',
    ['apply', 'connectors', '--yes'],
    () => {
      worker.onStart = (connector) => {
        connector.state = 'RUNNING';
        connector.tasks = [{ state: 'FAILED', trace }];
      };
    },
  ],
  [
    'apply-failed',
    ['apply', 'connectors', '--yes'],
    () => {
      const refusal = { status: 400, message: 'Connector configuration is invalid' };
      worker.fault = (request) => (request === 'PUT /connectors/user-events/config' ? refusal : undefined);
    },
  ],
  [
    'apply-prune',
    ['apply', 'connectors', '--prune', '--yes'],
    async () => {
      await deploy();
      leave('old-events', 'foldline');
    },
  ],
  ['status', ['status', 'connectors'], deploy],
  ['status-failed', ['status', 'connectors'], () => deploy().then(() => fail('user-events'))],
  [
    'status-paused',
    ['status', 'connectors'],
    async () => {
      await deploy();
      Object.assign(worker.connectors.get('user-events') ?? leftOut(), {
        state: 'PAUSED',
        tasks: [{ state: 'PAUSED' }],
      });
    },
  ],
  [
    'status-watch',
    ['status', 'connectors', '--watch'],
    async () => {
      await deploy();
      let looks = 0;
      worker.fault = (request) => {
        if (!request.startsWith('GET /connectors?expand=status')) return undefined;
        looks += 1;
        if (looks === 3) fail('user-events');
        if (looks === 6) worker.onStart(worker.connectors.get('user-events') ?? leftOut());
        if (looks === 9) ending.abort();
        return undefined;
      };
    },
  ],
  ['validate', ['validate', 'connectors'], deploy],
  [
    'validate-faults',
    ['validate', 'connectors'],
    () =>
      spoil('user-events', {
        topic: { config: { 'cleanup.policy': 'compact' } },
        config: {
          'connection.uri': 'mongodb://connect:hunter2@db/',
          'errors.tolerance': 'all',
          'heartbeat.interval.ms': null,
          'heartbeat.intervall.ms': '5000',
          'poll.await.time.ms': null,
          'topic.creation.default.cleanup.policy': 'compact',
        },
      }),
  ],
  ['restart', ['restart', 'user-events', 'user-snapshots'], deploy],
  [
    'restart-only-failed',
    ['restart', 'user-events', 'user-snapshots', '--only-failed'],
    () => deploy().then(() => fail('user-events')),
  ],
  ['delete', ['delete', 'user-snapshots', '--yes'], deploy],
  ['delete-unknown', ['delete', 'user-snapshot', '--yes'], deploy],
  ['plan-new-topic', ['plan', 'connectors'], deployOnNewTopic],
  ['plan-refill', ['plan', 'connectors', '--refill'], deployOnNewTopic],
  ['stop', ['stop', 'user-events'], deploy],
  ['resume', ['resume', 'user-events'], () => deploy().then(() => run(['stop', 'user-events']))],
  [
    'offsets-show',
    ['offsets', 'show', 'user-events', 'user-snapshots'],
    () => deploy().then(() => stand('user-events')),
  ],
  [
    'offsets-reset',
    ['offsets', 'reset', 'user-events', '--yes'],
    () => deploy().then(() => run(['stop', 'user-events'])),
  ],
  [
    'refill',
    ['refill', 'user-snapshots', '--files', 'connectors', '--yes'],
    async () => {
      await deploy();
      documents = 298;
      worker.fault = (request) => {
        if (request !== 'PUT /connectors/user-snapshots/resume') return undefined;
        topics.records.set('user-snapshots', 298);
        stand('user-snapshots');
        return undefined;
      };
    },
  ],
  ['doctor', ['doctor', 'connectors'], deploy],
  [
    'doctor-findings',
    ['doctor', 'connectors'],
    async () => {
      await deploy();
      mongodb = {
        is: 'set',
        set: { name: 'rs0', hasPrimary: true, well: 1, all: 3, majority: 2 },
        oplog: { usedBytes: 990 * 1_048_576, maxBytes: 1_000 * 1_048_576, spanMs: 5_400_000, keptMs: 0 },
        hidden: [],
      };
      topics.topics.delete('user-events');
      topics.topics.delete('foldline-heartbeats');
      await topics.alter('user-snapshots', { 'cleanup.policy': 'delete' });
      worker.plugins = [{ class: sourceClass, type: 'source', version: '1.9.0' }];
      fail('user-events');
      meddle('user-snapshots', ({ config }) => {
        config['poll.await.time.ms'] = '5000';
      });
      leave('old-events', 'foldline');
      await spoil('user-events', { config: { 'heartbeat.intervall.ms': '5000' } });
    },
  ],
];

function leftOut(): never {
  throw new Error('the connector was not deployed');
}

/** What differs from one run to the next gets a name that does not. */
const settled = (text: string) => text.replaceAll(folder, 'connectors').replaceAll(worker.url, 'http://connect:8083');

async function compared(file: string, text: string): Promise<void> {
  if (renewing) await writeFile(join(golden, file), text);
  expect(text).toBe(await readFile(join(golden, file), 'utf8'));
}

const transcript = (args: readonly string[], { code, out, err }: CliRun) => {
  const told = err === '' ? [] : err.split('\n').map((line) => `# ${line}`);
  const printed = out === '' ? [] : [out];
  return settled([`$ npm run connect -- ${args.join(' ')}`, ...told, ...printed, `(exit code ${code})`, ''].join('\n'));
};

describe.each(scenarios.map(([name, args, given]) => ({ name, args, given })))('$name', ({ name, args, given }) => {
  beforeEach(async () => {
    await given?.();
  });

  test('as text', async () => {
    const text = transcript(args, await run(args));
    expect(text).not.toContain('hunter2');
    await compared(`${name}.golden.txt`, text);
  });

  test('as JSON', async () => {
    const { out } = await run([...args, '-o', 'json']);
    expect(out).not.toContain('hunter2');
    await compared(`${name}.golden.json`, `${settled(out)}\n`);
  });
});

/** What has one form only. */
const texts: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['help', ['--help']],
  ['help-apply', ['apply', '--help']],
  ['help-refill', ['refill', '--help']],
  ['usage', ['apply', 'connectors', '--wait', 'soon']],
  ['settings-not-valid', ['plan', 'connectors', '--url', 'connect', '--brokers', 'kafka']],
];

test.each(texts.map(([name, args]) => ({ name, args })))('$name', async ({ name, args }) => {
  await compared(`${name}.golden.txt`, transcript(args, await run(args)));
});

test('every golden file is some output still', async () => {
  const both = scenarios.flatMap(([name]) => [`${name}.golden.json`, `${name}.golden.txt`]);
  const expected = [...both, ...texts.map(([name]) => `${name}.golden.txt`)];
  expect((await readdir(golden)).sort()).toEqual(expected.sort());
});
