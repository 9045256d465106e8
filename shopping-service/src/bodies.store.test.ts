// Goal: customers, categories, items and orders read exactly as the contract shows them, whatever is known of what they
// refer to, and are filled in as news arrives (law 7: what joins several subjects is computed on read).
// Method: subjects created in the wrong order; every body compared whole. Nothing in one may hold a clock or a place.
import { readAllPages } from 'foldline/testing';
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

let shop: StartedShoppingService;
beforeAll(async () => {
  shop = await startTestShoppingService();
});
afterAll(() => shop.close());

const newId = () => crypto.randomUUID();
const unknown = 'Not yet available';

describe('a customer', () => {
  test('is copied from the events of its user, in every state', async () => {
    const id = newId();
    await shop.userHappened(id, 'userCreated_v1', { name: 'Ada King Lovelace', email: 'ada@example.org' });
    const created = { id, state: 'available', firstName: 'Ada King', lastName: 'Lovelace', email: 'ada@example.org' };
    expect(await shop.at(`/customers/${id}`, 1)).toEqual({ ...created, version: 1 });
    await shop.userHappened(id, 'userEmailChanged_v1', { email: 'ADA@example.org' });
    await shop.userHappened(id, 'userGreeted_v1', {});
    expect(await shop.at(`/customers/${id}`, 3)).toEqual({ ...created, email: 'ADA@example.org', version: 3 });
    await shop.userHappened(id, 'userDeleted_v1');
    expect(await shop.at(`/customers/${id}`, 4)).toEqual({
      ...created,
      state: 'removed',
      email: 'ADA@example.org',
      version: 4,
    });
  });

  test('that was named and not heard of is a placeholder', async () => {
    const id = newId();
    const item = await shop.createItem({ sellerId: id });
    await shop.at(`/items/${item.id}`, 1);
    const { status, headers, body } = await shop.call(`GET /customers/${id}`);
    expect([status, headers.etag]).toEqual([200, '"0"']);
    const nothing = { firstName: null, lastName: null, email: null };
    expect(body).toEqual({ id, state: 'notYetAvailable', version: 0, ...nothing });
  });

  test.each([
    [{ firstName: 'Ada', lastName: '' }, 'Ada'],
    [{ firstName: 'Ada', lastName: 'Lovelace' }, 'Ada Lovelace'],
  ])('%j is named %j', async (names, name) => {
    const sellerId = newId();
    await shop.userHappened(sellerId, 'userCreated_v2', { ...names, email: 'a@b' });
    await shop.at(`/customers/${sellerId}`, 1);
    expect((await shop.createItem({ sellerId })).seller).toEqual({ id: sellerId, state: 'available', name });
  });
});

test.each(['customers', 'categories', 'items', 'orders'])('%s that nobody named answer 404', async (kind) => {
  expect(await shop.call(`GET /${kind}/${newId()}`)).toMatchObject({ status: 404, body: { code: 'not-found' } });
});

describe('an item', () => {
  test('is accepted before its category and its seller are, and filled in when they come', async () => {
    const [categoryId, sellerId] = [newId(), newId()];
    const created = await shop.call('POST /items', { title: ' A book ', price: 1250, categoryId, sellerId });
    const { id } = created.body;
    const early = {
      id,
      state: 'available',
      version: 1,
      title: 'A book',
      price: 1250,
      category: { id: categoryId, state: 'notYetAvailable', title: unknown },
      seller: { id: sellerId, state: 'notYetAvailable', name: unknown },
    };
    expect([created.status, created.headers.location, created.headers.etag]).toEqual([201, `/items/${id}`, '"1"']);
    expect(created.body).toEqual(early);
    expect(await shop.at(`/items/${id}`, 1)).toEqual(early);
    expect((await shop.call(`GET /categories/${categoryId}`)).body).toEqual({
      id: categoryId,
      state: 'notYetAvailable',
      version: 0,
      title: unknown,
    });

    await shop.createCategory({ id: categoryId, title: 'Books' });
    await shop.at(`/categories/${categoryId}`, 1);
    await shop.userHappened(sellerId, 'userCreated_v2', { firstName: 'Ada', lastName: 'Lovelace', email: 'x@y' });
    await shop.at(`/customers/${sellerId}`, 1);
    const filled = {
      ...early,
      category: { id: categoryId, state: 'available', title: 'Books' },
      seller: { id: sellerId, state: 'available', name: 'Ada Lovelace' },
    };
    expect(await shop.at(`/items/${id}`, 1)).toEqual(filled);

    await shop.call(`DELETE /categories/${categoryId}`);
    await shop.at(`/categories/${categoryId}`, 2);
    await shop.userHappened(sellerId, 'userDeleted_v1');
    await shop.at(`/customers/${sellerId}`, 2);
    expect(await shop.at(`/items/${id}`, 1)).toEqual({
      ...filled,
      category: { ...filled.category, state: 'removed' },
      seller: { ...filled.seller, state: 'removed' },
    });
  });

  test('that an order named first is a placeholder', async () => {
    const itemId = newId();
    const order = await shop.call('POST /orders', { customerId: newId(), lines: [{ itemId, quantity: 1 }] });
    await shop.at(`/orders/${order.body.id}`, 1);
    expect((await shop.call(`GET /items/${itemId}`)).body).toEqual({
      id: itemId,
      state: 'notYetAvailable',
      version: 0,
      title: unknown,
      price: null,
      category: null,
      seller: null,
    });
  });

  test('that was removed keeps its title, its price and its references', async () => {
    const item = await shop.createItem();
    await shop.call(`DELETE /items/${item.id}`);
    expect(await shop.at(`/items/${item.id}`, 2)).toEqual({ ...item, state: 'removed', version: 2 });
  });
});

test('an order is a chain: its customer, its items, their categories, each in its own state', async () => {
  const customerId = await shop.createUser();
  const category = await shop.createCategory({ title: 'Toys' });
  const item = await shop.createItem({ title: 'A kite', categoryId: category.id });
  const removed = await shop.createItem({ title: 'A top', categoryId: category.id });
  await shop.call(`DELETE /items/${removed.id}`);
  await shop.at(`/items/${removed.id}`, 2);
  await shop.at(`/items/${item.id}`, 1);
  await shop.at(`/categories/${category.id}`, 1);
  const lines = [
    { itemId: item.id, quantity: 2 },
    { itemId: newId(), quantity: 1 },
    { itemId: removed.id, quantity: 10_000 },
    { itemId: item.id, quantity: 3 },
  ];
  const placed = await shop.call('POST /orders', { customerId, lines });
  const { id } = placed.body;
  expect([placed.status, placed.headers.location, placed.headers.etag]).toEqual([201, `/orders/${id}`, '"1"']);
  const toys = { id: category.id, state: 'available', title: 'Toys' };
  const kite = { id: item.id, state: 'available', title: 'A kite', category: toys };
  const whole = {
    id,
    state: 'available',
    version: 1,
    customer: { id: customerId, state: 'available', name: 'Ada Lovelace' },
    lines: [
      { quantity: 2, item: kite },
      { quantity: 1, item: { id: lines[1]?.itemId, state: 'notYetAvailable', title: unknown, category: null } },
      { quantity: 10_000, item: { id: removed.id, state: 'removed', title: 'A top', category: toys } },
      { quantity: 3, item: kite },
    ],
  };
  expect(placed.body).toEqual(whole);
  expect(await shop.at(`/orders/${id}`, 1)).toEqual(whole);
  expect((await shop.call('GET /orders?limit=200')).body.items).toContainEqual(whole);
});

describe('lists', () => {
  test('show what is available, by the reference they are asked for', async () => {
    const sellerId = await shop.createUser();
    const category = await shop.createCategory();
    const fields = { sellerId, categoryId: category.id };
    const items = [];
    for (let i = 0; i < 5; i += 1) items.push(await shop.createItem(fields));
    const [first, second, ...others] = items.map(({ id }) => id);
    const elsewhere = newId();
    await shop.call(`DELETE /items/${first}`);
    await shop.call(`PATCH /items/${second}`, { categoryId: elsewhere });
    for (const id of [first, second]) await shop.at(`/items/${id}`, 2);
    await shop.at(`/items/${others.at(-1)}`, 1);
    const listed = async (route: string) => (await shop.call(`GET ${route}`)).body.items.map(({ id }) => id);
    expect(await listed(`/items?categoryId=${category.id}`)).toEqual([...others].sort());
    expect(await listed(`/items?sellerId=${sellerId}`)).toEqual([second, ...others].sort());
    expect(await listed(`/items?sellerId=${sellerId}&categoryId=${elsewhere}`)).toEqual([second]);
    expect(await listed(`/items?categoryId=${newId()}`)).toEqual([]);
    const all = await listed('/categories?limit=200');
    expect([all.includes(category.id), all.includes(elsewhere)]).toEqual([true, false]);
    expect(await listed('/customers?limit=200')).toContain(sellerId);
  });

  test('page through an order list of one customer', async () => {
    const customerId = newId();
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { body } = await shop.call('POST /orders', { customerId, lines: [{ itemId: newId(), quantity: 1 }] });
      ids.push(body.id);
      await shop.at(`/orders/${body.id}`, 1);
    }
    const pages = await readAllPages(shop.call, `GET /orders?customerId=${customerId}&limit=2`);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat().map(({ id }) => id)).toEqual(ids.sort());
  });
});
