// Goal: the MongoDB store keeps the port's promises.
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { eventStoreContract } from '../../contract/event-store-contract.ts';
import { openMongoEventStore } from './event-store.ts';
import { storeLimits } from './test-store.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

eventStoreContract('MongoDB', ({ claimRules, eventBytesMax }) =>
  openMongoEventStore({
    client: database.client,
    db: database.db,
    collection: 'Events',
    claimRules,
    limits: { ...storeLimits, eventBytesMax },
  }),
);
