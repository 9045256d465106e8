// Goal: documents, held subjects and saga instances on MongoDB keep their ports' promises.
import type { StoredDocument } from '../../engine/index.ts';
import { openTestDatabase, type TestDatabase, uniqueDatabaseName } from '../../testing/index.ts';
import { documentsContract } from '../contract/documents-contract.ts';
import { heldSubjectsContract } from '../contract/held-subjects-contract.ts';
import { sagaInstancesContract } from '../contract/saga-instances-contract.ts';
import { mongoDocuments } from './documents.ts';
import { type HeldDocument, mongoHeldSubjects } from './held-subjects.ts';
import { openSagaInstances } from './saga-instances.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

documentsContract('MongoDB', async () => mongoDocuments(database.db.collection<StoredDocument>('Things')));
heldSubjectsContract('MongoDB', async () =>
  mongoHeldSubjects(database.db.collection<HeldDocument>(uniqueDatabaseName('held'))),
);
sagaInstancesContract('MongoDB', () =>
  openSagaInstances(database.db.collection<StoredDocument>(uniqueDatabaseName('sagas'))),
);
