// Goal: own offsets on MongoDB behave as every store of them does. Method: the contract, on a real mongod.
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { ownOffsetsContract } from '../../contract/own-offsets-contract.ts';
import { mongoOwnOffsets, type OffsetsDocument } from './own-offsets.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

let opened = 0;
ownOffsetsContract(() => mongoOwnOffsets(database.db.collection<OffsetsDocument>(`Offsets${++opened}`)));
