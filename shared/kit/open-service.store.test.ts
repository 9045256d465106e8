// Goal: a service on the kit declares its collections, and changes nothing in a database where one of them is somebody else's.
// Method: services opened on a real MongoDB, beside collections that a plain driver client made; a missing right is a failpoint.

import { failCommand } from '../adapters/mongodb/event-store/test-store.ts';
import { collectionMark, connectToMongo, heldForm, openServiceCollections } from '../adapters/mongodb/index.ts';
import { clientSettings, readSettings } from '../config/index.ts';
import { createLogger } from '../http/index.ts';
import { openTestDatabase, type TestDatabase, testMongodbUri, wholeDatabase } from '../testing/workspace/index.ts';
import { openService } from './open-service.ts';
import type { ServiceCollections } from './service-collections.ts';
import { serviceSettings } from './settings.ts';

const collections: ServiceCollections = {
  events: ['ThingEvents'],
  sagas: ['greetings'],
  documents: { things: [{ key: { 'data.name': 1 }, name: 'name' }] },
};

let database: TestDatabase;
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

const config = readSettings(serviceSettings, { MONGODB_URI: testMongodbUri(), LOG_LEVEL: 'silent' });
const open = () =>
  openService({
    name: 'things',
    description: '',
    database: database.db.databaseName,
    collections,
    config,
    logger: createLogger({ name: 'things', level: 'silent' }),
  });

test.each(['Held', 'Checkpoints', 'UntoldEvents', 'ThingEvents', 'things', 'greetings'])(
  'refused, and nothing changed: a collection %s of somebody else',
  async (name) => {
    await database.db.collection(name).insertOne({ ours: true });
    const before = await wholeDatabase(database.db);
    await expect(open()).rejects.toThrow(new RegExp(`: ${name} holds documents .* give things another database`));
    expect(await wholeDatabase(database.db)).toEqual(before);
  },
);

test('all collections carry the mark and have their indexes before anything is stored', async () => {
  const service = await open();
  const made = await wholeDatabase(database.db);
  const names = ['Checkpoints', 'Held', 'ThingEvents', 'UntoldEvents', 'greetings', 'things'];
  expect(made.collections.map(({ name }: { name: string }) => name)).toEqual(names);
  for (const { options } of made.collections) expect(options.validator.$comment).toBe(collectionMark);
  expect((await service.collection('things').indexes()).map(({ name }) => name)).toEqual(['_id_', 'name']);
  await service.client.close();
  await (await open()).client.close();
  expect(await wholeDatabase(database.db)).toEqual(made);
});

test('a collection that was not declared is not opened', async () => {
  const service = await open();
  expect(() => service.collection('others')).toThrow(/collection others is not among/);
  await expect(service.openStore('OtherEvents')).rejects.toThrow(/declare it there/);
  await service.client.close();
});

test.each(['listCollections', 'collMod'])(
  'a missing right to %s is one sentence that names the roles',
  async (command) => {
    await database.db.createCollection('Held');
    const client = await connectToMongo(clientSettings(`${database.appName}-denied-${command}`, config));
    await failCommand(database, client, 1, { failCommands: [command], errorCode: 13 });
    const opening = openServiceCollections(client, client.db(database.db.databaseName), [heldForm], 'Name another.');
    // readWrite alone makes collections, and may not alter the validator of one that is there.
    await expect(opening).rejects.toThrow(
      /^MongoDB does not let the user of MONGODB_URI .* roles readWrite and dbAdmin /,
    );
  },
);
