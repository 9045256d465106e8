// Goal: a connector that is RUNNING and does not move on is healed without a person, and nothing else is touched. Method: a fake worker whose
// positions the test moves, a clock by hand; what a real connector does is in the end-to-end test.
import { defaultLimits } from './config.ts';
import { type ConnectRest, connectRest } from './connect-rest.ts';
import { type ConnectorFile, parseConnectors } from './connector-file.ts';
import { readHealth } from './health.ts';
import { wantedConfig } from './reconcile.ts';
import { careForFlow, type FlowEvent, type FlowLimits } from './supervise-flow.ts';
import { connectorText } from './testing/connector-text.ts';
import { type FakeWorker, startFakeWorker } from './testing/fake-worker.ts';

const file = parseConnectors('user-events.json', connectorText()).files[0] as ConnectorFile;
const { name } = file;
const limits: FlowLimits = {
  stalledAfterMs: 25_000,
  restartedWithinMs: 15_000,
  copiedDocumentsMax: 100,
  anewEveryMs: 86_400_000,
};

let worker: FakeWorker;
let rest: ConnectRest;
beforeEach(async () => {
  worker = await startFakeWorker();
  rest = connectRest({ url: worker.url, limits: defaultLimits });
  worker.connectors.set(name, { config: wantedConfig(file), state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
  at('a');
});
afterEach(() => worker.close());

const at = (token: string, more: Record<string, string> = {}) =>
  worker.offsets.set(name, [{ partition: { ns: 'user-events.1' }, offset: { _id: token, ...more } }]);
const changing = () => worker.requests.filter((request) => !request.startsWith('GET'));
const restart = `POST /connectors/${name}/restart?includeTasks=true&onlyFailed=false`;

function caring({ documents = 7, files = [file], given = {} as Partial<FlowLimits> } = {}) {
  let nowMs = 0;
  const events: FlowEvent[] = [];
  const counted: { documents: number | undefined } = { documents };
  const flow = careForFlow(
    {
      files,
      limits: { ...limits, ...given },
      count: async () => new Map(counted.documents === undefined ? [] : [[name, counted.documents]]),
    },
    { rest, limits: { ...defaultLimits, pollMs: 1, retryForMs: 50, retryInitialMs: 5 } },
    (event) => events.push(event),
    () => nowMs,
  );
  return {
    events,
    counted,
    /** So many seconds later. */
    async look(seconds: number) {
      nowMs += seconds * 1000;
      await flow.look(await readHealth(rest, [name]));
    },
  };
}

test('a connector whose position changes is left alone, however seldom it does', async () => {
  const { events, look } = caring();
  for (const token of ['a', 'b', 'c', 'd']) {
    at(token);
    await look(24);
  }
  expect([events, changing()]).toEqual([[], []]);
});

test('one that does not move on is restarted, and begins anew when that does not help', async () => {
  const { events, look } = caring();
  await look(0);
  await look(24);
  expect(changing()).toEqual([]);
  await look(2);
  expect(changing()).toEqual([restart]);
  await look(14);
  expect(changing()).toEqual([restart]);
  await look(2);
  expect(events).toEqual([
    { type: 'stalled', name, quietMs: 26_000, step: 'restart' },
    { type: 'stalled', name, quietMs: 42_000, step: 'begin-anew' },
  ]);
  expect(changing().map((line) => line.split(' ')[0])).toEqual(['POST', 'PUT', 'PUT', 'DELETE', 'PUT', 'PUT']);
  expect(worker.offsets.get(name) ?? []).toEqual([]);
  expect(worker.connectors.get(name)).toMatchObject({ state: 'RUNNING', config: wantedConfig(file) });
  at('b');
  await look(2);
  expect(events.slice(2)).toEqual([{ type: 'flows', name, quietMs: 44_000 }]);
});

test('one that moves on after the restart keeps its position', async () => {
  const { events, look } = caring();
  await look(0);
  await look(26);
  at('b');
  await look(10);
  await look(20);
  expect(changing()).toEqual([restart]);
  expect(events.map(({ type }) => type)).toEqual(['stalled', 'flows']);
});

test('hazard: MongoDB is away. The time begins when it answers, and no connector begins anew for it', async () => {
  const { events, counted, look } = caring();
  counted.documents = undefined;
  await look(0);
  for (let i = 0; i < 10; i += 1) await look(30);
  expect([events, changing()]).toEqual([[], []]);
  counted.documents = 7;
  await look(24);
  expect(changing()).toEqual([]);
  await look(2);
  expect(changing()).toEqual([restart]);
});

test('it begins anew once a day by itself; after that it is told, once', async () => {
  const { events, look } = caring();
  const stall = async () => {
    await look(0);
    await look(26);
    await look(16);
    await look(2);
  };
  await stall();
  at('b');
  await look(1);
  await stall();
  await look(30);
  expect(events.filter((event) => event.type === 'stalled' && event.step === 'begin-anew')).toHaveLength(1);
  expect(events.filter(({ type }) => type === 'flow-alarm')).toEqual([
    { type: 'flow-alarm', name, reason: expect.stringContaining('it began anew already') },
  ]);
});

test('a collection that is too large to be copied without a person is told', async () => {
  const { events, look } = caring({ documents: 101 });
  await look(0);
  await look(26);
  await look(16);
  await look(2);
  expect(changing()).toEqual([restart]);
  expect(events.at(-1)).toMatchObject({ type: 'flow-alarm', reason: expect.stringContaining('101 documents') });
});

test.each(['PAUSED', 'STOPPED'] as const)(
  'one that somebody has %s is left alone, and its time begins at the resume',
  async (state) => {
    const { look } = caring();
    await look(0);
    const connector = worker.connectors.get(name);
    if (connector) connector.state = state;
    await look(100);
    if (connector) connector.state = 'RUNNING';
    await look(20);
    await look(20);
    expect(changing()).toEqual([]);
  },
);

test('one that has no position cannot be judged; one that began anew here and stores none is told', async () => {
  worker.offsets.delete(name);
  const { events, look } = caring();
  for (let i = 0; i < 5; i += 1) await look(30);
  expect([events, changing()]).toEqual([[], []]);
  at('a');
  await look(0);
  await look(26);
  await look(16);
  await look(26);
  await look(30);
  expect(events.map(({ type }) => type)).toEqual(['stalled', 'stalled', 'flow-alarm']);
});

test('a connector that runs by another file than the one read here moves on by its own positions', async () => {
  const { events, look } = caring();
  for (const token of ['a', 'b', 'c', 'd', 'e']) {
    worker.offsets.set(name, [
      { partition: { ns: 'user-events.1' }, offset: { _id: 'old' } },
      { partition: { ns: 'user-events.2' }, offset: { _id: token } },
    ]);
    await look(24);
  }
  expect(events).toEqual([]);
});

test('hazard: the worker fails while a connector begins anew; the next look ends the beginning, and no person has to', async () => {
  const { events, look } = caring();
  await look(0);
  await look(26);
  worker.fault = (request) => (request.startsWith('DELETE') ? { status: 400, message: 'told to fail' } : undefined);
  await look(16);
  expect(worker.connectors.get(name)?.state).toBe('STOPPED');
  worker.fault = () => undefined;
  await look(2);
  expect(worker.connectors.get(name)).toMatchObject({ state: 'RUNNING', config: wantedConfig(file) });
  at('b');
  await look(2);
  expect(events.map(({ type }) => type)).toEqual(['stalled', 'stalled', 'flow-alarm', 'flows']);
});

test('a worker that fails once does not end the steps', async () => {
  const { look } = caring();
  await look(0);
  worker.fault = (request) => (request.includes('/offsets') ? { status: 400, message: 'once' } : undefined);
  await look(10);
  worker.fault = () => undefined;
  await look(16);
  await look(16);
  expect(changing().some((line) => line.startsWith('DELETE'))).toBe(true);
});

test('while it copies it is left alone: the position of a copy may stay the same', async () => {
  at('a', { copy: 'true' });
  const { look } = caring();
  for (let i = 0; i < 5; i += 1) await look(30);
  expect(changing()).toEqual([]);
});

test('one without heartbeats, or that would not copy what is stored, cannot be judged and is left alone', async () => {
  const without = (key: string) => ({
    ...file,
    config: Object.fromEntries(Object.entries(file.config).filter(([one]) => one !== key)),
  });
  for (const key of ['heartbeat.interval.ms', 'startup.mode']) {
    const { look } = caring({ files: [without(key)] });
    await look(0);
    await look(60);
  }
  expect(changing()).toEqual([]);
});

test('a step that the worker refuses is told with its reason, once', async () => {
  const { events, look } = caring();
  await look(0);
  worker.fault = (request) => (request.includes('restart') ? { status: 400, message: 'told to fail' } : undefined);
  await look(26);
  await look(2);
  expect(events.filter(({ type }) => type === 'flow-alarm')).toEqual([
    { type: 'flow-alarm', name, reason: expect.stringContaining('told to fail') },
  ]);
});
