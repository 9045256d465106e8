// Goal: an instance that cannot be read stops itself and nobody's feed, visibly, and what it could not be told meanwhile is not
// lost. Method: conversations on a real MongoDB; a history gets an event of a version that nobody knows, which is corrected later.
import { randomUUID } from 'node:crypto';
import type { Correlation, EventStore, StoredEvent } from '../engine/index.ts';
import { type Call, eventOf } from '../testing/index.ts';
import { defineService } from './definition.ts';
import type { RunningSaga } from './sagas.ts';
import { startTestService, testConfig, testDeclaration } from './testing/test-service.ts';

const correlation: Correlation = {
  name: 'pair',
  stem: 'pair',
  source: '/pairs',
  timeLimitMs: 600_000,
  facts: {
    left: { filledBy: 'leftCreated_v1', lostBy: 'leftRemoved_v1' },
    right: { filledBy: 'rightCreated_v1', keeps: ['title'] },
  },
  created: () => ({ type: 'pairCreated_v1', data: {} }),
  removed: { type: 'pairRemoved_v1', data: {} },
  idFor: (correlationid) => correlationid,
};
const keptMax = 4;

const definition = defineService({
  ...testDeclaration,
  stores: { own: { collection: 'PairEvents', kinds: [] } },
  models: {},
  correlations: { Pairs: { store: 'own', open: () => correlation } },
});

const start = () =>
  startTestService(
    definition,
    testConfig({
      SAGA_LOOK_EVERY_MS: '10',
      SAGA_UNTOLD_LOOK_EVERY_MS: '20',
      SAGA_UNTOLD_EVENTS_MAX: String(keptMax),
    }),
  );

let started: Awaited<ReturnType<typeof start>>;
let service: (typeof started)['opened'];
let store: EventStore;
let pairs: RunningSaga;
let call: Call;

beforeEach(async () => {
  started = await start();
  service = started.opened;
  store = service.stores.own;
  [pairs] = started.sagas as [RunningSaga];
  call = started.call;
});
afterEach(() => started.close());

const fact = (type: string, correlationid: string, subject = `${type.slice(0, 4)}-${randomUUID()}`, version = 1) =>
  eventOf({ type, subject, version, correlationid, data: { title: 'a' } });
const keyOf = (correlationid: string) => `pair-conversation-${correlationid}`;
const saidOf = async (correlationid: string) => (await store.read(`pair-${correlationid}`)).map(({ type }) => type);

/** Asked again until it is so; the test's own limit ends a wait in vain. */
async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A conversation whose second event is of a version that nobody knows. */
async function unreadable(): Promise<{ correlationid: string; left: StoredEvent; repair(): Promise<void> }> {
  const correlationid = randomUUID();
  const left = fact('leftCreated_v1', correlationid);
  await pairs.receive([fact('rightCreated_v1', correlationid)]);
  const resumed = { type: 'pairResumed_v1', data: { reason: 'somebody said so' } };
  const event = eventOf({ ...resumed, subject: keyOf(correlationid), version: 2, type: 'pairResumed_v9' });
  await store.append([event]);
  await until(async () => (await service.held.among([keyOf(correlationid)])).size === 1);
  return {
    correlationid,
    left,
    async repair() {
      await service.db.collection('PairEvents').updateOne({ id: event.id }, { $set: { type: resumed.type } });
      const path = `/admin/held/${keyOf(correlationid)}/retry`;
      expect(await call(`POST ${path}`)).toMatchObject({ status: 200, body: { outcome: 'released' } });
    },
  };
}

test('one that cannot be read stops nobody else, and shows', async () => {
  const { correlationid, left } = await unreadable();
  const other = randomUUID();
  await pairs.receive([left, fact('leftCreated_v1', other), fact('rightCreated_v1', other)]);
  await until(async () => (await saidOf(other)).length === 1);
  expect(await call(`GET /sagas/${correlationid}`)).toMatchObject({ status: 503, body: { code: 'subject-held' } });
  const { checks } = (await call('GET /readyz?verbose')).body as unknown as { checks: { name: string }[] };
  const shown = ['feed', 'saga-pair', 'held-subjects'];
  expect(checks.filter((check) => shown.includes(check.name))).toMatchObject([
    { name: 'feed' },
    { name: 'saga-pair', detail: 'no error; the inbox keeps 1 events for instances that cannot be read' },
    { name: 'held-subjects', data: [{ key: keyOf(correlationid), reason: 'unknown-version' }] },
  ]);
});

test('repaired, it is told what it missed, and a removal that came behind a fact it had not heard of is not lost', async () => {
  const { correlationid, left, repair } = await unreadable();
  await pairs.receive([left]);
  await pairs.receive([fact('leftRemoved_v1', randomUUID(), left.subject, 2)]);
  expect([await pairs.countWaiting(), await saidOf(correlationid)]).toEqual([2, []]);
  await repair();
  await until(async () => (await saidOf(correlationid)).length === 2);
  await until(async () => (await pairs.countWaiting()) === 0);
  expect(await saidOf(correlationid)).toEqual(['pairCreated_v1', 'pairRemoved_v1']);
});

test('the same when fact and removal come in one batch, and come again', async () => {
  const { correlationid, left, repair } = await unreadable();
  const batch = [left, fact('leftRemoved_v1', randomUUID(), left.subject, 2)];
  for (const _ of ['once', 'again']) {
    await pairs.receive(batch);
    expect(await pairs.countWaiting()).toBe(2);
  }
  await repair();
  await until(async () => (await pairs.countWaiting()) === 0);
  await until(async () => (await saidOf(correlationid)).length === 2);
  expect(await saidOf(correlationid)).toEqual(['pairCreated_v1', 'pairRemoved_v1']);
});

test.each([
  ['U+FFFD in what the role keeps', { data: { title: '\ufffd' } }],
  ['bytes that its own store could not decode', { data: {}, unreadable: 'data.title holds invalid UTF-8' }],
])('a fact with %s waits until its event comes again corrected', async (_, broken) => {
  const [correlationid, right] = [randomUUID(), fact('rightCreated_v1', randomUUID())];
  await pairs.receive([fact('leftCreated_v1', correlationid)]);
  await pairs.receive([{ ...right, correlationid, ...broken }]);
  expect([await pairs.countWaiting(), await saidOf(correlationid)]).toEqual([1, []]);
  await pairs.receive([{ ...right, correlationid }]);
  await until(async () => (await pairs.countWaiting()) === 0);
  await until(async () => (await saidOf(correlationid)).length === 1);
  // A feed that begins anew brings both again.
  await pairs.receive([
    { ...right, correlationid, ...broken },
    { ...right, correlationid },
  ]);
  await until(async () => (await pairs.countWaiting()) === 0);
  expect(await saidOf(correlationid)).toEqual(['pairCreated_v1']);
});

test('what is kept has a limit, beyond which the feed waits and nothing is forgotten', async () => {
  const { correlationid } = await unreadable();
  const many = Array.from({ length: keptMax }, () => fact('leftCreated_v1', correlationid));
  await pairs.receive(many);
  await expect(pairs.receive([fact('leftCreated_v1', correlationid)])).rejects.toThrow(`more than ${keptMax} events`);
  // A repeat of what is kept needs no room.
  await pairs.receive(many);
});
