// Goal: what an operator wants holds in every process within a bounded time and over restarts; the first who wanted it is told; a
// store that is away changes nothing. Method: several levers over one store of pauses are several processes; their gates are real.
import { inMemoryPauses } from '../../adapters/in-memory/index.ts';
import { createFeedGate, GateClosed } from '../../running/index.ts';
import { silentLogger, testClock } from '../../testing/index.ts';
import { until } from '../../testing/workspace/index.ts';
import type { Mender } from '../held/mender-ports.ts';
import { menderUnderLever, openPauseLever, type PauseLever, type Pauses } from './pause-lever.ts';

const clock = testClock();
const open: PauseLever[] = [];
afterEach(() => Promise.all(open.splice(0).map((lever) => lever.close())));

async function startProcess(pauses: Pauses, lookEveryMs = 1) {
  const gate = createFeedGate();
  const lever = await openPauseLever({ name: 'things', pauses, gate, clock, lookEveryMs, log: silentLogger });
  open.push(lever);
  let written = 0;
  const write = () =>
    gate.pass(async () => {
      written += 1;
    });
  return { lever, gate, write, written: () => written };
}

test('paused, nothing is written in this process when the call returns; resumed, what waited is', async () => {
  const { lever, gate, write, written } = await startProcess(inMemoryPauses());
  await write();
  const { isChanged, pause } = await lever.pause('ops', 'a move');
  expect([isChanged, pause, lever.isPaused()]).toEqual([
    true,
    { since: clock.now(), by: 'ops', reason: 'a move' },
    true,
  ]);
  const waiting = write();
  expect(gate.reasons()).toEqual(['things is paused since 2026-01-01T00:00:00.000Z by ops: a move']);
  expect(written()).toBe(1);
  expect(() => lever.assertRunning()).toThrow('things is paused since 2026-01-01T00:00:00.000Z by ops: a move.');
  expect((await lever.resume()).isChanged).toBe(true);
  await waiting;
  expect([written(), lever.current()]).toEqual([2, undefined]);
  lever.assertRunning();
});

test('pausing what is paused keeps who wanted it first; resuming what runs changes nothing', async () => {
  const { lever, gate } = await startProcess(inMemoryPauses());
  expect(await lever.resume()).toEqual({ pause: undefined, isChanged: false });
  const { pause } = await lever.pause('ops', 'a move');
  expect(await lever.pause('another', '')).toEqual({ pause, isChanged: false });
  expect(gate.reasons()).toHaveLength(1);
  await lever.resume();
  expect(gate.reasons()).toEqual([]);
});

test('other processes follow, and one that starts later stands still from its beginning', async () => {
  const pauses = inMemoryPauses();
  const [one, two] = [await startProcess(pauses), await startProcess(pauses)];
  await one.lever.pause('ops', '');
  await until(async () => two.lever.isPaused());
  const late = await startProcess(pauses, 60_000);
  expect([late.lever.isPaused(), late.gate.reasons().length]).toEqual([true, 1]);
  await two.lever.resume();
  await until(async () => !one.lever.isPaused());
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
  const { lever } = await startProcess({ ...pauses, read });
  await pauses.begin('things', { since: new Date(0), by: 'ops', reason: '' });
  expect(lever.isPaused()).toBe(false);
  await until(async () => lever.isPaused());
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
  const { lever } = await startProcess({ ...pauses, read });
  await until(async () => asked === 2);
  const pausing = lever.pause('ops', '');
  answer();
  await pausing;
  expect(lever.isPaused()).toBe(true);
});

test('a process that ends while it is paused does not wait for an operator, and nothing was handled', async () => {
  const { lever, write, written } = await startProcess(inMemoryPauses());
  await lever.pause('ops', '');
  const waiting = write();
  await lever.close();
  await expect(waiting).rejects.toThrow(GateClosed);
  expect(written()).toBe(0);
});

test('what an operator asks a mender to write is refused while it is paused, what shows only is answered', async () => {
  const { lever } = await startProcess(inMemoryPauses());
  const done = { key: 'k', outcome: 'released', detail: '', held: undefined } as const;
  const asked: Partial<Mender> = {
    retry: async () => done,
    retryAfter: async () => ({ retried: [done], left: 0 }),
    trouble: () => 'none',
  };
  const mender = menderUnderLever(asked as Mender, lever);
  expect(await mender.retry('k')).toBe(done);
  await lever.pause('ops', '');
  await expect(mender.retry('k')).rejects.toMatchObject({ code: 'projection-paused' });
  await expect(mender.retryAfter(undefined, 10)).rejects.toMatchObject({ code: 'projection-paused' });
  expect(mender.trouble()).toBe('none');
});
