// Goal: what many refer to is changed by one write. Method: a category with 100,000 items is renamed and removed through the
// routes and folded by the projector; the server's own profiler lists every write to the shop's database meanwhile.
import { randomUUID } from 'node:crypto';
import { fold, type StoredDocument, subjectOf } from 'foldline/engine';
import { eventOf } from 'foldline/testing';
import type { Db } from 'mongodb';
import { itemProjection } from './catalogue/item.ts';
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

const itemCount = 100_000;
const itemsAtOnce = 10_000;
const pageLimit = 200;
/** How far the feed has come, and that the process lives, is noted now and then; these are no writes that a change causes. */
const housekeeping = ['Checkpoints', 'Processes'];

let shop: StartedShoppingService;
let categoryId: string;
const itemIds = Array.from({ length: itemCount }, () => randomUUID());

beforeAll(async () => {
  shop = await startTestShoppingService();
  categoryId = (await shop.createCategory({ title: 'Books' })).id;
  await shop.at(`/categories/${categoryId}`, 1);
  await fillWithItems(shop.db, await shop.createUser());
}, 120_000);

afterAll(() => shop.close(), 60_000);

test('a category with 100,000 items is renamed by one event and one document, and every item shows it at once', async () => {
  const writes = await writesDuring(shop.db, async () => {
    const { status } = await shop.call(`PATCH /categories/${categoryId}`, { title: 'Novels' });
    expect(status).toBe(200);
    await shop.at(`/categories/${categoryId}`, 2);
    await expectItemsToShow({ id: categoryId, state: 'available', title: 'Novels' });
  });
  expect(writes).toEqual(['CatalogEvents: 1 inserted', 'categories: 1 replaced']);
}, 60_000);

test('it is removed by one event and one document, and every item shows that at once', async () => {
  const writes = await writesDuring(shop.db, async () => {
    const { status } = await shop.call(`DELETE /categories/${categoryId}`);
    expect(status).toBe(204);
    await shop.at(`/categories/${categoryId}`, 3);
    await expectItemsToShow({ id: categoryId, state: 'removed', title: 'Novels' });
  });
  expect(writes).toEqual(['CatalogEvents: 1 inserted', 'categories: 1 replaced']);
}, 60_000);

test('the profiler sees what a careless change would write', async () => {
  const writes = await writesDuring(shop.db, async () => {
    const items = shop.db.collection<StoredDocument>('items');
    const two = itemIds.slice(0, 2).map((id) => subjectOf('item', id));
    await items.updateMany({ _id: { $in: two } }, { $set: { 'data.title': 'X' } });
    await items.findOneAndUpdate({ _id: two[0] as string }, { $set: { 'data.title': 'Y' } });
    await items.deleteOne({ _id: two[1] as string });
  });
  expect(writes).toEqual(['items: 1 changed by findAndModify', 'items: 1 removed', 'items: 2 replaced']);
}, 60_000);

/** Items as the projector would have left them, each from its own event. */
async function fillWithItems(db: Db, sellerId: string): Promise<void> {
  for (let i = 0; i < itemCount; i += itemsAtOnce) {
    const documents = itemIds.slice(i, i + itemsAtOnce).map((id, n) => {
      const data = { title: `Book ${i + n}`, price: n, categoryId, sellerId };
      const event = eventOf({ subject: subjectOf('item', id), type: 'itemAdded_v1', data });
      return fold(itemProjection, undefined, [event]).document as StoredDocument;
    });
    await db.collection<StoredDocument>('items').insertMany(documents, { ordered: false });
  }
}

interface ShownItem {
  readonly category: object;
}

async function expectItemsToShow(category: object): Promise<void> {
  const { status, body } = await shop.call(`GET /items?categoryId=${categoryId}&limit=${pageLimit}`);
  expect(status).toBe(200);
  const listed = body.items as readonly object[] as readonly ShownItem[];
  expect(listed).toHaveLength(pageLimit);
  const sample = itemIds.filter((_, i) => i % (itemCount / 20) === 0);
  const single = await Promise.all(sample.map((id) => shop.call(`GET /items/${id}`)));
  const shown = [...listed, ...single.map((answer) => answer.body as object as ShownItem)];
  expect(shown.filter((item) => JSON.stringify(item.category) !== JSON.stringify(category))).toEqual([]);
}

interface ProfiledWrite {
  readonly ns: string;
  readonly op: string;
  readonly command?: { readonly findAndModify?: string };
  readonly ninserted?: number;
  readonly nModified?: number;
  readonly ndeleted?: number;
}

/** What the server wrote into the database meanwhile, one line for each collection and way of writing. */
async function writesDuring(db: Db, work: () => Promise<void>): Promise<string[]> {
  const isWrite = [{ op: { $in: ['insert', 'update', 'remove'] } }, { 'command.findAndModify': { $exists: true } }];
  const profile = db.collection<ProfiledWrite>('system.profile');
  await db.command({ profile: 1, filter: { $or: isWrite } });
  try {
    await work();
  } finally {
    await db.command({ profile: 0, filter: 'unset' });
  }
  const profiled = await profile.find().toArray();
  await profile.drop();
  const counts = new Map<string, number>();
  for (const { ns, op, command, ninserted = 0, nModified = 0, ndeleted = 0 } of profiled) {
    const collection = ns.slice(ns.indexOf('.') + 1);
    if (housekeeping.includes(collection)) continue;
    const way = { insert: 'inserted', update: 'replaced', remove: 'removed' }[op] ?? 'changed by findAndModify';
    const what = `${collection}: ${way}`;
    counts.set(what, (counts.get(what) ?? 0) + (command?.findAndModify ? nModified : ninserted + nModified + ndeleted));
  }
  return [...counts].map(([what, count]) => what.replace(': ', `: ${count} `)).sort();
}
