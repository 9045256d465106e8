// Goal: what a reader sees of a reference to something removed is the policy of its field, in every body and list, and nothing
// in the store differs by it. Method: the same events under both policies; detach for all fields against the default.
import { type StartedShoppingService, startTestShoppingService } from '../testing/started-shopping-service.ts';

const detachAll = 'categoryId=detach,sellerId=detach,customerId=detach,lines.itemId=detach';
const newId = () => crypto.randomUUID();
let keep: StartedShoppingService;
let detach: StartedShoppingService;
beforeAll(async () => {
  keep = await startTestShoppingService();
  detach = await startTestShoppingService({ REMOVED_REFERENCES: detachAll });
});
afterAll(() => Promise.all([keep.close(), detach.close()]));

/** An order of one item that stays and one that goes, with a category, a seller and a customer that go. */
async function worldIn(shop: StartedShoppingService) {
  const [categoryId, sellerId, customerId] = [newId(), await shop.createUser(), await shop.createUser('Grace')];
  await shop.createCategory({ id: categoryId, title: 'Toys' });
  const stays = await shop.createItem({ title: 'A kite', categoryId, sellerId });
  const goes = await shop.createItem({ title: 'A top', categoryId, sellerId });
  const lines = [stays, goes].map(({ id }) => ({ itemId: id, quantity: 1 }));
  const order = (await shop.call('POST /orders', { customerId, lines })).body;
  await shop.at(`/orders/${order.id}`, 1);
  await shop.at(`/items/${goes.id}`, 1);
  return { categoryId, sellerId, customerId, stays, goes, order };
}

async function removeIn(shop: StartedShoppingService, world: Awaited<ReturnType<typeof worldIn>>): Promise<void> {
  await shop.call(`DELETE /categories/${world.categoryId}`);
  await shop.at(`/categories/${world.categoryId}`, 2);
  await shop.call(`DELETE /items/${world.goes.id}`);
  await shop.at(`/items/${world.goes.id}`, 2);
  for (const user of [world.sellerId, world.customerId]) {
    await shop.userHappened(user, 'userDeleted_v1');
    await shop.at(`/customers/${user}`, 2);
  }
}

const ids = async (shop: StartedShoppingService, route: string) => {
  const { body } = await shop.call(`GET ${route}`);
  expect(body.nextCursor).toBeNull();
  return body.items.map(({ id }) => id);
};

test('until something is removed both policies show the same', async () => {
  const world = await worldIn(detach);
  expect(await detach.at(`/items/${world.stays.id}`, 1)).toMatchObject({
    category: { id: world.categoryId, state: 'available' },
    seller: { id: world.sellerId, state: 'available' },
  });
  expect(await ids(detach, `/items?categoryId=${world.categoryId}`)).toHaveLength(2);
  const pending = newId();
  const item = await detach.createItem({ categoryId: pending });
  await detach.at(`/items/${item.id}`, 1);
  expect(item.category).toMatchObject({ id: pending, state: 'notYetAvailable' });
  expect(await ids(detach, `/items?categoryId=${pending}`)).toEqual([item.id]);
});

test('keep shows what was removed with its last title or name, and lists by it', async () => {
  const world = await worldIn(keep);
  await removeIn(keep, world);
  const category = { id: world.categoryId, state: 'removed', title: 'Toys' };
  const item = await keep.at(`/items/${world.stays.id}`, 1);
  expect(item).toMatchObject({ category, seller: { id: world.sellerId, state: 'removed', name: 'Ada Lovelace' } });
  expect(await keep.at(`/orders/${world.order.id}`, 1)).toMatchObject({
    customer: { id: world.customerId, state: 'removed', name: 'Grace Lovelace' },
    lines: [
      { item: { id: world.stays.id, state: 'available', category } },
      { item: { id: world.goes.id, state: 'removed', title: 'A top', category } },
    ],
  });
  expect(await ids(keep, `/items?categoryId=${world.categoryId}`)).toEqual([world.stays.id]);
  expect(await ids(keep, `/items?sellerId=${world.sellerId}`)).toEqual([world.stays.id]);
  expect(await ids(keep, `/orders?customerId=${world.customerId}`)).toEqual([world.order.id]);
});

test('detach shows null in its place, in nested places too, and leaves it out of the lists of that field', async () => {
  const world = await worldIn(detach);
  await removeIn(detach, world);
  const item = { ...world.stays, category: null, seller: null };
  expect(await detach.at(`/items/${world.stays.id}`, 1)).toEqual(item);
  expect((await detach.call(`PATCH /items/${world.stays.id}`, {})).body).toEqual(item);
  const { id, title, state } = world.stays as unknown as { id: string; title: string; state: string };
  expect(await detach.at(`/orders/${world.order.id}`, 1)).toEqual({
    ...world.order,
    customer: null,
    lines: [
      { quantity: 1, item: { id, title, state, category: null } },
      { quantity: 1, item: null },
    ],
  });
  for (const filter of [`categoryId=${world.categoryId}`, `sellerId=${world.sellerId}`])
    expect(await ids(detach, `/items?${filter}&limit=1`)).toEqual([]);
  expect(await ids(detach, `/orders?customerId=${world.customerId}`)).toEqual([]);
  expect(await ids(detach, '/items?limit=200')).toContain(world.stays.id);
  // Only readers differ: the ledger still knows what the documents hold.
  const held = await detach.call(`GET /references?referrer=item-${world.stays.id}&state=removed`);
  expect(held.body.items.map(({ field }) => field)).toEqual(['categoryId', 'sellerId']);
});
