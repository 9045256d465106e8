// Goal: whatever the store asks is answered from an index, and a read after a version costs the same however long the history.
// Method: the commands that the driver really sent are asked again with `explain`.
import type { CommandStartedEvent, Document } from 'mongodb';
import { type EventStore, readModel, type StoredEvent } from '../../../engine/index.ts';
import { type ComparedSide, wholeForm } from '../../../operations/ports.ts';
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { thingProjection } from '../../../testing/workspace/thing.ts';
import { nameClaim, named, newThing, noted, removed } from '../../contract/things.ts';
import { foldedEvents } from './folded-events.ts';
import { openTestStore } from './test-store.ts';

let database: TestDatabase;
let store: EventStore;
let source: ComparedSide;
const commands: CommandStartedEvent[] = [];
const [long, short] = [newThing(), newThing()];
const many = Array.from({ length: 300 }, newThing);

beforeAll(async () => {
  database = await openTestDatabase();
  const client = await database.connect({ monitorCommands: true });
  let events: Awaited<ReturnType<typeof openTestStore>>['events'];
  ({ store, events } = await openTestStore(database, client));
  await events.insertMany([
    ...Array.from({ length: 3000 }, (_, i) => noted(long, i + 1)),
    ...Array.from({ length: 10 }, (_, i) => noted(short, i + 1)),
    ...many.flatMap((subject, i) => [named(subject, 1, `name-${i}`), noted(subject, 2), noted(subject, 3)]),
  ]);
  const { projection } = readModel(thingProjection, { read: async () => new Map(), write: async () => {} });
  const collection = client.db(database.db.databaseName).collection<StoredEvent>('Events');
  source = foldedEvents(collection, projection, wholeForm);
  client.on('commandStarted', (event) => commands.push(event));
});
afterAll(() => database.close());

interface Explained {
  readonly stages: readonly string[];
  readonly keysExamined: number;
  readonly documentsExamined: number;
}

const asked = ['find', 'aggregate', 'count', 'distinct', 'update', 'delete'];

/** What the server did for the commands that `act` sent, each explained. */
async function explained(act: () => Promise<unknown>): Promise<Explained[]> {
  commands.length = 0;
  await act();
  const sent = commands
    .filter(({ commandName }) => asked.includes(commandName))
    .flatMap(({ command }) => alone(command));
  expect(sent.length).toBeGreaterThan(0);
  return Promise.all(sent.map(explain));
}

/** A bulk of updates as one command each, without what belongs to a session. */
function alone(command: Document): Document[] {
  const { lsid: _l, txnNumber: _t, $clusterTime: _c, $db: _d, readConcern: _r, writeConcern: _w, ...bare } = command;
  return Array.isArray(bare.updates)
    ? bare.updates.map((update: Document) => ({ ...bare, updates: [update] }))
    : [bare];
}

async function explain(command: Document): Promise<Explained> {
  const explanation = await database.db.command({ explain: command, verbosity: 'executionStats' });
  const stats: Document = explanation.executionStats ?? explanation.stages?.[0]?.$cursor?.executionStats;
  const stages: string[] = [];
  JSON.stringify(explanation.queryPlanner ?? explanation.stages, (key, value) => {
    if (key === 'stage') stages.push(value);
    return key === 'rejectedPlans' ? undefined : value;
  });
  expect(stages).not.toContain('COLLSCAN');
  expect(stages.join()).toMatch(/IXSCAN|DISTINCT_SCAN|IDHACK|EOF/);
  return { stages, keysExamined: stats.totalKeysExamined, documentsExamined: stats.totalDocsExamined };
}

const only = async (act: () => Promise<unknown>) => {
  const [first, ...others] = await explained(act);
  expect(others).toEqual([]);
  return first as Explained;
};

test('a read after a version looks at the keys behind it, whatever the length of the history', async () => {
  const atEndOfLong = await only(() => store.read(long, { afterVersion: 2995 }));
  const atEndOfShort = await only(() => store.read(short, { afterVersion: 5 }));
  expect(atEndOfLong).toEqual(atEndOfShort);
  expect(atEndOfLong.keysExamined).toBeLessThanOrEqual(6);
  expect(atEndOfLong.documentsExamined).toBe(5);
  expect(atEndOfLong.stages).not.toContain('SORT');
});

test('a page of a range looks at a page of keys', async () => {
  const page = await only(() => store.read(long, { afterVersion: 100, upToVersion: 2000, limit: 50 }));
  expect(page.keysExamined).toBeLessThanOrEqual(51);
  expect(page.stages).not.toContain('SORT');
});

test('what is behind many documents is one indexed query', async () => {
  const equal = await only(() => store.readLater(new Map(many.map((subject) => [subject, 1]))));
  expect(equal.documentsExamined).toBe(600);
  const different = await only(() =>
    store.readLater(new Map([[long, 2990], ...many.map((subject, i) => [subject, i % 3] as const)])),
  );
  expect(different.documentsExamined).toBe(10 + 600);
});

test('heads jump from subject to subject instead of walking through a history', async () => {
  const heads = await only(() => store.heads([long, short, ...many.slice(0, 50)]));
  expect(heads.stages).toContain('DISTINCT_SCAN');
  expect(heads.keysExamined).toBeLessThan(200);
});

test('a verification walks through the events in order, and looks for subjects by jumping', async () => {
  const scan = { signal: new AbortController().signal };
  const { stages } = await only(() => source.digests(2, scan));
  expect(stages).not.toContain('SORT');
  const subjects = await only(() => source.entries(2, [], scan));
  expect(subjects.stages).toContain('DISTINCT_SCAN');
  expect(subjects.keysExamined).toBeLessThan(2 * 310);
});

test('as of a time, and by a claim', async () => {
  for (const { stages } of await explained(() => store.readAsOf(short, new Date(0))))
    expect(stages).not.toContain('SORT');
  for (const { keysExamined } of await explained(() => store.findByClaim(nameClaim('name-7'))))
    expect(keysExamined).toBeLessThanOrEqual(1);
});

test('who holds many claims is one seek for each', async () => {
  const all = await explained(() => store.holders(many.slice(0, 50).map((_, i) => nameClaim(`name-${i + 100}`))));
  for (const { keysExamined } of all) expect(keysExamined).toBeLessThanOrEqual(150);
});

test('an append with all that settles it: predecessor, place, head, holder, later events, release', async () => {
  const subject = many[0] as string;
  const all = await explained(async () => {
    expect((await store.append([noted(long, 3001)])).kind).toBe('stored');
    expect((await store.append([noted(long, 17)])).kind).toBe('version-conflict');
    expect((await store.append([noted(subject, 9)])).kind).toBe('version-conflict');
    expect((await store.append([named(newThing(), 1, 'name-1')])).kind).toBe('claim-conflict');
    await store.append([removed(subject, 4)]);
    expect((await store.append([named(newThing(), 1, 'name-0')])).kind).toBe('stored');
  });
  for (const { keysExamined } of all) expect(keysExamined).toBeLessThan(20);
});

test('late claims', async () => {
  const all = await explained(() =>
    store.claimLate([{ claim: nameClaim('late'), subject: many[3] as string, version: 2 }]),
  );
  for (const { keysExamined } of all) expect(keysExamined).toBeLessThan(5);
});
