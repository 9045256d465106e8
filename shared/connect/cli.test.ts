// Goal: the command line keeps its exit codes, its JSON and its promises (idempotent, asks only people, shows no secret).
// Method: whole command lines against a fake worker and topics in memory.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lines } from '../terminal/index.ts';
import { ownerKey } from './reconcile.ts';
import { connectorShape, connectorText, merged } from './testing/connector-text.ts';
import { startFakeWorker } from './testing/fake-worker.ts';
import { placeForEachTest } from './testing/run-cli.ts';

const place = placeForEachTest();
const { run } = place;

test('plan shows what is due with 3, apply does it with 0, and afterwards nothing is due', async () => {
  const planned = await run(['plan', place.folder]);
  expect(planned.code).toBe(3);
  expect(planned.out).toContain('+ create topic user-events');
  expect(planned.out.split('\n').at(-1)).toBe('to create 5, to alter 0, to delete 0, unchanged 0');
  expect(place.worker.connectors.size + place.topics.topics.size).toBe(0);

  const first = await run(['apply', place.folder]);
  expect(first.code).toBe(0);
  expect(first.out.split('\n').at(-1)).toBe('created 5, altered 0, deleted 0, failed 0, unchanged 0');

  place.worker.requests.length = 0;
  const second = await run(['apply', place.folder]);
  expect(second.code).toBe(0);
  expect(second.out.split('\n').at(-1)).toBe('created 0, altered 0, deleted 0, failed 0, unchanged 5');
  expect(place.worker.requests.filter((request) => !/^GET|\/config\/validate$/.test(request))).toEqual([]);
  expect((await run(['plan', place.folder])).code).toBe(0);
});

test('apply --dry-run is plan', async () => {
  expect((await run(['apply', place.folder, '--dry-run'])).code).toBe(3);
  expect(place.worker.connectors.size).toBe(0);
});

test('-o json is stable: these keys, data on stdout only', async () => {
  const { out, err, code } = await run(['apply', place.folder, '-o', 'json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    faults: [],
    unnamed: [],
    applied: [
      { kind: 'topic', name: 'user-events', outcome: 'created', error: null },
      { kind: 'topic', name: 'user-snapshots', outcome: 'created', error: null },
      { kind: 'topic', name: 'foldline-heartbeats', outcome: 'created', error: null },
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
    counts: { created: 5, altered: 0, deleted: 0, restarted: 0, refilled: 0, failed: 0, unchanged: 0 },
  });
  expect(err).toContain('creating topic user-events');
  const planned = JSON.parse((await run(['plan', place.folder, '-o', 'json'])).out);
  expect(planned).toMatchObject({ pending: 0, changes: [{ kind: 'topic', action: 'none', keys: [] }, {}, {}, {}, {}] });
});

test('on a terminal it asks, and no means nothing was done', async () => {
  const questions: string[] = [];
  const answer = (yes: boolean) => ({
    confirm: async (question: Lines) => {
      questions.push(`${question}`);
      return yes;
    },
  });
  expect((await run(['apply', place.folder], answer(false))).code).toBe(1);
  expect(place.worker.connectors.size).toBe(0);
  expect(questions[0]).toContain('create connector user-events');
  expect((await run(['apply', place.folder, '--yes'], answer(false))).code).toBe(0);
  expect((await run(['apply', place.folder], answer(false))).code).toBe(0);
  expect((await run(['delete', 'user-events'], answer(false))).code).toBe(1);
  expect(place.worker.connectors.has('user-events')).toBe(true);
  expect(questions).toHaveLength(2);
});

test('a task that fails again after its one restart: 4, with its trace', async () => {
  place.worker.onStart = (connector) => {
    connector.state = 'RUNNING';
    connector.tasks = [{ state: 'FAILED', trace: 'Timed out after 30000 ms\n\tat x' }];
  };
  const { code, out } = await run(['apply', place.folder]);
  expect(code).toBe(4);
  expect(out).toContain('task 0 of user-events is FAILED: Timed out after 30000 ms');
  expect(place.worker.requests.filter((request) => request.includes('/user-events/restart'))).toHaveLength(1);
  expect((await run(['status', place.folder])).code).toBe(4);
});

test('a task that failed in an outage runs after its restart: 0', async () => {
  expect((await run(['apply', place.folder])).code).toBe(0);
  for (const connector of place.worker.connectors.values()) connector.tasks = [{ state: 'FAILED' }];
  expect((await run(['apply', place.folder])).code).toBe(0);
});

test('a task that is RUNNING with the config before is not taken for one with the new config', async () => {
  await run(['apply', place.folder]);
  const before = place.worker.connectors.get('user-events')?.config ?? {};
  place.worker.onStart = (connector) => {
    connector.tasks = [{ state: 'RUNNING', config: before }];
  };
  let looks = 0;
  place.worker.fault = (request) => {
    if (request === 'GET /connectors/user-events/tasks' && ++looks === 4)
      place.worker.connectors.set('user-events', { config: newest(), state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
    return undefined;
  };
  const newest = () => place.worker.connectors.get('user-events')?.config ?? {};
  await spoil({ config: { 'poll.await.time.ms': '30' } });
  expect((await run(['apply', place.folder])).code).toBe(0);
  expect(looks).toBe(4);
  const requests = place.worker.requests.slice(place.worker.requests.indexOf('PUT /connectors/user-events/config') + 1);
  const asked = requests.lastIndexOf('GET /connectors/user-events/tasks');
  expect(requests.slice(asked).some((request) => request.startsWith('GET /connectors?expand=status'))).toBe(true);
});

test('what fails is counted with 1, and does not keep the others from being applied', async () => {
  place.topics.records.set('user-events', 7);
  place.worker.fault = (request) => (request === 'PUT /connectors/user-events/config' ? { status: 400 } : undefined);
  const { code, out } = await run(['apply', place.folder]);
  expect(code).toBe(1);
  expect(out).toContain('failed connector user-events: Kafka Connect at');
  expect(out.split('\n').at(-1)).toBe('created 4, altered 0, deleted 0, failed 1, unchanged 0');
  expect([...place.worker.connectors.keys()]).toEqual(['user-snapshots']);
});

const spoil = (patch: object) =>
  writeFile(join(place.folder, 'user-events.json'), connectorText(merged(connectorShape(), patch)));

test('an error keeps plan and apply from going on, with 1; a warning is told and does not', async () => {
  place.worker.unknownKeys = new Set(['heartbeat.intervall.ms']);
  await spoil({ config: { 'heartbeat.intervall.ms': '1' } });
  for (const verb of ['plan', 'apply', 'validate']) {
    const { code, out } = await run([verb, place.folder]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /user-events\.json:\d+: error: config\.heartbeat\.intervall\.ms: is not known .* \[unknown-key\]/,
    );
  }
  expect(place.worker.connectors.size + place.topics.topics.size).toBe(0);
  await spoil({ config: { 'poll.await.time.ms': '3000' } });
  const planned = await run(['plan', place.folder]);
  expect(planned.code).toBe(3);
  expect(planned.out).toMatch(/warning: .* \[slow-poll\]\nerrors 0, warnings 1\n\+ create topic/);
  const applied = await run(['apply', place.folder]);
  expect([applied.code, applied.err.includes('[slow-poll]')]).toEqual([0, true]);
});

test('another number of partitions is refused before anything is done', async () => {
  place.topics.topics.set('user-events', { partitions: 1, replicas: 1, config: {}, ownConfig: {} });
  for (const verb of ['plan', 'apply']) {
    const { code, out } = await run([verb, place.folder]);
    expect([code, out]).toEqual([1, expect.stringContaining('topic user-events has 1 partitions and the file says 6')]);
  }
  expect(place.worker.connectors.size).toBe(0);
});

describe('--prune', () => {
  const put = (name: string, owner: string | undefined) => {
    const config = { ...connectorShape().config, name, ...(owner === undefined ? {} : { [ownerKey]: owner }) };
    if (owner === undefined) delete config[ownerKey];
    place.worker.connectors.set(name, { config, state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
  };
  beforeEach(() => {
    put('old-events', 'foldline');
    put('billing-events', 'billing');
    put('strange-events', undefined);
  });

  test('is never the default; plan says what it would delete', async () => {
    const planned = await run(['plan', place.folder]);
    expect(planned.out).toContain('? connector old-events has no file; --prune would delete it');
    expect(planned.out).not.toMatch(/billing|strange/);
    expect((await run(['apply', place.folder])).code).toBe(0);
    expect(place.worker.connectors.size).toBe(5);
    expect((await run(['plan', place.folder])).code).toBe(0);
  });

  test('deletes what says itself that it is ours and has no file, and nothing else', async () => {
    const planned = await run(['plan', place.folder, '--prune']);
    expect(planned.code).toBe(3);
    expect(planned.out).toContain('- delete connector old-events');
    const applied = await run(['apply', place.folder, '--prune']);
    expect(applied.code).toBe(0);
    expect(applied.out.split('\n').at(-1)).toBe('created 5, altered 0, deleted 1, failed 0, unchanged 0');
    expect([...place.worker.connectors.keys()].sort()).toEqual([
      'billing-events',
      'strange-events',
      'user-events',
      'user-snapshots',
    ]);
    expect((await run(['plan', place.folder, '--prune'])).code).toBe(0);
  });

  test('takes folders only: single files say nothing about the others', async () => {
    for (const part of [join(place.folder, 'user-events.json'), '-']) {
      const { code, err } = await run(['apply', part, '--prune'], { stdin: async () => connectorText() });
      expect([code, err]).toEqual([2, expect.stringContaining('--prune takes folders only')]);
    }
    expect((await run(['plan', join(place.folder, 'user-events.json')])).out).not.toContain('old-events');
    expect(place.worker.connectors.has('old-events')).toBe(true);
  });

  test('deletes nothing when something before it failed', async () => {
    place.worker.fault = (request) => (request === 'PUT /connectors/user-events/config' ? { status: 400 } : undefined);
    const { code, out } = await run(['apply', place.folder, '--prune']);
    expect(code).toBe(1);
    expect(out).toContain('failed connector old-events: it stays, because something before it failed');
    expect(place.worker.connectors.has('old-events')).toBe(true);
  });
});

test('a connector of another owner is not overwritten, one of nobody is taken over', async () => {
  await run(['apply', place.folder]);
  const there = place.worker.connectors.get('user-events');
  if (there === undefined) throw new Error('it was applied');
  there.config = { ...there.config, [ownerKey]: 'billing' };
  const { code, out } = await run(['apply', place.folder]);
  expect([code, out]).toEqual([1, expect.stringContaining('belongs to billing, and this file is of foldline')]);
  const { [ownerKey]: _taken, ...rest } = there.config;
  there.config = rest;
  expect((await run(['plan', place.folder])).out).toContain('+ foldline.owner = foldline');
  expect((await run(['apply', place.folder])).code).toBe(0);
});

test('files, folders and standard input are the same to every verb', async () => {
  const stdin = async () => connectorText();
  expect((await run(['plan', '-'], { stdin })).out).toContain('+ create connector user-events');
  expect((await run(['apply', '-', '--yes'], { stdin })).code).toBe(0);
  expect((await run(['status', '-'], { stdin })).out).toContain('user-events  RUNNING');
  expect((await run(['validate', '-'], { stdin: async () => '{' })).out).toContain('(stdin):1: error: ');
});

test('validate works without a worker, and says so', async () => {
  await place.worker.close();
  const { code, err, out } = await run(['validate', place.folder]);
  expect(code).toBe(0);
  expect(err).toContain('what only it knows was not checked');
  expect(out).toBe('valid 2, errors 0, warnings 0');
  const status = await run(['status', place.folder]);
  expect(status.code).toBe(1);
  expect(status.err).toContain('did not answer for 300 ms');
  place.worker = await startFakeWorker();
});

test('a setting that was taken out of a file stays on its topic, is told, and goes with --reset-topic-settings', async () => {
  await spoil({ topic: { config: { 'segment.ms': '3600000' } } });
  await run(['apply', place.folder]);
  await spoil({});
  const told = 'topic user-events has segment.ms = 3600000 of its own';
  const planned = await run(['plan', place.folder]);
  expect([planned.code, planned.out]).toEqual([0, expect.stringContaining(told)]);
  const applied = await run(['apply', place.folder]);
  expect([applied.code, applied.err]).toEqual([0, expect.stringContaining(told)]);
  expect(place.topics.topics.get('user-events')?.ownConfig['segment.ms']).toBe('3600000');
  const reset = await run(['apply', place.folder, '--reset-topic-settings']);
  expect([reset.code, reset.out]).toEqual([0, expect.stringContaining('altered topic user-events')]);
  expect(place.topics.topics.get('user-events')?.ownConfig['segment.ms']).toBeUndefined();
  expect((await run(['plan', place.folder])).out).not.toContain('of its own');
});

test('delete takes connectors off; an unknown name fails and is told what there is', async () => {
  await run(['apply', place.folder]);
  const { code, out } = await run(['delete', 'user-events', '--yes']);
  expect(code).toBe(0);
  expect(out).toBe('deleted connector user-events\ncreated 0, altered 0, deleted 1, failed 0, unchanged 0');
  const again = await run(['delete', 'user-events', '--yes']);
  expect(again.code).toBe(1);
  expect(again.out).toContain('there is no connector user-events');
  expect(place.topics.topics.has('user-events')).toBe(true);
});

test('wrong usage: 2; bad settings and broken files: 1, in one sentence each', async () => {
  expect((await run([])).code).toBe(2);
  expect((await run(['aply'])).code).toBe(2);
  expect((await run(['plan', '--nope'])).code).toBe(2);
  expect((await run(['plan', '-o', 'yaml'])).code).toBe(2);
  expect((await run(['delete'])).code).toBe(2);
  expect((await run(['apply', place.folder, '--wait', 'soon'])).code).toBe(2);
  expect((await run(['status', place.folder, '--wait', '3601'])).code).toBe(2);
  expect((await run(['--help'])).code).toBe(0);
  expect((await run(['apply', '--help'])).code).toBe(0);
  const bad = await run(['plan', place.folder, '--brokers', 'nowhere', '--url', 'kafka']);
  expect(bad.code).toBe(2);
  expect(bad.err).toMatch(/^Settings are not valid: --url \("kafka"\): .*; --brokers \("nowhere"\): .*\.$/);
  const { code, err } = await run(['plan', place.folder], { env: { CONNECT_URL: 'kafka', CONNECT_POLL_MS: 'soon' } });
  expect([code, err]).toEqual([1, expect.stringMatching(/CONNECT_URL \("kafka"\): .*; CONNECT_POLL_MS \("soon"\): /)]);
  expect((await run(['plan', place.folder, '--url', ''])).code).toBe(2);
  await writeFile(join(place.folder, 'broken.json'), '{');
  const broken = await run(['plan', place.folder]);
  expect(broken.code).toBe(1);
  expect(broken.out).toMatch(/broken\.json:1: error: /);
});

test.each([
  'http://admin:hunter2@127.0.0.1:1',
  'http://admin@127.0.0.1:1',
  'admin:hunter2@127.0.0.1:1',
  'http:/a:hunter2@b',
])("hazard: the worker's address %s is refused at once, and what stands in it is not told", async (url) => {
  const byOption = await run(['plan', place.folder, '--url', url]);
  expect([byOption.code, byOption.err]).toEqual([2, expect.stringContaining('--url (set): ')]);
  const byVariable = await run(['plan', place.folder], { env: { CONNECT_URL: url } });
  expect([byVariable.code, byVariable.err]).toEqual([1, expect.stringContaining('CONNECT_URL (set): ')]);
  expect(`${byOption.err}${byVariable.err}`).not.toMatch(/hunter2|admin/);
});

test('hazard: an empty list on standard input is refused, not deployed, by every verb that takes files', async () => {
  for (const verb of ['plan', 'apply', 'status', 'validate'])
    expect([verb, (await run([verb, '-'], { stdin: async () => '[]' })).code]).toEqual([verb, 1]);
});

test('a login at the brokers that would be sent in the clear, or is not whole, is refused before anything is done', async () => {
  const env = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'shop', KAFKA_SASL_PASSWORD: 'hunter2' };
  const clear = await run(['plan', place.folder, '--brokers', 'kafka:9092'], { env });
  expect([clear.code, clear.err]).toEqual([1, expect.stringMatching(/in the clear to kafka:9092: set KAFKA_TLS=true/)]);
  const file = await run(['doctor', place.folder], {
    env: { ...env, KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: '/nowhere.pem' },
  });
  expect([file.code, file.err]).toEqual([
    1,
    expect.stringMatching(/KAFKA_TLS_CA_FILE \("\/nowhere\.pem"\): cannot be read/),
  ]);
  expect(`${clear.out}${clear.err}${file.out}${file.err}`).not.toContain('hunter2');
});

test('what a stranger left in a config on the worker is masked', async () => {
  const old = { 'connection.uri': 'mongodb://api:hunter2@db/', 'sasl.password': 'hunter2' };
  place.worker.connectors.set('user-events', { config: old, state: 'RUNNING', tasks: [] });
  for (const format of ['text', 'json']) {
    const { out } = await run(['plan', place.folder, '-o', format]);
    expect(out).toContain('mongodb://***@db/');
    expect(out).not.toContain('hunter2');
  }
});
