// Goal: what ends by itself runs again, soon at first and later less soon, and never for ever; a close leaves nothing running.
// Method: processes that the test ends, and starts that the test lets fail.
import { keepRunning, type ProcessEvent, type RestartLimits } from './kept-running.ts';
import type { ProcessEnd } from './processes.ts';

const limits: RestartLimits = { endsMax: 3, withinMs: 60_000, firstWaitMs: 10, waitMaxMs: 25 };

function world(more: Partial<RestartLimits> = {}) {
  const started: { end(how?: Partial<ProcessEnd>): void; isRunning: boolean }[] = [];
  const events: ProcessEvent[] = [];
  const failures: Error[] = [];
  const start = async (signal: AbortSignal | undefined) => {
    const failure = failures.shift();
    if (failure) throw failure;
    if (signal?.aborted) throw new Error('the start was stopped');
    let end: (how?: Partial<ProcessEnd>) => void = () => {};
    const exited = new Promise<ProcessEnd>((resolve) => {
      end = (how = {}) => {
        own.isRunning = false;
        resolve({ code: null, signal: 'SIGKILL', ...how });
      };
    });
    const own = { end, isRunning: true };
    started.push(own);
    return { exited, kill: () => end(), close: async () => end({ code: 0, signal: null }) };
  };
  const keep = ({ isKept = true } = {}) => {
    const onProcess = isKept ? (event: ProcessEvent) => void events.push(event) : undefined;
    return keepRunning({ name: 'server', start, onProcess, limits: { ...limits, ...more } });
  };
  const until = async (isSo: () => boolean) => {
    for (let tries = 0; tries < 500 && !isSo(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(isSo()).toBe(true);
  };
  return { started, events, failures, keep, until, running: () => started.filter(({ isRunning }) => isRunning).length };
}

test('a process that was killed is started again, and both are told', async () => {
  const { started, events, keep, until, running } = world();
  const kept = await keep();
  started[0]?.end();
  await until(() => events.length === 2);
  expect(events).toEqual([
    { type: 'ended', name: 'server', reason: 'it ended with signal SIGKILL', waitMs: 10 },
    expect.objectContaining({ type: 'runs-again', name: 'server' }),
  ]);
  expect([started.length, running()]).toEqual([2, 1]);
  await kept.close();
  expect(running()).toBe(0);
});

test('starts that fail are tried again, each later than the one before, up to the longest wait', async () => {
  const { started, events, failures, keep, until } = world({ endsMax: 10 });
  const kept = await keep();
  failures.push(new Error('no port'), new Error('no port'), new Error('no disk'));
  started[0]?.end({ code: 3, signal: null });
  await until(() => events.length === 5);
  expect(events.map((event) => [event.type, event.reason, 'waitMs' in event && event.waitMs])).toEqual([
    ['ended', 'it ended with code 3', 10],
    ['not-started', 'no port', 20],
    ['not-started', 'no port', 25],
    ['not-started', 'no disk', 25],
    ['runs-again', 'no disk', false],
  ]);
  await kept.close();
});

test('one end too many within the period, and it is given up', async () => {
  const { started, events, keep, until, running } = world();
  const kept = await keep();
  for (let n = 0; n < 4; n += 1) {
    await until(() => started.length === n + 1 || events.some(({ type }) => type === 'given-up'));
    started[n]?.end();
  }
  await until(() => events.at(-1)?.type === 'given-up');
  expect(events.at(-1)).toMatchObject({ ends: 4, reason: 'it ended with signal SIGKILL' });
  expect([started.length, running()]).toEqual([4, 0]);
  await kept.close();
});

test('ends that lie far apart are no reason to give up', async () => {
  const { started, events, keep, until } = world({ endsMax: 1, withinMs: 1 });
  const kept = await keep();
  for (let n = 0; n < 4; n += 1) {
    started[n]?.end();
    await until(() => started.length === n + 2);
  }
  expect(events.filter(({ type }) => type === 'given-up')).toEqual([]);
  await kept.close();
});

test('closed while it waits, nothing is started; replaced, nothing is counted', async () => {
  const { started, events, keep, until, running } = world({ firstWaitMs: 60_000, waitMaxMs: 60_000 });
  const kept = await keep();
  await kept.replace('SIGKILL', async () => ({ ...kept.current(), exited: new Promise<ProcessEnd>(() => {}) }));
  expect(events).toEqual([]);

  const other = await keep();
  started.at(-1)?.end();
  await until(() => events.length === 1);
  await other.close();
  expect([started.length, running()]).toEqual([2, 0]);
});

test('without a listener nothing is started again', async () => {
  const { started, keep, running } = world();
  const kept = await keep({ isKept: false });
  started[0]?.end();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([started.length, running()]).toEqual([1, 0]);
  await kept.close();
});
