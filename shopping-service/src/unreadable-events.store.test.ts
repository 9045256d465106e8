// Goal: an event whose text is lost holds its own subject in the embedded shop, of each kind, and nobody else; after a correction a
// retry reaches the copy. Method: a stranger inserts bytes that no driver would send, into every collection of events.
import { insertUnchecked, marker, until, verifyBy } from 'foldline/testing/workspace';
import type { Db } from 'mongodb';
import { type OwnerOfUsers, startOwnerOfUsers } from './testing/owner-of-users.ts';
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

let owner: OwnerOfUsers;
let shop: StartedShoppingService;

beforeAll(async () => {
  owner = await startOwnerOfUsers();
  shop = await startTestShoppingService({ USER_SERVICE_URL: owner.url, VERIFICATION_SETTLE_MS: '50' });
  owner.serve(shop.users);
});
afterAll(async () => {
  await shop?.close();
  await owner?.close();
});

const invalid = [0x61, 0xff, 0xc3, 0x61];

async function insert(db: Db, collection: string, subject: string, type: string, data: object): Promise<void> {
  const version = (await db.collection(collection).countDocuments({ subject })) + 1;
  const event = { specversion: '1.0', id: crypto.randomUUID(), source: '/a-script', type, subject, version };
  const namespace = { db: db.databaseName, collection };
  await insertUnchecked(shop.env.MONGODB_URI as string, namespace, [{ ...event, time: new Date(), data }], invalid);
}

interface Kind {
  readonly model: string;
  readonly events: () => readonly [Db, string];
  readonly make: () => Promise<string>;
  readonly type: string;
  readonly spoilt: object;
  readonly corrected: object;
  readonly path: RegExp;
}

const created = async (path: string, body: object) => (await shop.call(`POST ${path}`, body)).body.id;
const itemId = crypto.randomUUID();
const line = { itemId, quantity: 2 };
const kinds: Record<string, Kind> = {
  customer: {
    model: 'customers',
    events: () => [shop.users, 'UserEvents'],
    make: () => shop.createUser(),
    type: 'userFirstNameChanged_v1',
    spoilt: { firstName: marker },
    corrected: { firstName: 'Augusta' },
    path: /data\.firstName/,
  },
  category: {
    model: 'categories',
    events: () => [shop.db, 'CatalogEvents'],
    make: async () => (await shop.createCategory()).id,
    type: 'categoryTitleChanged_v1',
    spoilt: { title: `T${marker}` },
    corrected: { title: 'Maps' },
    path: /data\.title/,
  },
  item: {
    model: 'items',
    events: () => [shop.db, 'CatalogEvents'],
    make: async () => (await shop.createItem()).id,
    type: 'itemTitleChanged_v1',
    spoilt: { title: 'A map', [marker]: 1 },
    corrected: { title: 'A map' },
    path: /a key in data/,
  },
  order: {
    model: 'orders',
    events: () => [shop.db, 'OrderEvents'],
    make: () => created('/orders', { customerId: crypto.randomUUID(), lines: [line] }),
    type: 'orderPlaced_v1',
    spoilt: { customerId: itemId, lines: [{ ...line, note: marker }] },
    corrected: { customerId: itemId, lines: [line] },
    path: /data\.lines\.0\.note/,
  },
};

test.each(Object.entries(kinds))('%s', async (kind, { model, events, make, type, spoilt, corrected, path }) => {
  const id = await make();
  const subject = `${kind === 'customer' ? 'user' : kind}-${id}`;
  await shop.at(`/${model}/${id}`, 1);
  const [db, collection] = events();
  await insert(db, collection, subject, type, spoilt);
  const held = async () => (await shop.call(`GET /admin/held/${subject}`)).body.held;
  await until(async () => (await held()) !== undefined);
  expect(await held()).toMatchObject({ reason: 'unreadable', appliedVersion: 1, detail: expect.stringMatching(path) });

  const other = await make();
  await shop.at(`/${model}/${other}`, 1);
  const otherCopy = { _id: subject.replace(id, other) as never };
  await shop.db.collection(model).updateOne(otherCopy, { $set: { state: 'removed' } });
  const { state, findings } = await verifyBy(shop.call, model, true);
  expect([state, findings.map((one) => one.subject)]).toEqual(['repaired', [otherCopy._id]]);
  expect((await shop.call(`POST /admin/held/${subject}/retry`)).body.outcome).toBe('held');

  await db.collection(collection).updateOne({ subject, version: 2 }, { $set: { data: corrected } });
  const retry = await shop.call(`POST /admin/held/${subject}/retry`);
  expect(retry).toMatchObject({ status: 200, body: { outcome: 'released' } });
  expect((await shop.at(`/${model}/${id}`, 2)).version).toBe(2);
  expect((await verifyBy(shop.call, model, false)).state).toBe('equal');
});

test.each([
  ['POST /categories', { title: 'A\ufffd' }, '/title'],
  ['POST /items', { title: '\ufffd', price: 1, categoryId: itemId, sellerId: itemId }, '/title'],
  ['POST /categories', { title: 'A\udc00' }, '/title'],
])('%s refuses text that is lost, naming the field', async (route, body, pointer) => {
  expect(await shop.call(route, body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
});
