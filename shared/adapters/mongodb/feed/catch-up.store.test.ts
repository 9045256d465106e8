// Goal: a document of an older fold is folded anew in place, and no reader sees its version go back, whatever the batches are.
// Method: a real collection of events, batches smaller than a life, and every document that is written between two of them.
import { createProjector, readModel, type StoredDocument, type StoredEvent } from '../../../engine/index.ts';
import { holdingNothing } from '../../../operations/ports.ts';
import { eventsOf, newSubject, silentLogger, testClock } from '../../../testing/index.ts';
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { thingProjection } from '../../../testing/workspace/thing.ts';
import { mongoDocuments } from '../read-model/documents.ts';
import { catchUpByScanning } from './catch-up.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });

test('a life longer than a batch is folded anew as a whole; its document stays until then', async () => {
  const events = database.db.collection<StoredEvent>('Events');
  const collection = database.db.collection<StoredDocument>('Things');
  const [one, other] = [newSubject('thing'), newSubject('thing')];
  const lives = [one, other].map((subject) => eventsOf(subject, ['a', 'b', 'c', 'd', 'e'].map(named)));
  await events.insertMany(lives.flat());
  const at = (foldVersion: number) => readModel({ ...thingProjection, foldVersion }, mongoDocuments(collection));
  const ports = { held: holdingNothing, clock: testClock(), log: silentLogger };
  const applying = (foldVersion: number) => createProjector({ ...ports, models: [at(foldVersion)] });
  await applying(1).apply(lives.flat().map((event) => ({ source: 'events', position: '', event })));

  const seen: number[] = [];
  const batches: number[] = [];
  const { apply } = applying(2);
  await catchUpByScanning(
    { source: 'events', events, models: [at(2)], subjectsPerPage: 10, batchEventsMax: 2 },
    async (items) => {
      batches.push(items.length);
      await apply(items);
      for (const { version } of await collection.find().toArray()) seen.push(version);
    },
    new AbortController().signal,
  );
  expect(batches).toEqual([5, 5]);
  expect([...new Set(seen)]).toEqual([5]);
  expect(await collection.find().toArray()).toMatchObject([
    { version: 5, foldVersion: 2, data: { name: 'e' } },
    { version: 5, foldVersion: 2, data: { name: 'e' } },
  ]);
});
