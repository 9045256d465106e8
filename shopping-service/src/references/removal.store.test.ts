// Goal: the cases of docs/references.md, one test each: what the documents say when something is removed before or after it is
// referred to, moved away from and back to, or created again around the API.
// Method: the API and a stranger's events; the ledger is read back for each step.
import { type StartedShoppingService, startTestShoppingService } from '../testing/started-shopping-service.ts';

let shop: StartedShoppingService;
beforeAll(async () => {
  shop = await startTestShoppingService();
});
afterAll(() => shop.close());

const newId = () => crypto.randomUUID();

async function held(referrer: string) {
  const { body } = await shop.call(`GET /references?referrer=${referrer}&target=category`);
  return body.items.map(({ target, sinceVersion, state }) => [target, sinceVersion, state]);
}

async function removedCategory(title = 'Books'): Promise<string> {
  const { id } = await shop.createCategory({ title });
  await shop.call(`DELETE /categories/${id}`);
  await shop.at(`/categories/${id}`, 2);
  return id;
}

test('removed before it is referred to: the reference is removed from its first moment, no placeholder appears', async () => {
  const categoryId = await removedCategory();
  const before = await shop.at(`/categories/${categoryId}`, 2);
  const item = await shop.createItem({ categoryId });
  expect(item.category).toEqual({ id: categoryId, state: 'removed', title: 'Books' });
  await shop.at(`/items/${item.id}`, 1);
  expect(await held(`item-${item.id}`)).toEqual([[`category-${categoryId}`, 1, 'removed']]);
  expect(await shop.at(`/categories/${categoryId}`, 2)).toEqual(before);
});

test('removed before anything else of it is known: removed without a title, and named like any other', async () => {
  const categoryId = newId();
  await shop.strangeHappened(`category-${categoryId}`, 'categoryRemoved_v1');
  expect(await shop.at(`/categories/${categoryId}`, 1)).toEqual({
    id: categoryId,
    state: 'removed',
    version: 1,
    title: '',
  });
  const item = await shop.createItem({ categoryId });
  expect(item.category).toEqual({ id: categoryId, state: 'removed', title: '' });
});

test('removed after it is referred to: the referrer is not written, its reference reads as removed', async () => {
  const { id: categoryId } = await shop.createCategory({ title: 'Toys' });
  const item = await shop.createItem({ categoryId });
  await shop.at(`/items/${item.id}`, 1);
  const document = await shop.db.collection<{ _id: string }>('items').findOne({ _id: `item-${item.id}` });
  await shop.call(`DELETE /categories/${categoryId}`);
  await shop.at(`/categories/${categoryId}`, 2);
  expect(await held(`item-${item.id}`)).toEqual([[`category-${categoryId}`, 1, 'removed']]);
  expect((await shop.at(`/items/${item.id}`, 1)).category).toEqual({ id: categoryId, state: 'removed', title: 'Toys' });
  expect(await shop.db.collection<{ _id: string }>('items').findOne({ _id: `item-${item.id}` })).toEqual(document);
});

test('moved away and back: held since the return', async () => {
  const [first, second] = [newId(), newId()];
  const { id } = await shop.createItem({ categoryId: first });
  await shop.call(`PATCH /items/${id}`, { price: 1 });
  await shop.at(`/items/${id}`, 2);
  expect(await held(`item-${id}`)).toEqual([[`category-${first}`, 1, 'pending']]);
  await shop.call(`PATCH /items/${id}`, { categoryId: second });
  await shop.at(`/items/${id}`, 3);
  expect(await held(`item-${id}`)).toEqual([[`category-${second}`, 3, 'pending']]);
  await shop.call(`PATCH /items/${id}`, { categoryId: first });
  await shop.at(`/items/${id}`, 4);
  const { body } = await shop.call(`GET /references?target=category-${first}`);
  const back = await shop.db.collection('CatalogEvents').findOne({ subject: `item-${id}`, version: 4 });
  expect(body.items).toEqual([
    {
      referrer: `item-${id}`,
      field: 'categoryId',
      target: `category-${first}`,
      since: back?.time.toISOString(),
      sinceVersion: 4,
      state: 'pending',
    },
  ]);
  // Its placeholder stays: somebody named it.
  expect((await shop.call(`GET /categories/${second}`)).body).toMatchObject({ state: 'notYetAvailable', version: 0 });
});

test('created again by a stranger’s event at the next version: available, and its references resolved', async () => {
  const categoryId = await removedCategory();
  const item = await shop.createItem({ categoryId });
  await shop.at(`/items/${item.id}`, 1);
  await shop.strangeHappened(`category-${categoryId}`, 'categoryCreated_v1', { title: 'Books again' });
  const again = { id: categoryId, state: 'available', title: 'Books again' };
  expect(await shop.at(`/categories/${categoryId}`, 3)).toEqual({ ...again, version: 3 });
  expect(await held(`item-${item.id}`)).toEqual([[`category-${categoryId}`, 1, 'resolved']]);
  expect((await shop.at(`/items/${item.id}`, 1)).category).toEqual(again);
  expect((await shop.call(`GET /items?categoryId=${categoryId}`)).body.items).toHaveLength(1);
});

test('news that is not a creation does not revive what was removed', async () => {
  const categoryId = await removedCategory();
  await shop.strangeHappened(`category-${categoryId}`, 'categoryTitleChanged_v1', { title: 'Late' });
  expect(await shop.at(`/categories/${categoryId}`, 3)).toMatchObject({ state: 'removed', title: 'Late' });
});

test('a POST with the id of something removed is refused, also when only items still refer to it', async () => {
  const categoryId = await removedCategory();
  const item = await shop.createItem({ categoryId });
  await shop.call(`DELETE /items/${item.id}`);
  const bodies = {
    categories: { id: categoryId, title: 'Books' },
    items: { id: item.id, title: 'A book', price: 1, categoryId, sellerId: newId() },
  };
  for (const [path, body] of Object.entries(bodies)) {
    const { status, body: problem } = await shop.call(`POST /${path}`, body);
    expect([status, problem.code, problem.errors[0]?.pointer]).toEqual([409, 'id-removed', '/id']);
  }
});

test('a removed referrer holds no reference, and holds them again when a stranger creates it again', async () => {
  const [categoryId, sellerId] = [newId(), newId()];
  const item = await shop.createItem({ categoryId, sellerId });
  await shop.call(`DELETE /items/${item.id}`);
  await shop.at(`/items/${item.id}`, 2);
  for (const filter of [`referrer=item-${item.id}`, `target=category-${categoryId}`, `target=user-${sellerId}`])
    expect((await shop.call(`GET /references?${filter}`)).body.items).toEqual([]);
  await shop.strangeHappened(`item-${item.id}`, 'itemAdded_v1', { title: 'B', price: 1, categoryId, sellerId });
  await shop.at(`/items/${item.id}`, 3);
  expect(await held(`item-${item.id}`)).toEqual([[`category-${categoryId}`, 3, 'pending']]);
});

test('an event of a kind that the shop does not keep creates nothing', async () => {
  const counts = async () =>
    Promise.all(
      ['customers', 'categories', 'items', 'orders', 'Held'].map((name) => shop.db.collection(name).countDocuments()),
    );
  const last = await shop.createCategory();
  await shop.at(`/categories/${last.id}`, 1);
  const before = await counts();
  const stranger = `shelf-${newId()}`;
  const data = { title: 'x', price: 1, categoryId: newId(), sellerId: newId() };
  await shop.strangeHappened(stranger, 'itemAdded_v1', data);
  await shop.strangeHappened(stranger, 'itemRemoved_v1');
  const marker = await shop.createCategory();
  await shop.at(`/categories/${marker.id}`, 1);
  expect(await counts()).toEqual(before.map((count, i) => (i === 1 ? count + 1 : count)));
  expect((await shop.call(`GET /references?target=category-${data.categoryId}`)).body.items).toEqual([]);
  expect((await shop.call(`GET /references?referrer=${stranger}`)).status).toBe(400);
});
