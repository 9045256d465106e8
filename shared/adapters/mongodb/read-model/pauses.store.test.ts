// Goal: pauses on MongoDB behave as every store of pauses does. Method: the contract, on a real mongod.
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { pausesContract } from '../../contract/pauses-contract.ts';
import { mongoPauses, type PauseDocument } from './pauses.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

pausesContract('MongoDB', async () => mongoPauses(database.db.collection<PauseDocument>('Pauses')));
