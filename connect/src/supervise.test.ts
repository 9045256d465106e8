// Goal: a task that died in an outage comes back without a human, and one that cannot is not restarted without pause.
// Method: a fake worker; waits for events, never for time.
import { defaultLimits } from './config.ts';
import { type SupervisionEvent, superviseConnectors } from './supervise.ts';
import { type FakeWorker, startFakeWorker } from './testing/fake-worker.ts';

let worker: FakeWorker;
beforeEach(async () => {
  worker = await startFakeWorker();
  worker.connectors.set('c', { config: {}, state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
});
afterEach(() => worker.close());

function supervised(options: { restartMaxMs?: number } = {}) {
  const events: SupervisionEvent[] = [];
  const waiting = new Set<() => void>();
  const supervision = superviseConnectors({
    connectUrl: worker.url,
    names: ['c'],
    intervalMs: 10,
    limits: { ...defaultLimits, retryInitialMs: 1, retryMaxMs: 2 },
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
