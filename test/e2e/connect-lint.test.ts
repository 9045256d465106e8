// Goal: on a real worker and a real broker each rule finds its example, an error changes nothing, what a rule warns of does happen,
// and what the verbs print is what the golden files say.
// Method: one start of MongoDB, Kafka and Connect; two of the shipped connectors are deployed; then each example of
// `connect/lint-examples` is laid over its shipped file and asked about.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { connectRest, defaultLimits, type Finding, type RuleName, rules } from 'foldline/connect';
import { connectorShape, connectorText, lintExamples } from 'foldline/connect/testing';
import { MongoClient } from 'mongodb';
import { statesOf } from './support/connect-control.ts';
import { runRemedy } from './support/connect-remedy.ts';
import { type ConnectServers, startConnectServers } from './support/connect-servers.ts';
import { startLimitMs, stopLimitMs } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';
import { readTopics } from './topic-reader.ts';

const goldenFolder = resolve(__dirname, '..', '..', 'shared', 'connect', 'testing', 'golden');

let connect: ConnectServers;
let folder: string;

beforeAll(async () => {
  connect = await startConnectServers();
  folder = await mkdtemp(join(tmpdir(), 'foldline-lint-'));
  for (const name of ['user-events', 'user-snapshots'])
    await writeFile(join(folder, `${name}.json`), connectorText(connectorShape(name)));
}, startLimitMs);

afterAll(async () => {
  await connect?.close();
  await rm(folder, { recursive: true, force: true });
}, stopLimitMs);

/** The golden transcript without what is told on the way: a real worker may be tried again. */
async function goldenOf(name: string): Promise<string> {
  const text = await readFile(join(goldenFolder, `${name}.golden.txt`), 'utf8');
  return text.replace(/^# .*\n/gm, '');
}

test.each([
  ['apply', ['apply', 'connectors', '--yes']],
  ['plan-nothing', ['plan', 'connectors']],
  ['status', ['status', 'connectors']],
  ['validate', ['validate', 'connectors']],
  ['restart', ['restart', 'user-events', 'user-snapshots']],
  ['delete-unknown', ['delete', 'user-snapshot', '--yes']],
])(
  '%s prints what its golden file says',
  async (name, args) => {
    const { code, out } = await connect.cli(args.map((arg) => (arg === 'connectors' ? folder : arg)));
    const text = `$ npm run connect -- ${args.join(' ')}\n${out}\n(exit code ${code})\n`;
    expect(text.replaceAll(connect.connectUrl, 'http://connect:8083')).toBe(await goldenOf(name));
  },
  60_000,
);

async function exampleFile(name: string, text: string): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'example-')), `${name}.json`);
  // An address that nobody answers at would hold up the worker's own validation.
  const [, host = ''] = /\/\/([^/]+)\//.exec(connect.servers.mongodbUri) ?? [];
  await writeFile(file, text.replace('127.0.0.1:27017', host));
  return file;
}

test('every rule has an example', () => {
  expect(lintExamples().map(({ rule }) => rule)).toEqual(Object.keys(rules).sort());
});

test.each(lintExamples())(
  '$rule',
  async ({ rule, name, text }) => {
    const { severity } = rules[rule as RuleName];
    const file = await exampleFile(name, text);
    const validated = await connect.cli(['validate', file, '-o', 'json']);
    const { faults, worker, broker } = JSON.parse(validated.out) as {
      faults: Finding[];
      worker: string;
      broker: string;
    };
    expect([worker, broker]).toEqual(['asked', 'asked']);
    expect(faults).toContainEqual(expect.objectContaining({ rule, severity }));
    // A worker that is told of a fault may find another behind it, such as an address that does not answer.
    expect(faults.filter((one) => one.rule !== rule && one.rule !== 'config-refused')).toEqual([]);
    expect(validated.code).toBe(severity === 'error' ? 1 : 0);

    const planned = await connect.cli(['plan', file]);
    expect(planned.out).toContain(`[${rule}]`);
    // A warning leaves the plan to go on: the example differs from what is deployed.
    expect(planned.code).toBe(severity === 'error' ? 1 : 3);
  },
  60_000,
);

test('an error keeps apply from doing anything, and is the only thing that is told', async () => {
  const { text } = lintExamples().find(({ rule }) => rule === 'unknown-key') ?? { text: '' };
  const { code, out } = await connect.cli(['apply', await exampleFile('user-events', text), '--yes']);
  expect(code).toBe(1);
  expect(out).toMatch(/: error: .*did you mean heartbeat\.interval\.ms\? \[unknown-key\]\nerrors 1, warnings 0$/);
  const rest = connectRest({ url: connect.connectUrl, limits: defaultLimits });
  expect(Object.keys((await rest.config('user-events')) ?? {})).not.toContain('heartbeat.intervall.ms');
});

test('what heartbeat-transformed warns of: the first heartbeat ends the task; restart tells why, apply repairs it', async () => {
  const rest = connectRest({ url: connect.connectUrl, limits: defaultLimits });
  const sound = (await rest.config('user-events')) ?? {};
  await rest.putConfig('user-events', {
    ...sound,
    'transforms.keySubject.negate': 'false',
    'heartbeat.interval.ms': '200',
  });
  const client = await MongoClient.connect(connect.servers.mongodbUri);
  try {
    await waitUntil('the end of the task', 40_000, async () => {
      // Something must move in the database for a quiet stream to get a new token, and so a heartbeat.
      await client.db('users').collection('Elsewhere').insertOne({});
      const states = await statesOf(connect.connectUrl, 'user-events');
      return states === 'RUNNING FAILED' ? undefined : `it is ${states}`;
    });
  } finally {
    await client.close();
  }
  const status = await connect.cli(['status', folder]);
  expect([status.code, status.out]).toEqual([4, expect.stringContaining('task 0 of user-events is FAILED: ')]);
  const { code, out } = await connect.cli(['restart', 'user-events', 'user-snapshots', '--only-failed', '--wait', '5']);
  expect([code, out]).toEqual([
    4,
    expect.stringMatching(/restarted connector user-events[\s\S]*restarted 1, unchanged 1/),
  ]);
  expect((await connect.cli(['apply', folder, '--yes'])).code).toBe(0);
  expect((await connect.cli(['status', folder, '--wait', '30'])).code).toBe(0);
}, 90_000);

test('troubleshooting: Deleted users stay in another service although the connector is RUNNING', async () => {
  const rest = connectRest({ url: connect.connectUrl, limits: defaultLimits });
  const { text } = lintExamples().find(({ rule }) => rule === 'records-filtered') ?? { text: '' };
  const filtered = JSON.parse(text) as ReturnType<typeof connectorShape>;
  const sound = (await rest.config('user-events')) ?? {};
  // As an earlier release deployed it: no rule was against it.
  await rest.putConfig('user-events', { ...sound, pipeline: filtered.config.pipeline ?? '' });
  const reader = await readTopics(connect.brokers, ['user-events']);
  const client = await MongoClient.connect(connect.servers.mongodbUri);
  const subject = 'user-0a59e1c0-5b1f-4d0e-9d3b-6c2f1f0a7e11';
  const types = () => reader.all('user-events').flatMap(({ key, value }) => (key === subject ? [typeOf(value)] : []));
  const typeOf = (value: string | null) => (JSON.parse(value ?? '{}') as { type?: string }).type;
  try {
    await waitUntil('the filter in the task', 30_000, async () => {
      const [task] = await rest.taskConfigs('user-events');
      return task?.pipeline === filtered.config.pipeline ? undefined : 'it has another pipeline';
    });
    expect((await connect.cli(['status', folder, '--wait', '30'])).code).toBe(0);
    const events = ['userCreated_v2', 'userDeleted_v1', 'userCreated_v2'].map((type, i) => ({
      subject,
      type,
      version: i + 1,
      data: {},
    }));
    await client.db('users').collection('UserEvents').insertMany(events);
    // One partition for a subject: the third is written, so the second was left out.
    await reader.first('user-events', ({ key, value }) => key === subject && value?.includes('"version": 3') === true);
    expect(types()).toEqual(['userCreated_v2', 'userCreated_v2']);
    expect((await rest.config('user-events'))?.pipeline).toContain('userDeleted_v1');
    expect((await connect.cli(['status', folder])).code).toBe(0);

    const faulty = await connect.cli(['validate', await exampleFile('user-events', text)]);
    expect([faulty.code, faulty.out]).toEqual([
      1,
      expect.stringMatching(/error: config\.pipeline: .*\[records-filtered\]/),
    ]);
    const shape = connectorShape();
    shape.config['offset.partition.name'] = 'user-events.2';
    const repaired = await exampleFile('user-events', connectorText(shape));
    const heading = 'Deleted users stay in another service although the connector is RUNNING';
    expect((await runRemedy(connect, heading, repaired)).map(({ code }) => code)).toEqual([0, 0]);
    await reader.first('user-events', ({ key, value }) => key === subject && typeOf(value) === 'userDeleted_v1');
  } finally {
    await Promise.all([client.close(), reader.close()]);
  }
  expect((await connect.cli(['apply', folder, '--yes'])).code).toBe(0);
}, 120_000);

test('troubleshooting: apply says that the broker would delete some of the records of a topic', async () => {
  const shape = connectorShape();
  shape.topic.config['retention.ms'] = '86400000';
  shape.config['topic.creation.default.retention.ms'] = '86400000';
  const shorter = await exampleFile('user-events', connectorText(shape));
  for (const args of [
    ['plan', shorter],
    ['apply', shorter, '--yes'],
  ]) {
    const { code, out } = await connect.cli(args);
    expect([code, out]).toEqual([1, expect.stringContaining('retention.ms = 86400000 (was -1)')]);
  }
  const heading = 'apply says that the broker would delete some of the records of a topic';
  expect((await runRemedy(connect, heading, shorter)).map(({ code }) => code)).toEqual([3, 0]);
  // The shipped file keeps records for longer, which needs no word.
  const { code, out } = await connect.cli(['apply', folder, '--yes']);
  expect([code, out]).toEqual([0, expect.stringContaining('altered topic user-events')]);
}, 60_000);

test('troubleshooting: carries is missing in a connector file', async () => {
  const { carries: _undeclared, ...older } = connectorShape();
  const file = await exampleFile('user-events', connectorText(older));
  for (const verb of ['validate', 'plan', 'apply']) {
    const { code, out } = await connect.cli([verb, file]);
    expect([code, out]).toEqual([1, expect.stringContaining('error: carries: is missing: write "carries": "events"')]);
  }
  const declared = await exampleFile('user-events', connectorText({ ...older, carries: 'events' }));
  const runs = await runRemedy(connect, 'carries is missing in a connector file', declared);
  expect(runs.map(({ code }) => code)).toEqual([0, 0]);
}, 60_000);

test('what Connect itself can do, line by line as the page says it', async () => {
  const page = await readFile(resolve(__dirname, '..', '..', 'docs', 'connectors.md'), 'utf8');
  const lines = page.match(/^curl .+$/gm) ?? [];
  expect(lines).toHaveLength(5);
  for (const line of lines) {
    // While the worker rebalances it answers 409, as the page says.
    await waitUntil(line, 30_000, () =>
      promisify(execFile)('sh', ['-c', line], { env: { ...process.env, CONNECT_URL: connect.connectUrl } }).then(
        () => undefined,
        (error: Error) => error.message,
      ),
    );
  }
  expect((await connect.cli(['status', folder, '--wait', '30'])).code).toBe(0);
}, 90_000);

test('--prune deletes on the real worker what is of our owner and has no file, and nothing else', async () => {
  const rest = connectRest({ url: connect.connectUrl, limits: defaultLimits });
  const { 'foldline.owner': _owner, ...sound } = (await rest.config('user-events')) ?? {};
  const owners = { 'old-events': 'foldline', 'billing-events': 'billing', 'strange-events': undefined };
  for (const [name, owner] of Object.entries(owners)) {
    const config = { ...sound, name, 'offset.partition.name': name, ...(owner && { 'foldline.owner': owner }) };
    await rest.putConfig(name, config);
  }
  expect((await connect.cli(['plan', folder])).out).toContain('? connector old-events has no file');
  const pruned = await connect.cli(['apply', folder, '--prune', '--yes']);
  expect([pruned.code, pruned.out]).toEqual([0, expect.stringContaining('deleted connector old-events')]);
  const left = ['billing-events', 'strange-events', 'user-events', 'user-snapshots'];
  expect([...(await rest.configs()).keys()].sort()).toEqual(left);
  expect((await connect.cli(['delete', ...left, '--yes'])).out.split('\n').at(-1)).toContain('deleted 4, failed 0');
}, 60_000);
