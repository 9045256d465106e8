// Goal: a shut gate means that nothing is written, now and until it is opened by all who hold it; a process that ends does not
// wait for them. Method: work whose end the test decides, and a look at what has begun once every microtask has run.
import { setImmediate as settled } from 'node:timers/promises';
import { createFeedGate, GateClosed } from './feed-gate.ts';

/** Work that has begun, and ends when the test says so. */
function workPassing(gate: ReturnType<typeof createFeedGate>) {
  let end: () => void = () => {};
  const seen = { begun: false, done: false };
  const result = gate.pass(async () => {
    seen.begun = true;
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    seen.done = true;
    return 'result';
  });
  return { seen, result, end: () => end() };
}

test('open, it lets work through and hands on what came of it, or what it threw', async () => {
  const gate = createFeedGate();
  await expect(gate.pass(async () => 7)).resolves.toBe(7);
  await expect(gate.pass(() => Promise.reject(new Error('no server')))).rejects.toThrow('no server');
  expect(gate.reasons()).toEqual([]);
  await gate.shut('after a failure nothing is inside').quiet;
});

test('shut, it is quiet only when all that was inside came out, and lets nothing in', async () => {
  const gate = createFeedGate();
  const [first, second] = [workPassing(gate), workPassing(gate)];
  const held = gate.shut('a switch');
  let quiet = false;
  void held.quiet.then(() => {
    quiet = true;
  });
  const late = workPassing(gate);
  first.end();
  await settled();
  expect([quiet, late.seen.begun]).toEqual([false, false]);
  second.end();
  await held.quiet;
  await settled();
  expect([second.seen.done, late.seen.begun]).toEqual([true, false]);
  held.open();
  await settled();
  expect(late.seen.begun).toBe(true);
  late.end();
  await expect(late.result).resolves.toBe('result');
});

test('several hold it: it opens when the last lets go, in whichever order, and letting go twice lets nobody else’s hold go', async () => {
  const gate = createFeedGate();
  const operator = gate.shut('an operator paused it');
  const move = gate.shut('a switch');
  const waiting = workPassing(gate);
  expect(gate.reasons()).toEqual(['an operator paused it', 'a switch']);
  operator.open();
  operator.open();
  await settled();
  expect([gate.reasons(), waiting.seen.begun]).toEqual([['a switch'], false]);
  move.open();
  await settled();
  expect([gate.reasons(), waiting.seen.begun]).toEqual([[], true]);
  waiting.end();
  await waiting.result;
});

// The hazard: one holder opens, and another shuts in the same turn, before what waits has had its turn.
test('what waited does not slip through between an opening and the next shutting', async () => {
  const gate = createFeedGate();
  const first = gate.shut('one');
  const waiting = workPassing(gate);
  first.open();
  const second = gate.shut('another');
  await second.quiet;
  await settled();
  expect(waiting.seen.begun).toBe(false);
  second.open();
  await settled();
  waiting.end();
  await waiting.result;
});

test('closed, what waits ends at once with nothing done, and nothing passes any more; what is inside comes out', async () => {
  const gate = createFeedGate();
  const inside = workPassing(gate);
  const held = gate.shut('an operator paused it');
  const waiting = workPassing(gate);
  gate.close();
  await expect(waiting.result).rejects.toBeInstanceOf(GateClosed);
  held.open();
  await expect(gate.pass(async () => 1)).rejects.toBeInstanceOf(GateClosed);
  inside.end();
  await expect(inside.result).resolves.toBe('result');
  expect(waiting.seen.begun).toBe(false);
});
