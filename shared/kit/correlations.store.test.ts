// Goal: what a correlation shows over HTTP is what its conversations are, one that is parked included, and an operator can let
// that one go on. Method: facts by hand, on a real MongoDB; a declaration that fails parks one conversation. Pages are read to
// their end, and the server is asked how it found them.
import { randomUUID } from 'node:crypto';
import { pageOfDocuments, sagaInstancesForm } from '../adapters/mongodb/index.ts';
import type { Correlation, StoredDocument, StoredEvent } from '../engine/index.ts';
import { type Call, readAllPages } from '../testing/index.ts';
import { defineService } from './definition.ts';
import type { RunningSaga } from './sagas.ts';
import { startTestService, testConfig, testDeclaration } from './testing/test-service.ts';

let failing = true;
const correlation: Correlation = {
  name: 'pair',
  stem: 'pair',
  source: '/pairs',
  timeLimitMs: 60_000,
  facts: { left: { filledBy: 'leftCreated_v1', keeps: ['faulty'] }, right: { filledBy: 'rightCreated_v1' } },
  created({ left }) {
    if (failing && left?.data.faulty) throw new Error('no such pair');
    return { type: 'pairCreated_v1', data: {} };
  },
  idFor: (correlationid) => correlationid,
};
const [whole, half, faulty, late] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const both = randomUUID();

const definition = defineService({
  ...testDeclaration,
  stores: { own: { collection: 'PairEvents', kinds: [] } },
  models: {},
  correlations: {
    Pairs: { store: 'own', open: () => correlation },
    Hasty: { store: 'own', open: () => ({ ...correlation, name: 'hasty', timeLimitMs: 1 }) },
  },
  collections: [sagaInstancesForm('Many')],
});
const start = () => startTestService(definition, testConfig({ SAGA_ATTEMPTS_MAX: '1', SAGA_LOOK_EVERY_MS: '10' }));

let started: Awaited<ReturnType<typeof start>>;
let service: (typeof started)['opened'];
let pairs: RunningSaga;
let others: RunningSaga;
let call: Call;

beforeAll(async () => {
  started = await start();
  service = started.opened;
  [pairs, others] = started.sagas as [RunningSaga, RunningSaga];
  call = started.call;
  await pairs.receive([
    fact('left', whole),
    fact('right', whole),
    fact('left', half),
    fact('left', faulty, { faulty: true }),
    fact('right', faulty),
  ]);
  await others.receive([fact('left', late)]);
  await shown(`state=complete`, [whole]);
  await shown(`state=abandoned&name=hasty`, [late]);
}, 30_000);

afterAll(() => started.close());

function fact(side: string, correlationid: string, data: Record<string, unknown> = {}): StoredEvent {
  const [id, subject, type] = [randomUUID(), `${side}-${randomUUID()}`, `${side}Created_v1`];
  return {
    specversion: '1.0',
    id,
    source: '/test',
    type,
    subject,
    version: 1,
    time: new Date(),
    data,
    correlationid,
  };
}

const listed = async (query: string) =>
  (await readAllPages(call, `GET /correlations?limit=1&${query}`)).flat().map(({ correlationid }) => correlationid);

/** Steps run beside the feed: asked again until it is so; the test's own limit ends a wait in vain. */
async function shown(query: string, wanted: readonly string[]): Promise<void> {
  while ((await listed(query)).sort().join() !== [...wanted].sort().join())
    await new Promise((resolve) => setTimeout(resolve, 10));
}

test('waiting is what is neither complete nor given up, one that is parked included, with its reason', async () => {
  await shown('state=waiting', [half, faulty]);
  await shown('state=abandoned', []);
  await shown('', [whole, half, faulty]);
  const { body } = await call('GET /correlations?state=waiting');
  const parked = body.items.find(({ correlationid }) => correlationid === faulty);
  expect(parked).toMatchObject({ state: 'waiting', said: 'nothing', dueAt: null, reason: 'no such pair' });
});

test('a page of several states is read from the index, and costs what it is long', async () => {
  const collection = service.db.collection<StoredDocument>('Many');
  const all = Array.from({ length: 400 }, (_, i) => ({ _id: `many-${1000 + i}`, state: `state-${i % 4}` }));
  await collection.insertMany(all as unknown as StoredDocument[]);
  const [states, after, limit] = [['state-0', 'state-1', 'state-3'], 'many-1100', 20];
  const { documents, next } = await pageOfDocuments(collection, { state: states }, { after, limit });
  const wanted = all.filter(({ _id, state }) => states.includes(state) && _id > after).slice(0, limit);
  expect(documents.map(({ _id }) => _id)).toEqual(wanted.map(({ _id }) => _id));
  expect(next).toBe(wanted.at(-1)?._id);
  const asked = collection.find({ state: { $in: states }, _id: { $gt: after } }).sort({ _id: 1 });
  const { executionStats } = await asked.limit(limit + 1).explain('executionStats');
  expect(executionStats.totalDocsExamined).toBeLessThan(2 * limit);
});

test('what the feed could not read is shown where readiness is', async () => {
  const unreadable = { key: 'left-events/0@7', projection: '', reason: 'unreadable', detail: 'no JSON' } as const;
  await service.held.hold([{ ...unreadable, appliedVersion: 0, seenVersion: 0, since: new Date() }]);
  const { status, body } = await call('GET /readyz?verbose');
  expect((await call('GET /admin/held')).body.items).toMatchObject([{ key: unreadable.key, kind: 'place' }]);
  const parts = ['feed', 'saga-pair', 'saga-hasty', 'held-subjects'];
  const all = body.checks as { name: string; detail: string; data?: object[] }[];
  const checks = all.filter(({ name }) => parts.includes(name));
  expect([status, checks.map(({ name, detail }) => [name, detail])]).toEqual([
    200,
    [
      ['feed', 'no error'],
      ['saga-pair', 'no error'],
      ['saga-hasty', 'no error'],
      ['held-subjects', '1 held'],
    ],
  ]);
  expect(checks[3]?.data).toMatchObject([unreadable]);
});

test('a correlation that there is not is refused, and those that exist are named', async () => {
  for (const path of ['/correlations', '/sagas', `/sagas/${late}`]) {
    const { status, body } = await call(`GET ${path}?name=nobody`);
    expect([path, status, body.code]).toEqual([path, 400, 'invalid-request']);
    expect(body.errors[0]?.detail).toMatch(/"pair".*"hasty"/);
  }
});

test('two conversations with one id: what an operator says reaches the one that is named, and not the first', async () => {
  failing = true;
  const facts = [fact('left', both, { faulty: true }), fact('right', both)];
  await pairs.receive(facts);
  await others.receive(facts);
  const parked = async (name: string) => (await call(`GET /sagas/${both}?name=${name}`)).body.state === 'parked';
  while (!((await parked('pair')) && (await parked('hasty')))) await new Promise((resolve) => setTimeout(resolve, 10));
  const order = await call(`POST /sagas/${both}/abandon?name=hasty`, { reason: 'not needed' });
  expect(order).toMatchObject({ status: 200, body: { saga: 'hasty', state: 'abandoned' } });
  expect((await call(`GET /sagas/${both}`)).body).toMatchObject({ saga: 'pair', state: 'parked' });
  const listed = async (name: string) => (await call(`GET /sagas?state=abandoned&name=${name}`)).body.items;
  expect((await listed('pair')).map(({ id }) => id)).not.toContain(both);
  expect((await listed('hasty')).map(({ id }) => id)).toContain(both);
  failing = false;
  await call(`POST /sagas/${both}/resume`, { reason: 'repaired' });
  await shown('state=complete', [whole, both]);
});

test('a conversation tells its story, and one that is parked goes on when an operator says so', async () => {
  const story = await call(`GET /sagas/${faulty}`);
  const types = (story.body.timeline as { type: string }[]).map(({ type }) => type);
  expect(types).toEqual(['pairFactNoted_v1', 'pairFactNoted_v1', 'pairParked_v1']);
  failing = false;
  expect(await call(`POST /sagas/${faulty}/resume`, { reason: 'repaired' })).toMatchObject({ status: 200 });
  await shown('state=complete', [whole, both, faulty]);
});
