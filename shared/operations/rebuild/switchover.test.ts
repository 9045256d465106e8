// Goal: every process stands still between two batches while a pointer is moved, nobody goes on with the old one, and a request
// is taken back when a process does not pause in time. Method: several processes on one store in memory, with clocks that the test moves.
import { setImmediate as settled } from 'node:timers/promises';
import { inMemoryModelStore } from '../../adapters/in-memory/model-store.ts';
import { createFeedGate } from '../../running/index.ts';
import { silentLogger } from '../../testing/index.ts';
import { type Membership, openMembership, StaleGenerations } from './membership.ts';
import { discarded, started, switched } from './model-record.ts';
import type { ModelStore } from './model-store.ts';
import { switchOver } from './switchover.ts';

const since = new Date(1000);
const model = 'things';
const limits = { leaseMs: 10_000, lookEveryMs: 5, switchoverWithinMs: 800 };

interface Process {
  readonly membership: Membership;
  readonly gate: ReturnType<typeof createFeedGate>;
  /** What this process wrote to, batch by batch. */
  readonly wrote: string[];
  batch(): Promise<void>;
}

function world() {
  let offsetMs = 0;
  const nowMs = () => Date.now() + offsetMs;
  const store = inMemoryModelStore({ now: () => new Date(nowMs()) });
  const processes: Process[] = [];
  let count = 0;
  const ids = { next: () => `move-${++count}` };
  async function process(id: string, own: ModelStore = store): Promise<Process> {
    const gate = createFeedGate();
    const membership = await openMembership({
      id,
      models: [model],
      store: own,
      gate,
      nowMs,
      limits,
      log: silentLogger,
    });
    const wrote: string[] = [];
    const batch = () => gate.pass(async () => void wrote.push(membership.record(model).live));
    const made = { membership, gate, wrote, batch };
    processes.push(made);
    return made;
  }
  const start = (by: Membership) =>
    switchOver({ membership: by, store, ids, nowMs, limits }, model, 'start', (record) =>
      started(record, { from: 'store', unit: 'events', by: by.id }, since),
    );
  const change = (by: Membership) =>
    switchOver({ membership: by, store, ids, nowMs, limits }, model, 'switch', (record) => switched(record, since));
  return {
    store,
    process,
    start,
    change,
    later: (ms: number) => {
      offsetMs += ms;
    },
    close: () => Promise.all(processes.map(({ membership }) => membership.close())),
  };
}

type World = ReturnType<typeof world>;
let made: World;
beforeEach(() => {
  made = world();
});
afterEach(() => made.close());

test('all take the new pointer over before any goes on, and each stood still for it', async () => {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => made.process(id)));
  if (!a || !b || !c) throw new Error('no processes');
  await made.start(a.membership);
  await made.store.backfilled(model, 'things_g2', 'a');
  const { record, stoodStillMs } = await made.change(b.membership);
  expect(record).toMatchObject({ live: 'things_g2', other: { name: 'things', former: true } });
  expect(stoodStillMs).toBeLessThan(limits.switchoverWithinMs + 1000);
  for (const { membership, gate } of [a, b, c]) {
    await membership.look();
    expect(membership.record(model).live).toBe('things_g2');
    expect(gate.reasons()).toEqual([]);
    expect(membership.stoodStillMs(model)).toBeGreaterThan(0);
  }
});

test('a backfill that ends between the look and the request does not refuse the request', async () => {
  let racing = true;
  const racy: ModelStore = {
    ...made.store,
    async ask(...asked) {
      if (racing) await made.store.backfilled(model, 'things_g2', 'a');
      racing = false;
      return made.store.ask(...asked);
    },
  };
  const a = await made.process('a', racy);
  racing = false;
  await made.start(a.membership);
  racing = true;
  const ports = { membership: a.membership, store: racy, ids: { next: () => 'one' }, nowMs: Date.now, limits };
  const { record } = await switchOver(ports, model, 'discard', discarded);
  expect(record).toMatchObject({ live: 'things', other: undefined });
});

test('a batch on its way is waited for; the next one goes by the new pointer', async () => {
  const [a, b] = [await made.process('a'), await made.process('b')];
  await made.start(a.membership);
  await made.store.backfilled(model, 'things_g2', 'a');
  let end: () => void = () => {};
  const inside = b.gate.pass(() => new Promise<void>((resolve) => (end = resolve)));
  const moving = made.change(a.membership);
  // Until both stand at their gates.
  while (b.gate.reasons().length === 0) await settled();
  const next = b.batch();
  expect((await made.store.all())[0]).toMatchObject({ live: 'things', switchover: { kind: 'switch', moved: false } });
  end();
  await Promise.all([inside, moving, next]);
  expect(b.wrote).toEqual(['things_g2']);
});

test('one that does not pause in time is named, all is taken back, and the others go on as before', async () => {
  const [a, b] = [await made.process('a'), await made.process('b')];
  let end: () => void = () => {};
  const inside = b.gate.pass(() => new Promise<void>((resolve) => (end = resolve)));
  const refused = expect(made.start(a.membership)).rejects.toMatchObject({
    code: 'pause-not-agreed',
    message: expect.stringContaining('Not paused within 800 ms: b.'),
  });
  while (b.gate.reasons().length === 0) await settled();
  made.later(limits.switchoverWithinMs);
  await refused;
  await Promise.all([a.batch(), a.membership.look()]);
  expect((await made.store.all())[0]).toMatchObject({ revision: 1, other: undefined, switchover: undefined });
  end();
  await inside;
  await b.batch();
  expect([a.wrote, b.wrote]).toEqual([['things'], ['things']]);
});

test('whoever asked ended in the middle: before the switchover it is taken back by another, behind it the others go on', async () => {
  const { store } = made;
  const b = await made.process('b');
  const first = b.membership.record(model);
  await store.ask(first, { id: 'lost', kind: 'start' }, limits.switchoverWithinMs);
  while (b.gate.reasons().length === 0) await settled();
  made.later(limits.switchoverWithinMs + 1);
  while (b.gate.reasons().length > 0) await settled();
  expect((await store.all())[0]).toMatchObject({ revision: 1, switchover: undefined });

  await store.ask(first, { id: 'carried out', kind: 'start' }, limits.switchoverWithinMs);
  await store.carryOut(model, 'carried out', started(first, { from: 'store', unit: 'events', by: 'gone' }, since));
  while ((await store.all())[0]?.switchover) await settled();
  await b.batch();
  expect(b.membership.record(model).other).toMatchObject({ name: 'things_g2' });
});

test('a process that fell silent is waited for no more, and writes nothing before it has looked again', async () => {
  const { store } = made;
  let stalled = false;
  const hanging: ModelStore = {
    ...store,
    renew: async (...given) => {
      if (stalled) throw new Error('hangs');
      await store.renew(...given);
    },
  };
  const a = await made.process('a');
  const b = await made.process('b', hanging);
  stalled = true;
  made.later(limits.leaseMs);
  expect(() => b.membership.assertFresh()).toThrow(StaleGenerations);
  await a.membership.look();
  await made.start(a.membership);
  expect(b.membership.record(model).other).toBeUndefined();
  await expect(b.membership.whenFresh()).rejects.toThrow('hangs');
  stalled = false;
  await b.membership.whenFresh();
  b.membership.assertFresh();
  expect(b.membership.record(model).other).toMatchObject({ name: 'things_g2' });
});

test('of two who ask at once one is told that the other was quicker', async () => {
  const [a, b] = [await made.process('a'), await made.process('b')];
  const ended = await Promise.allSettled([made.start(a.membership), made.start(b.membership)]);
  const refused = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(refused).toMatchObject([{ code: 'rebuild-refused' }]);
});

test('a process that joins in the middle of a switchover stands still with the others', async () => {
  const { store } = made;
  await store.open(model);
  const [first] = await store.all();
  if (!first) throw new Error('no record');
  await store.ask(first, { id: 'm', kind: 'start' }, 60_000);
  const joined = await made.process('joined');
  expect(joined.gate.reasons()).toEqual(['start of things']);
  await store.carryOut(model, 'm', started(first, { from: 'store', unit: 'events', by: 'a' }, since));
  await joined.batch();
  expect(joined.membership.record(model).other).toMatchObject({ name: 'things_g2' });
});
