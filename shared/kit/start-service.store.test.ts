// Goal: a service of the kit declares its collections, and changes nothing in a database where one of them is somebody else's.
// Method: services opened on a real MongoDB, beside collections that a plain driver client made; a missing right is a failpoint.

import { failCommand } from '../adapters/mongodb/event-store/test-store.ts';
import { collectionMark, connectToMongo, heldForm, openServiceCollections } from '../adapters/mongodb/index.ts';
import { clientSettings } from '../config/index.ts';
import type { Correlation } from '../engine/index.ts';
import { createLogger } from '../http/index.ts';
import { openTestDatabase, type TestDatabase, wholeDatabase } from '../testing/workspace/index.ts';
import { thingProjection } from '../testing/workspace/thing.ts';
import { defineService } from './definition.ts';
import { startService } from './start-service.ts';
import { testConfig, testDeclaration } from './testing/test-service.ts';

const indexes = [{ key: { 'data.name': 1 }, name: 'name' }] as const;
const correlation: Correlation = {
  name: 'greeting',
  stem: 'greeting',
  source: '/test',
  timeLimitMs: 60_000,
  facts: { asked: { filledBy: 'thingNamed_v2' } },
  created: () => ({ type: 'greetingSaid_v1', data: {} }),
  idFor: (correlationid) => correlationid,
};
const things = defineService({
  ...testDeclaration,
  stores: { own: { collection: 'ThingEvents', topic: 'thing-events', kinds: ['thing'] } },
  models: { things: { projection: thingProjection, from: { store: 'own' }, indexes } },
  correlations: { greetings: { store: 'own', open: () => correlation } },
});

let database: TestDatabase;
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

const config = testConfig();
const logger = createLogger({ name: 'things', level: 'silent' });
const open = (definition = things) =>
  startService(definition, { ...config, DATABASE: database.db.databaseName }, logger);
const stop = async ({ app, close }: Awaited<ReturnType<typeof open>>) => {
  await app.close();
  await close();
};

test.each(['Held', 'Checkpoints', 'Completeness', 'Offsets', 'UntoldEvents', 'ThingEvents', 'things', 'greetings'])(
  'refused, and nothing changed: a collection %s of somebody else',
  async (name) => {
    await database.db.collection(name).insertOne({ ours: true });
    const before = await wholeDatabase(database.db);
    await expect(open()).rejects.toThrow(new RegExp(`: ${name} holds documents .* Name another database in DATABASE`));
    expect(await wholeDatabase(database.db)).toEqual(before);
  },
);

test('all collections carry the mark and have their indexes before anything is stored', async () => {
  const service = await open();
  const made = await wholeDatabase(database.db);
  const names = [
    'Checkpoints',
    'Completeness',
    'Held',
    'Models',
    'Offsets',
    'Pauses',
    'Processes',
    'ThingEvents',
    'UntoldEvents',
    'greetings',
    'things',
  ];
  expect(made.collections.map(({ name }: { name: string }) => name)).toEqual(names);
  for (const { options } of made.collections) expect(options.validator.$comment).toBe(collectionMark);
  expect((await database.db.collection('things').indexes()).map(({ name }) => name)).toEqual(['_id_', 'name']);
  await stop(service);
  const stopped = await wholeDatabase(database.db);
  await stop(await open());
  const again = await wholeDatabase(database.db);
  expect(again.collections).toEqual(stopped.collections);
  expect(stopped.collections).toEqual(made.collections);
});

test.each([
  ['a model', { ...things, models: { things: { projection: thingProjection, from: { store: 'others' } } } }],
  ['a correlation', { ...things, correlations: { greetings: { store: 'others', open: () => correlation } } }],
])('%s in a store that was not declared is not opened', async (_, definition) => {
  await expect(open(definition as typeof things)).rejects.toThrow(
    /names the store others, which is not declared: add others to stores/,
  );
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
