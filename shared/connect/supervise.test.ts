// Goal: a task that died in an outage comes back without a human, and one that cannot is not restarted without pause.
// Method: a fake worker; waits for events, never for time.
import { beginningKey } from './begin-anew.ts';
import { defaultLimits } from './config.ts';
import type { ConnectorState } from './connect-rest.ts';
import { type ConnectorFile, parseConnectors } from './connector-file.ts';
import { ConnectFailure } from './failure.ts';
import { neededTopicsOf } from './needed-topics.ts';
import { wantedConfig } from './reconcile.ts';
import { type SupervisionEvent, type SupervisionOptions, superviseConnectors } from './supervise.ts';
import { connectorText } from './testing/connector-text.ts';
import { type FakeWorker, startFakeWorker } from './testing/fake-worker.ts';
import { type InMemoryTopics, inMemoryTopics } from './testing/in-memory-topics.ts';

let worker: FakeWorker;
beforeEach(async () => {
  worker = await startFakeWorker();
  worker.connectors.set('c', { config: {}, state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
});
afterEach(() => worker.close());

function supervised(options: Partial<SupervisionOptions> = {}) {
  const events: SupervisionEvent[] = [];
  const waiting = new Set<() => void>();
  const supervision = superviseConnectors({
    connectUrl: worker.url,
    names: ['c'],
    intervalMs: 10,
    limits: { ...defaultLimits, retryInitialMs: 1, retryMaxMs: 2, pollMs: 2 },
    ...options,
    onEvent: (event) => {
      events.push(event);
      for (const wake of waiting) wake();
    },
  });
  const until = (type: SupervisionEvent['type'], count = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (events.filter((event) => event.type === type).length >= count) resolve();
      };
      waiting.add(look);
      look();
    });
  return { events, until, close: () => supervision.close() };
}

test('a failed task is restarted and its recovery is told', async () => {
  const { events, until, close } = supervised();
  worker.connectors.get('c')?.tasks.splice(0, 1, { state: 'FAILED', trace: 'Timed out\n\tat x' });
  await until('recovered');
  await close();
  expect(events).toMatchObject([
    { type: 'restarting', name: 'c', attempt: 1, reason: 'task 0 of c is FAILED: Timed out' },
    { type: 'recovered', name: 'c' },
  ]);
});

test('one that fails at every start is restarted with growing pauses', async () => {
  worker.onStart = () => {};
  const connector = worker.connectors.get('c');
  if (connector) connector.state = 'FAILED';
  const { events, until, close } = supervised({ restartMaxMs: 40 });
  await until('restarting', 4);
  await close();
  expect(events.map((event) => event.type === 'restarting' && event.attempt)).toEqual([1, 2, 3, 4]);
});

test('a worker that goes away is told once, and so is its return', async () => {
  const { events, until, close } = supervised();
  worker.fault = () => 'cut';
  await until('worker-unreachable');
  const seen = worker.requests.length;
  while (worker.requests.length < seen + 6) await new Promise((resolve) => setImmediate(resolve));
  worker.fault = () => undefined;
  await until('worker-reachable');
  await close();
  expect(events.map((event) => event.type)).toEqual(['worker-unreachable', 'worker-reachable']);
});

test('one that somebody paused, or that is missing, is told once and left alone', async () => {
  worker.connectors.delete('c');
  const { events, until, close } = supervised();
  await until('not-running');
  await close();
  expect(events).toEqual([{ type: 'not-running', name: 'c', reason: 'connector c does not exist' }]);
  expect(worker.requests.some((request) => request.startsWith('POST'))).toBe(false);
});

test('close ends it while the worker does not answer', async () => {
  worker.fault = () => ({ status: 409 });
  const { close, until } = supervised();
  await until('worker-unreachable');
  await close();
});

describe('topics', () => {
  let topics: InMemoryTopics;
  const file = parseConnectors('user-events.json', connectorText()).files[0] as ConnectorFile;
  const { name } = file;

  beforeEach(async () => {
    topics = inMemoryTopics();
    for (const spec of neededTopicsOf([file])) await topics.create(spec);
    worker.connectors.set(name, { config: wantedConfig(file), state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
    worker.offsets.set(name, [{ partition: { ns: 'user-events.1' }, offset: { _id: 'x' } }]);
  });

  const looking = () => supervised({ names: [name], topics: { files: [file], openTopics: async () => topics } });
  const changing = () => worker.requests.filter((request) => !request.startsWith('GET'));

  test('hazard: without its heartbeat topic a connector stands still while it is RUNNING. It is made, and restarts follow', async () => {
    topics.topics.delete('foldline-heartbeats');
    const { events, until, close } = looking();
    await until('topic-made');
    await close();
    expect(topics.topics.get('foldline-heartbeats')).toMatchObject({ partitions: 1 });
    expect(changing()).toEqual([`POST /connectors/${name}/restart?includeTasks=true&onlyFailed=false`]);
    const told = { topic: 'foldline-heartbeats', names: [name] };
    expect(events).toEqual([
      { type: 'topic-missing', ...told },
      { type: 'topic-made', ...told },
    ]);
  });

  test('a connector whose own topic is gone begins anew', async () => {
    topics.topics.delete(name);
    const { until, close } = looking();
    await until('topic-made');
    await close();
    expect(topics.topics.has(name)).toBe(true);
    expect(worker.offsets.has(name)).toBe(false);
    expect(worker.connectors.get(name)).toMatchObject({ state: 'RUNNING', config: wantedConfig(file) });
  });

  test('hazard: an operator lets it begin anew at the same moment. Its mark does not stay on a connector that runs', async () => {
    topics.topics.delete(name);
    const config = { ...wantedConfig(file), [beginningKey]: 'true' };
    worker.connectors.set(name, { config, state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
    const { until, close } = looking();
    await until('topic-made');
    await close();
    expect(worker.connectors.get(name)).toMatchObject({ state: 'RUNNING', config: wantedConfig(file) });
    expect(worker.connectors.get(name)?.config).not.toHaveProperty([beginningKey]);
  });

  test.each([
    ['it is marked', (request: string) => request === `PUT /connectors/${name}/config`],
    ['it is let go', (request: string) => request === `PUT /connectors/${name}/resume`],
  ])('hazard: a beginning fails before %s. The next look ends it', async (_when, isHit) => {
    topics.topics.delete(name);
    let failures = 0;
    worker.fault = (request) => {
      if (failures > 0 || !isHit(request)) return undefined;
      failures += 1;
      return { status: 400 };
    };
    const { events, until, close } = looking();
    await until('topic-made');
    await until('topics-known');
    await close();
    expect(events.map(({ type }) => type)).toContain('topics-unknown');
    expect([topics.topics.has(name), worker.offsets.has(name)]).toEqual([true, false]);
    expect(worker.connectors.get(name)).toMatchObject({ state: 'RUNNING', config: wantedConfig(file) });
  });

  test('hazard: the broker refuses to make the topic. The next look ends what was begun', async () => {
    topics.topics.delete(name);
    let refusals = 0;
    const create: InMemoryTopics['create'] = async (spec) => {
      refusals += 1;
      if (refusals === 1) throw new ConnectFailure('kafka-refused', 'no');
      await topics.create(spec);
    };
    const openTopics = async () => ({ ...topics, create });
    const { until, close } = supervised({ names: [name], topics: { files: [file], openTopics } });
    await until('topic-made');
    await close();
    expect([topics.topics.has(name), worker.offsets.has(name)]).toEqual([true, false]);
    expect(worker.connectors.get(name)).toMatchObject({ state: 'RUNNING', config: wantedConfig(file) });
  });

  test('hazard: one that copies nothing keeps its position when its topic is made again', async () => {
    topics.topics.delete(name);
    const config = { ...wantedConfig(file), 'startup.mode': 'latest' };
    worker.connectors.set(name, { config, state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
    const { until, close } = looking();
    await until('topic-made');
    await close();
    expect([topics.topics.has(name), worker.offsets.has(name)]).toEqual([true, true]);
    expect(changing()).toEqual([`POST /connectors/${name}/restart?includeTasks=true&onlyFailed=false`]);
  });

  test.each<ConnectorState>(['STOPPED', 'PAUSED'])('one that somebody has %s is left alone', async (state) => {
    Object.assign(worker.connectors.get(name) ?? {}, { state, tasks: [] });
    topics.topics.clear();
    const { until, close } = looking();
    await until('not-running');
    const seen = worker.requests.length;
    while (worker.requests.length < seen + 6) await new Promise((resolve) => setImmediate(resolve));
    await close();
    expect([changing(), topics.topics.size]).toEqual([[], 0]);
  });

  test('topics that cannot be looked at are told once, and so is that they can again', async () => {
    let opened = 0;
    const openTopics = async () => {
      opened += 1;
      if (opened < 4) throw new ConnectFailure('kafka-unreachable', 'nobody listens');
      return topics;
    };
    const { events, until, close } = supervised({ names: [name], topics: { files: [file], openTopics } });
    await until('topics-known');
    await close();
    expect(events).toEqual([{ type: 'topics-unknown', reason: 'nobody listens' }, { type: 'topics-known' }]);
  });
});
