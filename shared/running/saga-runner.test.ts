// Goal: a saga goes on where its history ends: after a failure, a crash at any point, or an operator's word; what is replayed
// causes nothing. Method: a saga that sends a few letters, on the in-memory store; a crash is an error thrown at a named point.

import { z } from 'zod';
import { inMemoryEventStore, inMemorySagaInstances } from '../adapters/in-memory/index.ts';
import { decoderOf, defineContracts, sagaContracts } from '../contracts/index.ts';
import { type DomainEvent, orderSaga, type ProjectedDocument, type Saga, type SagaView } from '../engine/index.ts';
import { eventOf, type TestClock, testClock, testIds } from '../testing/index.ts';
import { createSagaRunner, sagaCrashPoints } from './saga-runner.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const limits = {
  instancesAtOnceMax: 2,
  deliveredAtOnceMax: 8,
  stepsAtOnceMax: 2,
  attemptsMax: 3,
  lookEveryMs: 2,
  retry: { initialMs: 1000, maxMs: 4000 },
};
interface Letters {
  readonly left: number;
}
const contracts = defineContracts({
  ...sagaContracts('letters'),
  lettersOrdered_v1: { schema: z.object({ count: z.int() }) },
  lettersSent_v1: { schema: z.object({}) },
});
const causation = { correlationid: 'c' };
const cause = { ...causation, causationid: 'news' };
const subject = `letters-${testIds(9).next()}`;

let ids: ReturnType<typeof testIds>;
let clock: TestClock;
let store: ReturnType<typeof inMemoryEventStore>;
let instances: ReturnType<typeof inMemorySagaInstances>;
/** Letters by key: sending one twice has no effect, as with any command that a saga may issue. */
let sent: Map<string, number>;
let refusals: number;
beforeEach(() => {
  ids = testIds();
  clock = testClock();
  store = inMemoryEventStore();
  instances = inMemorySagaInstances();
  sent = new Map();
  refusals = 0;
});

const saga: Saga<Letters, DomainEvent> = {
  name: 'send-letters-when-ordered',
  kind: 'letters',
  stem: 'letters',
  source: '/test',
  foldVersion: 1,
  decode: decoderOf(contracts) as Saga<Letters, DomainEvent>['decode'],
  initialData: { left: 0 },
  evolve: ({ state, data }, event) => {
    if (event.type === 'lettersOrdered_v1')
      return { state: 'running', data: { left: (event.data as { count: number }).count } };
    const left = data.left - (event.type === 'lettersSent_v1' ? 1 : 0);
    return { state: left === 0 ? 'completed' : state, data: { left } };
  },
  next: ({ state, data }) => (state === 'running' && data.left > 0 ? { name: `letter ${data.left}` } : undefined),
  async react(step, _view, of) {
    if (refusals > 0) {
      refusals -= 1;
      throw new Error('the post is closed');
    }
    const key = `${of} ${step.name}`;
    sent.set(key, (sent.get(key) ?? 0) + 1);
    return [{ type: 'lettersSent_v1', data: {} }];
  },
  causation: () => causation,
};

function run(crashPoint?: (name: string) => void) {
  return createSagaRunner({
    saga,
    instances,
    store,
    clock,
    ids,
    log: quiet,
    limits,
    ...(crashPoint ? { crashPoint } : {}),
  });
}
const order = (count: number, of = subject) => ({
  subject: of,
  causation: cause,
  decide: ({ state }: SagaView<Letters>) =>
    state === 'notBegun' ? [{ type: 'lettersOrdered_v1', data: { count } }] : [],
});
const document = async (of = subject) =>
  (await instances.read([of])).get(of) as ProjectedDocument & { data: SagaView<Letters>['data'] };
const types = async () => (await store.read(subject)).map(({ type }) => type);
async function until(done: () => Promise<boolean> | boolean): Promise<void> {
  const untilMs = performance.now() + 4000;
  while (!(await done())) {
    if (performance.now() > untilMs) throw new Error('it did not come so far within 4 s');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
const isIn = (state: string) => async () => (await document())?.state === state;

test('every step is carried out once and remembered; being told again changes nothing', async () => {
  const runner = run();
  await runner.deliver([order(5), order(5)]);
  await until(isIn('completed'));
  await runner.deliver([order(5)]);
  await runner.close();
  expect([...sent.values()]).toEqual([1, 1, 1, 1, 1]);
  expect(await types()).toEqual(['lettersOrdered_v1', ...Array.from({ length: 5 }, () => 'lettersSent_v1')]);
});

test('a step that fails waits and is tried again, and the history says so', async () => {
  refusals = 1;
  const runner = run();
  await runner.deliver([order(1)]);
  await until(async () => (await document())?.data.progress.attempts === 1);
  expect((await document()).data.progress).toMatchObject({ reason: 'the post is closed' });
  expect(sent.size).toBe(0);
  clock.advance(1000);
  await until(isIn('completed'));
  await runner.close();
  expect(await types()).toEqual(['lettersOrdered_v1', 'lettersStepFailed_v1', 'lettersSent_v1']);
});

test('told that there is more while a step fails, it keeps its count and its wait: news must not keep it from parking', async () => {
  refusals = 3;
  const runner = run();
  await runner.deliver([order(1)]);
  await until(async () => (await document())?.data.progress.attempts === 1);
  const { attempts, retryAt, reason } = (await document()).data.progress;
  const more = {
    subject,
    causation: cause,
    decide: () => [{ type: 'lettersResumed_v1', data: { reason: 'more to send' } }],
  };
  await runner.deliver([more]);
  expect((await document()).data.progress).toEqual({ attempts, retryAt, reason, dueAt: retryAt });
  await until(async () => {
    clock.advance(4000);
    return (await document()).state === 'parked';
  });
  await runner.close();
});

test('instances that fail together do not come back together: each waits a time of its own', async () => {
  const many = Array.from({ length: 20 }, () => `letters-${ids.next()}`);
  refusals = many.length;
  const runner = run();
  await runner.deliver(many.map((one) => order(1, one)));
  await until(async () => (await Promise.all(many.map(document))).every(({ data }) => data.progress.attempts === 1));
  const waitsMs = (await Promise.all(many.map(document))).map(
    ({ data }) => Date.parse(data.progress.retryAt ?? '') - clock.now().getTime(),
  );
  await runner.close();
  expect(Math.min(...waitsMs)).toBeGreaterThanOrEqual(limits.retry.initialMs / 2);
  expect(Math.max(...waitsMs)).toBeLessThanOrEqual(limits.retry.initialMs);
  expect(new Set(waitsMs).size).toBeGreaterThan(2);
});

test('instances that cannot be read take no turn from others, however many they are and however long they are due', async () => {
  const many = Array.from({ length: 10 }, () => `letters-${ids.next()}`);
  const [healthy = '', ...unreadable] = [...many].reverse();
  const dead = run((name) => {
    if (name === 'saga-before-step') throw new Error('killed');
  });
  await dead.deliver(many.map((one) => order(1, one)));
  await dead.close();
  for (const one of unreadable) await store.append([eventOf({ subject: one, version: 2, type: 'lettersSent_v9' })]);
  const next = run();
  await until(async () => (await document(healthy)).state === 'completed');
  await next.close();
  expect(sent.size).toBe(1);
});

test('too many failures park it with the reason; resumed by an operator it goes on', async () => {
  refusals = 3;
  const runner = run();
  await runner.deliver([order(1)]);
  await until(async () => {
    clock.advance(4000);
    return (await document())?.state === 'parked';
  });
  expect((await document()).data.progress).toMatchObject({ reason: 'the post is closed', dueAt: null, attempts: 3 });
  const ports = { store, documents: instances, clock, ids };
  const resume = { subject, causation, order: { kind: 'resume', reason: 'the post is open' } as const };
  await orderSaga(saga, ports, resume);
  await until(isIn('completed'));
  // Said again, it changes nothing.
  await orderSaga(saga, ports, resume);
  await runner.close();
  expect((await types()).filter((type) => type === 'lettersResumed_v1')).toHaveLength(1);
  expect([...sent.values()]).toEqual([1]);
});

test('abandoned by an operator it does nothing more; an instance that never began is not found', async () => {
  refusals = 100;
  const runner = run();
  await runner.deliver([order(2)]);
  await until(async () => (await document())?.data.progress.attempts === 1);
  const ports = { store, documents: instances, clock, ids };
  const abandon = { kind: 'abandon', reason: 'no letters needed' } as const;
  const after = await orderSaga(saga, ports, { subject, causation, order: abandon });
  expect(after).toMatchObject({ state: 'abandoned', data: { progress: { reason: 'no letters needed', dueAt: null } } });
  clock.advance(100_000);
  await runner.deliver([]);
  await runner.close();
  expect(sent.size).toBe(0);
  const unknown = orderSaga(saga, ports, { subject: `letters-${ids.next()}`, causation, order: abandon });
  await expect(unknown).rejects.toMatchObject({ code: 'not-found' });
});

test('many are told at once by two reads, whatever the news', async () => {
  const subjects = Array.from({ length: limits.deliveredAtOnceMax }, (_, i) => `letters-${testIds(i + 10).next()}`);
  const news = subjects.map((one) => ({ ...order(1), subject: one }));
  const [documents, events] = [jest.spyOn(instances, 'read'), jest.spyOn(store, 'readLater')];
  const runner = run((name) => {
    if (name === 'saga-before-step') throw new Error('not now');
  });
  await runner.deliver(news);
  // What is due begins behind it, and reads for itself.
  expect(documents.mock.calls.filter(([asked]) => asked.length > 1)).toHaveLength(1);
  expect(events).toHaveBeenCalledTimes(1);
  const before = documents.mock.calls.length;
  await runner.deliver(news);
  await runner.close();
  expect(documents.mock.calls.slice(before).filter(([asked]) => asked.length > 1)).toHaveLength(1);
  jest.restoreAllMocks();
});

test('one whose own event cannot be read stops nobody else of its batch, and its news is handed back to be told again', async () => {
  const other = `letters-${ids.next()}`;
  await store.append([eventOf({ subject, type: 'lettersOrdered_v9' })]);
  const runner = run();
  const undelivered = { ...order(1), causation: { ...causation, causationid: 'undelivered' } };
  expect(await runner.deliver([undelivered, order(1, other)])).toEqual(['undelivered']);
  await runner.close();
  expect(await types()).toEqual(['lettersOrdered_v9']);
  expect((await store.read(other)).map(({ type }) => type)).toContain('lettersOrdered_v1');
});

test('news leaves one that is parked where it is, with its reason', async () => {
  refusals = 3;
  const runner = run();
  await runner.deliver([order(3)]);
  await until(async () => {
    clock.advance(4000);
    return (await document())?.state === 'parked';
  });
  await runner.deliver([{ subject, causation: cause, decide: () => [{ type: 'lettersSent_v1', data: {} }] }]);
  await runner.close();
  expect(await document()).toMatchObject({
    state: 'parked',
    data: { left: 2, progress: { reason: 'the post is closed', dueAt: null, attempts: 3 } },
  });
});

describe('many that are due', () => {
  const subjects = Array.from({ length: 40 }, (_, i) => `letters-${testIds(i + 10).next()}`);
  let look: () => void;
  beforeEach(async () => {
    jest.spyOn(globalThis, 'setInterval').mockImplementation(((tick: () => void) => {
      look = tick;
    }) as unknown as typeof setInterval);
    const dead = run((name) => {
      if (name === 'saga-before-step') throw new Error('killed');
    });
    await dead.deliver(subjects.map((one) => ({ ...order(1), subject: one })));
    await dead.close();
  });
  afterEach(() => jest.restoreAllMocks());

  test('are all moved on by one look, a few at a time', async () => {
    const runner = run();
    look();
    await until(() => sent.size === subjects.length);
    await runner.close();
  });

  test('and stand still are asked for by the next look, not without a pause', async () => {
    const some = subjects.slice(0, limits.instancesAtOnceMax * 2);
    const due = jest.spyOn(instances, 'due').mockResolvedValueOnce(some).mockResolvedValue([]);
    const warned = jest.spyOn(quiet, 'warn');
    const runner = run((name) => {
      if (name === 'saga-before-step') throw new Error('still not');
    });
    look();
    await until(() => warned.mock.calls.length === some.length);
    await runner.close();
    expect(due).toHaveBeenCalledTimes(1);
  });
});

test.each(sagaCrashPoints)(
  'killed at %s, the next process goes on: nothing is lost, and no step counts twice',
  async (point) => {
    let left = 2;
    const dead = run((name) => {
      if (name !== point) return;
      left -= 1;
      if (left <= 0) throw new Error('killed');
    });
    await dead.deliver([order(4)]).catch(() => undefined);
    await dead.deliver([order(4)]).catch(() => undefined);
    await until(() => left <= 0);
    await dead.close();
    const next = run();
    await next.deliver([order(4)]);
    await until(isIn('completed'));
    await next.close();
    expect(sent.size).toBe(4);
    expect(await types()).toEqual(['lettersOrdered_v1', ...Array.from({ length: 4 }, () => 'lettersSent_v1')]);
  },
);

test('two processes at once: the step that lost the race is forgotten, and nothing is counted twice', async () => {
  const [one, other] = [run(), run()];
  await Promise.all([one.deliver([order(6)]), other.deliver([order(6)])]);
  await until(isIn('completed'));
  await Promise.all([one.close(), other.close()]);
  expect(await types()).toEqual(['lettersOrdered_v1', ...Array.from({ length: 6 }, () => 'lettersSent_v1')]);
});

test('a replay of its history folds to the same and sends nothing', async () => {
  const first = run();
  await first.deliver([order(3)]);
  await until(isIn('completed'));
  await first.close();
  const before = await document();
  instances = inMemorySagaInstances();
  sent.clear();
  const again = run();
  await again.deliver([order(3)]);
  await again.close();
  expect(sent.size).toBe(0);
  expect(await document()).toEqual(before);
});
