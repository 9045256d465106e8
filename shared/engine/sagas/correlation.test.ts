// Goal: a set of facts of one conversation is noticed once, whatever the order and however often they come, and whenever the
// process ends. Method: the real runner on the in-memory store; deliveries are shuffled, doubled and cut by a seed.
import { inMemoryEventStore, inMemorySagaInstances } from '../../adapters/in-memory/index.ts';
import { conversationContracts, decoderOf } from '../../contracts/index.ts';
import { createSagaRunner, sagaCrashPoints } from '../../running/index.ts';
import { eventOf, seededRandom, type TestClock, testClock, testIds } from '../../testing/index.ts';
import { testSeed } from '../../testing/workspace/index.ts';
import type { StoredEvent } from '../event.ts';
import type { ProjectedDocument } from '../projection.ts';
import { type Conversing, type Correlation, correlationSaga } from './correlation.ts';
import { createCorrelator } from './correlator.ts';
import type { SagaView } from './saga.ts';
import { orderSaga } from './saga-orders.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const limits = {
  instancesAtOnceMax: 4,
  deliveredAtOnceMax: 8,
  stepsAtOnceMax: 10,
  attemptsMax: 3,
  lookEveryMs: 5,
  retry: { initialMs: 1, maxMs: 5 },
};

const pair: Correlation = {
  name: 'pair',
  stem: 'pair',
  source: '/pairs',
  timeLimitMs: 60_000,
  facts: {
    left: { filledBy: 'leftCreated_v1', lostBy: 'leftRemoved_v1' },
    right: { filledBy: 'rightCreated_v1', lostBy: 'rightRemoved_v1' },
  },
  created: ({ left, right }) => ({ type: 'pairCreated_v1', data: { left: left?.subject, right: right?.subject } }),
  removed: { type: 'pairRemoved_v1', data: {} },
  idFor: (correlationid) => correlationid,
};
const chain: Correlation = {
  ...pair,
  name: 'chain',
  facts: Object.fromEntries(['a', 'b', 'c', 'd'].map((role) => [role, { filledBy: `${role}Created_v1` }])),
  created: (facts) => ({
    type: 'chainCreated_v1',
    data: {
      of: Object.values(facts)
        .map(({ subject }) => subject)
        .sort(),
    },
  }),
};

let ids: ReturnType<typeof testIds>;
let clock: TestClock;
let store: ReturnType<typeof inMemoryEventStore>;
let instances: ReturnType<typeof inMemorySagaInstances>;
beforeEach(() => {
  ids = testIds();
  clock = testClock();
  store = inMemoryEventStore();
  instances = inMemorySagaInstances();
});

function start(correlation: Correlation, crashPoint: (name: string) => void = () => {}) {
  const decode = decoderOf(conversationContracts(correlation.stem));
  const saga = correlationSaga(correlation, { decode, store, clock, ids });
  const runner = createSagaRunner({ saga, instances, store, clock, ids, log: quiet, limits, crashPoint });
  return { saga, apply: createCorrelator({ correlation, runner, instances, clock }), close: () => runner.close() };
}

function fact(
  type: string,
  correlationid: string | undefined,
  subject = `${type.slice(0, 4)}-${ids.next()}`,
  version = 1,
) {
  const event: StoredEvent = {
    specversion: '1.0',
    id: ids.next(),
    source: '/test',
    type,
    subject,
    version,
    time: clock.now(),
    data: {},
    ...(correlationid ? { correlationid } : {}),
  };
  return event;
}

const said = (correlation: Correlation, correlationid: string) => store.read(`${correlation.name}-${correlationid}`);
async function conversation(correlation: Correlation, correlationid: string) {
  const _id = `${correlation.name}-conversation-${correlationid}`;
  return (await instances.read([_id])).get(_id) as (ProjectedDocument & Pick<SagaView<Conversing>, 'data'>) | undefined;
}
/** The steps run beside the feed: asked again until it is so; the test's own limit ends a wait in vain. */
async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 1));
}

test('both facts, in either order: one creation, in the causation, caused by a fact', async () => {
  for (const types of [
    ['leftCreated_v1', 'rightCreated_v1'],
    ['rightCreated_v1', 'leftCreated_v1'],
  ]) {
    const { apply, close } = start(pair);
    const correlationid = ids.next();
    const facts = types.map((type) => fact(type, correlationid));
    for (const one of facts) await apply([one]);
    await until(async () => (await conversation(pair, correlationid))?.state === 'completed');
    const [created, ...more] = await said(pair, correlationid);
    expect(more).toEqual([]);
    expect(created).toMatchObject({ type: 'pairCreated_v1', version: 1, correlationid });
    expect(facts.map(({ id }) => id)).toContain(created?.causationid);
    expect(Object.values(created?.data ?? {}).sort()).toEqual(facts.map(({ subject }) => subject).sort());
    await close();
  }
});

test('what is said carries the trace of the fact that caused it, and a removal that of the loss', async () => {
  const { apply, close } = start(pair);
  const correlationid = ids.next();
  const traced = (event: StoredEvent, digit: number): StoredEvent => ({
    ...event,
    traceparent: `00-${String(digit).repeat(32)}-00f067aa0ba902b7-01`,
    tracestate: `a=${digit}`,
  });
  const left = traced(fact('leftCreated_v1', correlationid), 1);
  await apply([left]);
  await apply([traced(fact('rightCreated_v1', correlationid), 2)]);
  await until(async () => (await said(pair, correlationid)).length === 1);
  await apply([traced(fact('leftRemoved_v1', undefined, left.subject, 2), 3)]);
  await until(async () => (await said(pair, correlationid)).length === 2);
  await close();
  const ofSaid = (await said(pair, correlationid)).map(({ traceparent, tracestate }) => [traceparent, tracestate]);
  expect(ofSaid).toEqual([2, 3].map((digit) => [expect.stringContaining(`${digit}${digit}`), `a=${digit}`]));
  const noted = (await store.read(`pair-conversation-${correlationid}`)).filter(({ causationid }) => causationid);
  expect(noted.map(({ tracestate }) => tracestate)).toEqual(['a=1', 'a=2', 'a=3']);
});

test('facts without a causation, and of different conversations, belong to nothing', async () => {
  const { apply, close } = start(pair);
  const [one, other] = [ids.next(), ids.next()];
  await apply([fact('leftCreated_v1', undefined), fact('leftCreated_v1', one), fact('rightCreated_v1', other)]);
  await close();
  for (const correlationid of [one, other]) {
    expect(await said(pair, correlationid)).toEqual([]);
    expect(await conversation(pair, correlationid)).toMatchObject({ state: 'waiting' });
  }
});

test('a second fact for a role is held and shown, once, and does not change what is said', async () => {
  const { apply, close } = start(pair);
  const correlationid = ids.next();
  const [first, second] = [fact('leftCreated_v1', correlationid), fact('leftCreated_v1', correlationid)];
  await apply([first]);
  await apply([second, first]);
  await apply([second, fact('rightCreated_v1', correlationid)]);
  await until(async () => (await conversation(pair, correlationid))?.state === 'completed');
  await close();
  expect((await conversation(pair, correlationid))?.data.held.map(({ eventId }) => eventId)).toEqual([second.id]);
  expect((await said(pair, correlationid)).map(({ data }) => data.left)).toEqual([first.subject]);
});

test('incomplete at the time limit: given up by an event that says what is missing; a late fact still completes it, once', async () => {
  const { apply, close } = start(pair);
  const correlationid = ids.next();
  await apply([fact('leftCreated_v1', correlationid)]);
  clock.advance(59_999);
  await apply([]);
  expect(await conversation(pair, correlationid)).toMatchObject({ state: 'waiting' });
  clock.advance(1);
  await until(async () => (await conversation(pair, correlationid))?.state === 'abandoned');
  expect((await conversation(pair, correlationid))?.data).toMatchObject({
    progress: { reason: 'no right in 60000 ms', dueAt: null },
  });
  const late = fact('rightCreated_v1', correlationid);
  await apply([late, late]);
  await until(async () => (await conversation(pair, correlationid))?.state === 'completed');
  await close();
  expect(await said(pair, correlationid)).toHaveLength(1);
});

test('of a fact is kept what its role keeps, and no more, however large the event', async () => {
  const [left, right] = [{ filledBy: 'leftCreated_v1', keeps: ['name', 'nothing'] }, { filledBy: 'rightCreated_v1' }];
  const created: Correlation['created'] = ({ left, right }) => ({
    type: 'pairCreated_v1',
    data: { of: [left, right] },
  });
  const { apply, close } = start({ ...pair, facts: { left, right }, created });
  const correlationid = ids.next();
  const data = { name: 'a', large: 'x'.repeat(200_000) };
  const facts = [fact('leftCreated_v1', correlationid), fact('rightCreated_v1', correlationid)];
  await apply(facts.map((one) => ({ ...one, data })));
  await until(async () => (await conversation(pair, correlationid))?.state === 'completed');
  await close();
  const [said] = await store.read(`pair-${correlationid}`);
  expect(said?.data.of).toMatchObject([{ data: { name: 'a' } }, { data: {} }]);
  const history = await store.read(`pair-conversation-${correlationid}`);
  expect(JSON.stringify([said, history]).length).toBeLessThan(10_000);
});

test('given up and still incomplete: a later fact is noted, and it is still said why', async () => {
  const { apply, close } = start(chain);
  const correlationid = ids.next();
  await apply([fact('aCreated_v1', correlationid)]);
  clock.advance(60_000);
  await until(async () => (await conversation(chain, correlationid))?.state === 'abandoned');
  await apply([fact('bCreated_v1', correlationid)]);
  await close();
  expect(await conversation(chain, correlationid)).toMatchObject({
    version: 3,
    state: 'abandoned',
    data: { progress: { reason: 'no b, no c, no d in 60000 ms', dueAt: null } },
  });
});

test('a time limit that passed while nobody ran is noticed after the start; one that was changed is for later conversations', async () => {
  const [overdue, later] = [ids.next(), ids.next()];
  const before = start(pair);
  await before.apply([fact('leftCreated_v1', overdue)]);
  await before.close();
  clock.advance(60_000);
  const after = start({ ...pair, timeLimitMs: 120_000 });
  await after.apply([fact('leftCreated_v1', later)]);
  const reason = async (id: string) => (await conversation(pair, id))?.data.progress.reason;
  await until(async () => (await reason(overdue)) === 'no right in 60000 ms');
  clock.advance(119_999);
  await after.apply([]);
  expect(await conversation(pair, later)).toMatchObject({ state: 'waiting' });
  clock.advance(1);
  await until(async () => (await reason(later)) === 'no right in 120000 ms');
  await after.close();
});

test('what cannot be said is parked with its facts; given up by an operator it stays unsaid', async () => {
  const faulty = {
    ...pair,
    created: () => {
      throw new Error('no such pair');
    },
  };
  const { saga, apply, close } = start(faulty);
  const correlationid = ids.next();
  const state = async () => (await conversation(pair, correlationid))?.state;
  await apply([fact('leftCreated_v1', correlationid), fact('rightCreated_v1', correlationid)]);
  await until(async () => {
    clock.advance(5);
    return (await state()) === 'parked';
  });
  const subject = `pair-conversation-${correlationid}`;
  const order = { kind: 'abandon', reason: 'nobody needs it' } as const;
  await orderSaga(saga, { store, documents: instances, clock, ids }, { subject, order, causation: { correlationid } });
  await close();
  const repaired = start(pair);
  await repaired.apply([fact('leftCreated_v1', correlationid)]);
  await repaired.close();
  expect([await state(), await said(pair, correlationid)]).toEqual(['abandoned', []]);
});

test.each(sagaCrashPoints)('killed at %s, what is said is said once', async (point) => {
  const correlationid = ids.next();
  const facts = [fact('leftCreated_v1', correlationid), fact('rightCreated_v1', correlationid)];
  const passed = new Set<string>();
  const dead = start(pair, (name) => {
    passed.add(name);
    if (name === point) throw new Error('killed');
  });
  await dead.apply(facts).catch(() => undefined);
  await until(async () => passed.has(point));
  await dead.close();
  const next = start(pair);
  await next.apply(facts);
  await until(async () => (await conversation(pair, correlationid))?.state === 'completed');
  await next.close();
  expect((await said(pair, correlationid)).map(({ type }) => type)).toEqual(['pairCreated_v1']);
});

test('a removal of either side removes what was said, also when it comes before the other side', async () => {
  const { apply, close } = start(pair);
  const ends: string[][] = [];
  for (const order of [
    ['left', 'right', 'gone'],
    ['left', 'gone', 'right'],
  ]) {
    const correlationid = ids.next();
    const left = fact('leftCreated_v1', correlationid);
    const gone = fact('leftRemoved_v1', ids.next(), left.subject, 2);
    const all: Record<string, StoredEvent> = { left, right: fact('rightCreated_v1', correlationid), gone };
    for (const step of order) await apply([all[step] as StoredEvent]);
    await until(async () => (await conversation(pair, correlationid))?.data.said === 'removed');
    const history = await said(pair, correlationid);
    ends.push(history.map(({ type }) => type));
    expect(history.at(-1)).toMatchObject({ correlationid, causationid: gone.id });
  }
  await close();
  expect(ends).toEqual([
    ['pairCreated_v1', 'pairRemoved_v1'],
    ['pairCreated_v1', 'pairRemoved_v1'],
  ]);
});

test.each([pair, chain])(
  '$name: shuffled, doubled, cut by restarts: each complete set exactly once',
  async (correlation) => {
    const seed = testSeed();
    const random = seededRandom(seed);
    const types = Object.values(correlation.facts).map(({ filledBy }) => filledBy);
    const conversations = Array.from({ length: 60 }, (_, i) => ({ id: ids.next(), whole: i % 2 === 0 }));
    const facts = conversations.flatMap(({ id, whole }) => types.slice(whole ? 0 : 1).map((type) => fact(type, id)));
    const delivery = [...facts, ...facts].sort(() => random.below(3) - 1);
    while (delivery.length > 0) {
      const { apply, close } = start(correlation);
      for (let batches = 1 + random.below(4); batches > 0; batches -= 1)
        await apply(delivery.splice(0, 1 + random.below(20)));
      await close();
    }
    const last = start(correlation);
    const wanted = conversations.filter(({ whole }) => whole);
    for (const { id } of wanted) await until(async () => (await conversation(correlation, id))?.state === 'completed');
    await last.close();
    for (const { id, whole } of conversations) expect(await said(correlation, id)).toHaveLength(whole ? 1 : 0);
  },
);

test.each([
  ['begins with an operator’s word', { type: 'pairResumed_v1', data: { reason: 'by hand' } }, []],
  ['holds a time that is none', { type: 'pairFactNoted_v1', data: { notedAt: 'yesterday' } }, ['a fact']],
])('a history that %s stops nobody else’s news', async (_, { type, data }, undelivered) => {
  const { apply, close } = start(pair);
  const [odd, other] = [ids.next(), ids.next()];
  const noted = { correlationid: odd, role: 'left', eventId: ids.next(), subject: 'left-1', timeLimitMs: 1000 };
  const subject = `pair-conversation-${odd}`;
  await store.append([eventOf({ subject, type, data: { ...noted, data: {}, ...data } })]);
  const facts = [{ ...fact('rightCreated_v1', odd), id: 'a fact' }, fact('leftCreated_v1', other)];
  expect(await apply(facts).finally(close)).toEqual(undelivered);
  expect(await conversation(pair, other)).toMatchObject({ state: 'waiting' });
});
