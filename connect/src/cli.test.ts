// Goal: the command line keeps its exit codes, its JSON and its promises (idempotent, asks only people, shows no secret).
// Method: whole command lines against a fake worker and topics in memory.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { runCli } from './cli.ts';
import type { Surroundings } from './commands.ts';
import { connectorShape, connectorText } from './testing/connector-text.ts';
import { type FakeWorker, startFakeWorker } from './testing/fake-worker.ts';
import { inMemoryTopics } from './testing/in-memory-topics.ts';

let worker: FakeWorker;
let folder: string;
let topics: ReturnType<typeof inMemoryTopics>;

beforeEach(async () => {
  worker = await startFakeWorker();
  topics = inMemoryTopics();
  folder = await mkdtemp(join(tmpdir(), 'foldline-connectors-'));
  await writeFile(join(folder, 'user-events.json'), connectorText());
  await writeFile(join(folder, 'user-snapshots.json'), connectorText(connectorShape('user-snapshots', 'Users')));
});

afterEach(async () => {
  await worker.close();
  await rm(folder, { recursive: true });
});

async function run(args: string[], around: Partial<Surroundings> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(args, {
    env: {
      CONNECT_URL: worker.url,
      CONNECT_RETRY_FOR_MS: '300',
      CONNECT_RETRY_INITIAL_MS: '5',
      CONNECT_RETRY_MAX_MS: '20',
      CONNECT_HEALTHY_WITHIN_MS: '400',
      CONNECT_POLL_MS: '5',
      CONNECT_STEADY_MS: '20',
    },
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
    colors: pc.createColors(false),
    confirm: undefined,
    openTopics: async () => topics,
    ...around,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('plan shows what is due with 3, apply does it with 0, and afterwards nothing is due', async () => {
  const planned = await run(['plan', folder]);
  expect(planned.code).toBe(3);
  expect(planned.out).toContain('+ create topic user-events');
  expect(planned.out.split('\n').at(-1)).toBe('to create 4, to alter 0, unchanged 0');
  expect(worker.connectors.size + topics.topics.size).toBe(0);

  const first = await run(['apply', folder]);
  expect(first.code).toBe(0);
  expect(first.out.split('\n').at(-1)).toBe('created 4, altered 0, deleted 0, failed 0, unchanged 0');

  worker.requests.length = 0;
  const second = await run(['apply', folder]);
  expect(second.code).toBe(0);
  expect(second.out.split('\n').at(-1)).toBe('created 0, altered 0, deleted 0, failed 0, unchanged 4');
  expect(worker.requests.filter((request) => !request.startsWith('GET'))).toEqual([]);
  expect((await run(['plan', folder])).code).toBe(0);
});

test('apply --dry-run is plan', async () => {
  expect((await run(['apply', folder, '--dry-run'])).code).toBe(3);
  expect(worker.connectors.size).toBe(0);
});

test('-o json is stable: these keys, data on stdout only', async () => {
  const { out, err, code } = await run(['apply', folder, '-o', 'json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    applied: [
      { kind: 'topic', name: 'user-events', outcome: 'created', error: null },
      { kind: 'topic', name: 'user-snapshots', outcome: 'created', error: null },
      { kind: 'connector', name: 'user-events', outcome: 'created', error: null },
      { kind: 'connector', name: 'user-snapshots', outcome: 'created', error: null },
    ],
    connectors: ['user-events', 'user-snapshots'].map((name) => ({
      name,
      state: 'RUNNING',
      tasks: [{ id: 0, state: 'RUNNING', worker: 'fake:8083' }],
      running: true,
      reason: null,
    })),
    counts: { created: 4, altered: 0, deleted: 0, failed: 0, unchanged: 0 },
  });
  expect(err).toContain('creating topic user-events');
  const planned = JSON.parse((await run(['plan', folder, '-o', 'json'])).out);
  expect(planned).toMatchObject({ pending: 0, changes: [{ kind: 'topic', action: 'none', keys: [] }, {}, {}, {}] });
});

test('on a terminal it asks, and no means nothing was done', async () => {
  const questions: string[] = [];
  const answer = (yes: boolean) => ({
    confirm: async (question: string) => {
      questions.push(question);
      return yes;
    },
  });
  expect((await run(['apply', folder], answer(false))).code).toBe(1);
  expect(worker.connectors.size).toBe(0);
  expect(questions[0]).toContain('create connector user-events');
  expect((await run(['apply', folder, '--yes'], answer(false))).code).toBe(0);
  expect((await run(['apply', folder], answer(false))).code).toBe(0);
  expect((await run(['delete', 'user-events'], answer(false))).code).toBe(1);
  expect(worker.connectors.has('user-events')).toBe(true);
  expect(questions).toHaveLength(2);
});

test('a task that fails again after its one restart: 4, with its trace', async () => {
  worker.onStart = (connector) => {
    connector.state = 'RUNNING';
    connector.tasks = [{ state: 'FAILED', trace: 'Timed out after 30000 ms\n\tat x' }];
  };
  const { code, out } = await run(['apply', folder]);
  expect(code).toBe(4);
  expect(out).toContain('task 0 of user-events is FAILED: Timed out after 30000 ms');
  expect(worker.requests.filter((request) => request.includes('/user-events/restart'))).toHaveLength(1);
  expect((await run(['status', folder])).code).toBe(4);
});

test('a task that failed in an outage runs after its restart: 0', async () => {
  expect((await run(['apply', folder])).code).toBe(0);
  for (const connector of worker.connectors.values()) connector.tasks = [{ state: 'FAILED' }];
  expect((await run(['apply', folder])).code).toBe(0);
});

test('what fails is counted with 1, and does not keep the others from being applied', async () => {
  worker.unknownKeys = new Set(['heartbeat.intervall.ms']);
  const spoiled = connectorShape();
  spoiled.config['heartbeat.intervall.ms'] = '1';
  await writeFile(join(folder, 'user-events.json'), connectorText(spoiled));
  const { code, out } = await run(['apply', folder]);
  expect(code).toBe(1);
  expect(out).toMatch(/user-events\.json:24: config\.heartbeat\.intervall\.ms: is not known to the worker/);
  expect(out.split('\n').at(-1)).toBe('created 3, altered 0, deleted 0, failed 1, unchanged 0');
  expect([...worker.connectors.keys()]).toEqual(['user-snapshots']);
  expect((await run(['validate', folder])).code).toBe(1);
});

test('another number of partitions is refused before anything is done', async () => {
  topics.topics.set('user-events', { partitions: 1, config: {}, ownConfig: {} });
  const planned = await run(['plan', folder]);
  expect(planned.code).toBe(1);
  const { code, err } = await run(['apply', folder]);
  expect(code).toBe(1);
  expect(err).toContain('topic user-events has 1 partitions and the file says 3');
  expect(worker.connectors.size).toBe(0);
});

test('validate works without a worker, and says so', async () => {
  await worker.close();
  const { code, err, out } = await run(['validate', folder]);
  expect(code).toBe(0);
  expect(err).toContain('only the files were checked');
  expect(out).toBe('valid 2, faults 0');
  const status = await run(['status', folder]);
  expect(status.code).toBe(1);
  expect(status.err).toContain('did not answer for 300 ms');
  worker = await startFakeWorker();
});

test('delete takes connectors off; an unknown name fails and is told what there is', async () => {
  await run(['apply', folder]);
  const { code, out } = await run(['delete', 'user-events', '--yes']);
  expect(code).toBe(0);
  expect(out).toBe('deleted connector user-events\ncreated 0, altered 0, deleted 1, failed 0, unchanged 0');
  const again = await run(['delete', 'user-events', '--yes']);
  expect(again.code).toBe(1);
  expect(again.out).toContain('there is no connector user-events');
  expect(topics.topics.has('user-events')).toBe(true);
});

test('wrong usage: 2; bad settings and broken files: 1, in one sentence each', async () => {
  expect((await run([])).code).toBe(2);
  expect((await run(['aply'])).code).toBe(2);
  expect((await run(['plan', '--nope'])).code).toBe(2);
  expect((await run(['plan', '-o', 'yaml'])).code).toBe(2);
  expect((await run(['delete'])).code).toBe(2);
  expect((await run(['--help'])).code).toBe(0);
  expect((await run(['apply', '--help'])).code).toBe(0);
  const bad = await run(['plan', folder, '--brokers', 'nowhere', '--url', 'kafka']);
  expect(bad.code).toBe(1);
  expect(bad.err).toMatch(/^Settings are not valid: CONNECT_URL="kafka": .*; KAFKA_BROKERS="nowhere": .*\.$/);
  await writeFile(join(folder, 'broken.json'), '{');
  const broken = await run(['plan', folder]);
  expect(broken.code).toBe(1);
  expect(broken.err).toMatch(/broken\.json:1: /);
});

test('what a stranger left in a config on the worker is masked', async () => {
  const old = { 'connection.uri': 'mongodb://api:hunter2@db/', 'sasl.password': 'hunter2' };
  worker.connectors.set('user-events', { config: old, state: 'RUNNING', tasks: [] });
  for (const format of ['text', 'json']) {
    const { out } = await run(['plan', folder, '-o', format]);
    expect(out).toContain('mongodb://***@db/');
    expect(out).not.toContain('hunter2');
  }
});
