// Goal: documents, copies, held subjects, saga instances and generations on MongoDB keep their ports' promises.
import { detailCharactersMax, type StoredDocument } from '../../../engine/index.ts';
import { wholeForm } from '../../../operations/ports.ts';
import { openTestDatabase, type TestDatabase, uniqueDatabaseName } from '../../../testing/workspace/index.ts';
import { copiesContract } from '../../contract/copies-contract.ts';
import { documentsContract } from '../../contract/documents-contract.ts';
import { heldSubjectsContract } from '../../contract/held-subjects-contract.ts';
import { modelStoreContract } from '../../contract/model-store-contract.ts';
import { sagaInstancesContract } from '../../contract/saga-instances-contract.ts';
import { sagaInstancesForm } from '../collection-forms.ts';
import { openCollections } from '../own-collections.ts';
import { mongoCopies } from './copies.ts';
import { mongoDocuments } from './documents.ts';
import { type HeldDocument, heldPagesOf, mongoHeldSubjects } from './held-subjects.ts';
import { openMongoModelStore } from './model-store.ts';
import { mongoSagaInstances } from './saga-instances.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

documentsContract('MongoDB', async () => mongoDocuments(database.db.collection<StoredDocument>('Things')));
copiesContract('MongoDB', async () => {
  const collection = database.db.collection<StoredDocument>(uniqueDatabaseName('copies'));
  return {
    copies: mongoCopies(collection, { foldVersion: 1 }, wholeForm),
    documents: mongoDocuments(collection),
    async putByHand({ _id, ...document }) {
      await collection.replaceOne({ _id }, document, { upsert: true });
    },
  };
});
heldSubjectsContract('MongoDB', async () =>
  mongoHeldSubjects(database.db.collection<HeldDocument>(uniqueDatabaseName('held'))),
);
modelStoreContract('MongoDB', () => openMongoModelStore(database.db));
sagaInstancesContract('MongoDB', async () => {
  const name = uniqueDatabaseName('sagas');
  await openCollections(database.db, [sagaInstancesForm(name)]);
  return mongoSagaInstances(database.db.collection<StoredDocument>(name));
});

test('a detail that an earlier release stored without a bound is answered with one', async () => {
  const collection = database.db.collection<HeldDocument>(uniqueDatabaseName('held'));
  const place = { projection: '', appliedVersion: 0, seenVersion: 0, reason: 'unreadable', since: new Date() } as const;
  await collection.insertOne({ ...place, _id: 'things/0@1', detail: 'x'.repeat(600_000), attempts: 1 });
  const held = mongoHeldSubjects(collection);
  const found = [
    ...(await held.list(1)),
    ...(await held.among(['things/0@1'])).values(),
    ...(await heldPagesOf(collection).after(undefined, 1)),
  ];
  expect(found.map(({ detail }) => detail.length)).toEqual([1, 2, 3].map(() => detailCharactersMax));
});
