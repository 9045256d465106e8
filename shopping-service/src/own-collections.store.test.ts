// Goal: shopping-service never changes a database in which somebody else has collections, generations of its models included; its own
// collections carry the mark, and its events the limit of size. Method: collections by a plain driver client; the whole database is
// compared before and after a start that is refused.

import { startService } from 'foldline';
import { createLogger } from 'foldline/fastify';
import { collectionMark } from 'foldline/mongodb';
import { testMongodbUri, uniqueDatabaseName, wholeDatabase } from 'foldline/testing/workspace';
import { type Db, type Document, MongoClient } from 'mongodb';
import { readConfig, shoppingService } from './service.ts';
import { startTestShoppingService } from './testing/started-shopping-service.ts';

jest.setTimeout(60_000);

let client: MongoClient;
let db: Db;
beforeEach(async () => {
  client = await new MongoClient(testMongodbUri()).connect();
  db = client.db(uniqueDatabaseName('team'));
});
afterEach(async () => {
  await db.dropDatabase();
  await client.close();
});

const start = () => {
  const env = { MONGODB_URI: testMongodbUri(), SHOPPING_DATABASE: db.databaseName, LOG_LEVEL: 'silent' };
  const feed = { FEED_COLLECTIONS: `user-events=${db.databaseName}-users.UserEvents` };
  return startService(
    shoppingService,
    readConfig({ ...env, ...feed }),
    createLogger({ name: 'test', level: 'silent' }),
  );
};
const named = (of: Document) => ({ ...of, _id: of._id }) as never;

test.each<[name: string, documents: Document[]]>([
  ['OrderEvents', [{ total: 7 }]],
  ['CatalogEvents', [{ subject: 'letters', version: 1 }]],
  ['customers', [{ _id: 1, name: 'Ada' }]],
  ['orders', [{ _id: 'order-1', version: 1, state: 'paid' }]],
  ['Models', [{ _id: 'T', year: 1908 }]],
  ['Processes', [{ pid: 1 }]],
])('refused, and nothing changed: a collection %s of somebody else', async (name, documents) => {
  await db.collection(name).insertMany(documents.map(named));
  const before = await wholeDatabase(db);
  await expect(start()).rejects.toThrow(
    new RegExp(`database ${db.databaseName} has .*: ${name} holds documents .* SHOPPING_DATABASE`),
  );
  expect(await wholeDatabase(db)).toEqual(before);
});

test('refused: the collection of a live generation that is not the first', async () => {
  const record = { _id: 'items', revision: 3, live: 'items_g2', last: 2, dropping: [] };
  await db.collection('Models').insertOne(named(record));
  await db.collection('items_g2').insertOne(named({ _id: 7 }));
  const before = await wholeDatabase(db);
  await expect(start()).rejects.toThrow(/items_g2 holds documents/);
  expect(await wholeDatabase(db)).toEqual(before);
});

test('every collection that a shop makes has the mark, a new generation too; a foreign one in its place is refused', async () => {
  const shop = await startTestShoppingService();
  await shop.createCategory();
  await shop.db.collection('items_g2').insertOne(named({ _id: 7 }));
  const refused = await shop.call('POST /admin/models/items/rebuild', {});
  expect(JSON.stringify(refused.body)).toContain('items_g2 holds documents that Foldline did not write');
  expect(await shop.db.collection<Document>('items_g2').find().toArray()).toEqual([{ _id: 7 }]);
  await shop.db.collection('items_g2').drop();
  const started = await shop.call('POST /admin/models/categories/rebuild', {});
  expect(started.status).toBeLessThan(300);
  const collections = (await shop.db.listCollections().toArray()) as Document[];
  expect(collections.map(({ name }) => name)).toContain('categories_g2');
  expect(new Set(collections.map(({ options }) => options.validator?.$comment))).toEqual(new Set([collectionMark]));
  await shop.close();
});

test('the first generation is not made again once it was discarded', async () => {
  const record = { _id: 'items', revision: 3, live: 'items_g2', last: 2, dropping: [] };
  await db.collection('Models').insertOne(named(record));
  await db.createCollection('items_g2');
  const shop = await start();
  await shop.app.close();
  await shop.close();
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  expect(names.filter((name) => name.startsWith('items'))).toEqual(['items_g2']);
});

test.each(['category', 'order'])(
  'an event of a %s that is over the limit is refused by its collection',
  async (kind) => {
    const shop = await startTestShoppingService();
    const [subject, title] = [`${kind}-${crypto.randomUUID()}`, 'x'.repeat(300_000)];
    await expect(shop.strangeHappened(subject, 'somethingHappened_v1', { title })).rejects.toMatchObject({ code: 121 });
    await shop.close();
  },
);
