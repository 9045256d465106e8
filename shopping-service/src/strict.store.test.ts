// Goal: with strict=true a reference to what is not available is refused, naming the field; without it, it is accepted.
// Method: placeholders, unknown ids and removed subjects in every place that can name one, on POST and PATCH.
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

let shop: StartedShoppingService;
const ids = {
  category: { available: '', placeholder: '', unknown: crypto.randomUUID(), removed: '' },
  user: { available: '', placeholder: '', unknown: crypto.randomUUID(), removed: '' },
  item: { available: '', placeholder: '', unknown: crypto.randomUUID(), removed: '' },
};
const bad = ['placeholder', 'unknown', 'removed'] as const;

beforeAll(async () => {
  shop = await startTestShoppingService();
  ids.user.available = await shop.createUser();
  ids.user.removed = await shop.createUser();
  await shop.userHappened(ids.user.removed, 'userDeleted_v1');
  await shop.at(`/customers/${ids.user.removed}`, 2);
  ids.category.available = (await shop.createCategory()).id;
  ids.category.removed = (await shop.createCategory()).id;
  await shop.call(`DELETE /categories/${ids.category.removed}`);
  ids.category.placeholder = crypto.randomUUID();
  ids.user.placeholder = crypto.randomUUID();
  ids.item.placeholder = crypto.randomUUID();
  const references = { categoryId: ids.category.placeholder, sellerId: ids.user.placeholder };
  ids.item.available = (await shop.createItem(references)).id;
  ids.item.removed = (await shop.createItem()).id;
  await shop.call(`DELETE /items/${ids.item.removed}`);
  const lines = [{ itemId: ids.item.placeholder, quantity: 1 }];
  const order = await shop.call('POST /orders', { customerId: ids.user.placeholder, lines });
  await shop.at(`/orders/${order.body.id}`, 1);
  await shop.at(`/items/${ids.item.available}`, 1);
});
afterAll(() => shop.close());

const item = (fields: object) => ({
  title: 'A book',
  price: 1,
  categoryId: ids.category.available,
  sellerId: ids.user.available,
  ...fields,
});
const order = (fields: object) => ({
  customerId: ids.user.available,
  lines: [{ itemId: ids.item.available, quantity: 1 }],
  ...fields,
});

describe.each(bad)('a reference that is %s', (state) => {
  test.each([
    ['POST /items', '/categoryId', () => item({ categoryId: ids.category[state] })],
    ['POST /items', '/sellerId', () => item({ sellerId: ids.user[state] })],
    ['PATCH /items/:id', '/categoryId', () => ({ categoryId: ids.category[state] })],
    ['POST /orders', '/customerId', () => order({ customerId: ids.user[state] })],
    [
      'POST /orders',
      '/lines/1/itemId',
      () => order({ lines: [ids.item.available, ids.item[state]].map((itemId) => ({ itemId, quantity: 1 })) }),
    ],
  ])('%s is refused at %s, and accepted without strict', async (pattern, pointer, body) => {
    const { id } = await shop.createItem();
    const route = pattern.replace(':id', id);
    const refused = await shop.call(`${route}?strict=true`, body());
    expect([refused.status, refused.body.code]).toEqual([422, 'reference-unknown']);
    expect(refused.body.errors.map((error) => error.pointer)).toEqual([pointer]);
    if (pattern.startsWith('PATCH')) expect(await shop.typesOf(`item-${id}`)).toHaveLength(1);
    for (const query of ['', '?strict=false'])
      expect((await shop.call(`${route}${query}`, body())).status).toBeLessThan(300);
  });
});

test('every faulty reference is named at once', async () => {
  const { body } = await shop.call(
    'POST /items?strict=true',
    item({ categoryId: ids.category.removed, sellerId: ids.user.unknown }),
  );
  expect(body.errors.map(({ pointer }) => pointer)).toEqual(['/categoryId', '/sellerId']);
});

test('what is available is accepted, also when it was created a moment ago', async () => {
  const category = await shop.createCategory();
  const created = await shop.call('POST /items?strict=true', item({ categoryId: category.id }));
  expect(created.status).toBe(201);
  const lines = [{ itemId: created.body.id, quantity: 1 }];
  expect((await shop.call('POST /orders?strict=true', order({ lines }))).status).toBe(201);
});

test('a change that names no reference is not refused for the ones it has', async () => {
  const { id } = await shop.createItem({ categoryId: ids.category.removed });
  expect((await shop.call(`PATCH /items/${id}?strict=true`, { title: 'Other' })).status).toBe(200);
});

test('a repeat is answered as the first although the reference is gone meanwhile; another query is another request', async () => {
  const category = await shop.createCategory();
  const body = item({ categoryId: category.id });
  const key = { 'idempotency-key': 'strictly once' };
  const first = await shop.call('POST /items?strict=true', body, key);
  await shop.call(`DELETE /categories/${category.id}`);
  await shop.at(`/categories/${category.id}`, 2);
  const again = await shop.call('POST /items?strict=true', body, key);
  expect([again.status, again.body.id, again.headers['idempotency-replayed']]).toEqual([201, first.body.id, 'true']);
  // Joined as it is now.
  expect(again.body.category).toMatchObject({ state: 'removed' });
  expect((await shop.call('POST /items', body, key)).status).toBe(422);
});
