// Goal: completeness on MongoDB behaves as every store of it does. Method: the contract, on a real mongod.
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { completenessContract } from '../../contract/completeness-contract.ts';
import { type CompletenessDocument, mongoCompleteness } from './completeness.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

let opened = 0;
completenessContract(() => mongoCompleteness(database.db.collection<CompletenessDocument>(`Completeness${++opened}`)));
