// Goal: what an operator wants holds in every process within a bounded time and over restarts; the first who wanted it is told; a
// store that is away changes nothing. Method: several pauses over one store of pauses are several processes; their gates are real.
import { inMemoryPauses } from '../../adapters/in-memory/index.ts';
import { createFeedGate, GateClosed } from '../../running/index.ts';
import { silentLogger, testClock } from '../../testing/index.ts';
import { until } from '../../testing/workspace/index.ts';
import type { Retrier } from '../held/retry-ports.ts';
import { openPauseGate, type PauseGate, type Pauses, retrierUnderPause } from './pause-gate.ts';

const clock = testClock();
const open: PauseGate[] = [];
afterEach(() => Promise.all(open.splice(0).map((pauseGate) => pauseGate.close())));

async function startProcess(pauses: Pauses, lookEveryMs = 1) {
  const gate = createFeedGate();
  const pauseGate = await openPauseGate({ name: 'things', pauses, gate, clock, lookEveryMs, log: silentLogger });
  open.push(pauseGate);
  let written = 0;
  const write = () =>
    gate.pass(async () => {
      written += 1;
    });
  return { pauseGate, gate, write, written: () => written };
}

test('paused, nothing is written in this process when the call returns; resumed, what waited is', async () => {
  const { pauseGate, gate, write, written } = await startProcess(inMemoryPauses());
  await write();
  const { isChanged, pause } = await pauseGate.pause('ops', 'a move');
  expect([isChanged, pause, pauseGate.isPaused()]).toEqual([
    true,
    { since: clock.now(), by: 'ops', reason: 'a move' },
    true,
  ]);
  const waiting = write();
  expect(gate.reasons()).toEqual(['things is paused since 2026-01-01T00:00:00.000Z by ops: a move']);
  expect(written()).toBe(1);
  expect(() => pauseGate.assertRunning()).toThrow('things is paused since 2026-01-01T00:00:00.000Z by ops: a move.');
  expect((await pauseGate.resume()).isChanged).toBe(true);
  await waiting;
  expect([written(), pauseGate.current()]).toEqual([2, undefined]);
  pauseGate.assertRunning();
});

test('pausing what is paused keeps who wanted it first; resuming what runs changes nothing', async () => {
  const { pauseGate, gate } = await startProcess(inMemoryPauses());
  expect(await pauseGate.resume()).toEqual({ pause: undefined, isChanged: false });
  const { pause } = await pauseGate.pause('ops', 'a move');
  expect(await pauseGate.pause('another', '')).toEqual({ pause, isChanged: false });
  expect(gate.reasons()).toHaveLength(1);
  await pauseGate.resume();
  expect(gate.reasons()).toEqual([]);
});

test('other processes follow, and one that starts later stands still from its beginning', async () => {
  const pauses = inMemoryPauses();
  const [one, two] = [await startProcess(pauses), await startProcess(pauses)];
  await one.pauseGate.pause('ops', '');
  await until(async () => two.pauseGate.isPaused());
  const late = await startProcess(pauses, 60_000);
  expect([late.pauseGate.isPaused(), late.gate.reasons().length]).toEqual([true, 1]);
  await two.pauseGate.resume();
  await until(async () => !one.pauseGate.isPaused());
  expect(one.gate.reasons()).toEqual([]);
});

test('a store that is away: it stays as it was wanted when it was last known, and follows again afterwards', async () => {
  const pauses = inMemoryPauses();
  let asked = 0;
  const read: Pauses['read'] = async (name) => {
    asked += 1;
    if (asked > 1 && asked < 5) throw new Error('no server');
    return pauses.read(name);
  };
  const { pauseGate } = await startProcess({ ...pauses, read });
  await pauses.begin('things', { since: new Date(0), by: 'ops', reason: '' });
  expect(pauseGate.isPaused()).toBe(false);
  await until(async () => pauseGate.isPaused());
  expect(asked).toBeGreaterThan(4);
});

test('a look that began before a call does not undo it', async () => {
  const pauses = inMemoryPauses();
  let answer: () => void = () => {};
  let asked = 0;
  const read: Pauses['read'] = async (name) => {
    const found = await pauses.read(name);
    asked += 1;
    if (asked === 2) await new Promise<void>((resolve) => (answer = resolve));
    return found;
  };
  const { pauseGate } = await startProcess({ ...pauses, read });
  await until(async () => asked === 2);
  const pausing = pauseGate.pause('ops', '');
  answer();
  await pausing;
  expect(pauseGate.isPaused()).toBe(true);
});

test('a process that ends while it is paused does not wait for an operator, and nothing was handled', async () => {
  const { pauseGate, write, written } = await startProcess(inMemoryPauses());
  await pauseGate.pause('ops', '');
  const waiting = write();
  await pauseGate.close();
  await expect(waiting).rejects.toThrow(GateClosed);
  expect(written()).toBe(0);
});

test('what an operator asks a retrier to write is refused while it is paused, what shows only is answered', async () => {
  const { pauseGate } = await startProcess(inMemoryPauses());
  const done = { key: 'k', outcome: 'released', detail: '', held: undefined } as const;
  const asked: Partial<Retrier> = {
    retry: async () => done,
    retryAfter: async () => ({ retried: [done], left: 0 }),
    trouble: () => 'none',
  };
  const retrier = retrierUnderPause(asked as Retrier, pauseGate);
  expect(await retrier.retry('k')).toBe(done);
  await pauseGate.pause('ops', '');
  await expect(retrier.retry('k')).rejects.toMatchObject({ code: 'projection-paused' });
  await expect(retrier.retryAfter(undefined, 10)).rejects.toMatchObject({ code: 'projection-paused' });
  expect(retrier.trouble()).toBe('none');
});
