// Goal: what is counted is what was stored and is not in its document, to the event, up to a bound that is told; and what was folded
// long ago costs nothing. Method: a real mongod; documents and events that are written by hand.
import type { Collection } from 'mongodb';
import type { ReadModel, StoredDocument, StoredEvent } from '../../../engine/index.ts';
import { missingIn } from '../../../running/index.ts';
import { eventOf, newSubject } from '../../../testing/index.ts';
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { thingProjection } from '../../../testing/workspace/thing.ts';
import { documentOf } from '../../contract/documents-contract.ts';
import { inMemoryHeldSubjects } from '../../in-memory/index.ts';
import { mongoDocuments } from '../read-model/documents.ts';
import { countBehind } from './count-behind.ts';

jest.setTimeout(30_000);

const limits = { countMax: 1_000, timeoutMs: 5_000 };

let database: TestDatabase;
let events: Collection<StoredEvent>;
let documents: Collection<StoredDocument>;
let looked: number;

beforeAll(async () => {
  database = await openTestDatabase();
  events = database.db.collection<StoredEvent>('Events');
  documents = database.db.collection<StoredDocument>('Things');
});
beforeEach(async () => {
  looked = 0;
  await Promise.all([events.deleteMany({}), documents.deleteMany({})]);
});
afterAll(() => database.close());

const model = (): ReadModel => ({ projection: thingProjection, documents: mongoDocuments(documents) });

function count(given = limits) {
  const missing = missingIn([model()], inMemoryHeldSubjects());
  return countBehind(
    events,
    (positions) => {
      looked += positions.length;
      return missing(positions);
    },
    given,
  );
}

/** Events of new subjects, one each; those that were folded have a document. */
async function happened(total: number, areFolded: boolean): Promise<void> {
  const subjects = Array.from({ length: total }, () => newSubject('thing'));
  await events.insertMany(subjects.map((subject) => eventOf({ subject })));
  if (areFolded) await documents.insertMany(subjects.map((subject) => documentOf(subject, 1)));
}

test('nothing stored, nothing behind', async () => {
  expect(await count()).toEqual({ events: 0, isLeast: false });
});

test('exactly those that are not folded, over more than one page', async () => {
  await happened(300, true);
  await happened(450, false);
  expect(await count()).toEqual({ events: 450, isLeast: false });
});

test('several versions of one subject count each', async () => {
  const subject = newSubject('thing');
  await events.insertMany([1, 2, 3, 4, 5].map((version) => eventOf({ subject, version })));
  await documents.insertOne(documentOf(subject, 2));
  expect(await count()).toEqual({ events: 3, isLeast: false });
});

test('counting stops at its bound, and says whether there are more', async () => {
  await happened(300, false);
  expect(await count({ ...limits, countMax: 250 })).toEqual({ events: 250, isLeast: true });
  expect(await count({ ...limits, countMax: 300 })).toEqual({ events: 300, isLeast: false });
});

test('a long history that was folded is not looked at', async () => {
  await happened(5_000, true);
  await happened(10, false);
  expect(await count()).toEqual({ events: 10, isLeast: false });
  expect(looked).toBeLessThan(500);
});
