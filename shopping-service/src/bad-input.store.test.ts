// Goal: input that is not what a route takes is refused with the place that is wrong, stores nothing, and never answers 500.
// Method: a table of bad bodies, paths and queries on every route of the shop.
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

let shop: StartedShoppingService;
let itemId: string;
let categoryId: string;
beforeAll(async () => {
  shop = await startTestShoppingService();
  itemId = (await shop.createItem()).id;
  categoryId = (await shop.createCategory()).id;
});
afterAll(() => shop.close());

const newId = () => crypto.randomUUID();
const item = (fields: object) => ({ title: 'A book', price: 1, categoryId: newId(), sellerId: newId(), ...fields });
const order = (fields: object) => ({ customerId: newId(), lines: [line({})], ...fields });
const line = (fields: object) => ({ itemId: newId(), quantity: 1, ...fields });
const lines = (count: number) => Array.from({ length: count }, () => line({}));
const eventsStored = async () =>
  (await shop.db.collection('CatalogEvents').countDocuments()) +
  (await shop.db.collection('OrderEvents').countDocuments());

test.each<[string, string, object | string]>([
  ['POST /categories', '/title', {}],
  ['POST /categories', '/title', { title: ' ' }],
  ['POST /categories', '/title', { title: 'x'.repeat(201) }],
  ['POST /categories', '/title', { title: 'a\u0007b' }],
  ['POST /categories', '/title', '{"title":"\\ud800"}'],
  ['POST /categories', '/title', { title: null }],
  ['POST /categories', '/title', { title: ['x'] }],
  ['POST /categories', '/parent', { title: 'x', parent: 'y' }],
  ['POST /categories', '/id', { title: 'x', id: 'AB3E5D1A-0000-4000-8000-00000000000A' }],
  ['PATCH /categories/:category', '/id', { id: newId() }],
  ['PATCH /categories/:category', '/title', { title: '' }],
  ['POST /items', '/price', item({ price: -1 })],
  ['POST /items', '/price', item({ price: 1.5 })],
  ['POST /items', '/price', item({ price: '1' })],
  ['POST /items', '/price', item({ price: null })],
  ['POST /items', '/price', item({ price: 2 ** 53 })],
  ['POST /items', '/price', JSON.stringify(item({ price: 'P' })).replace('"P"', '1e400')],
  ['POST /items', '/categoryId', item({ categoryId: 'books' })],
  ['POST /items', '/categoryId', item({ categoryId: null })],
  ['POST /items', '/categoryId', item({ categoryId: 'AB3E5D1A-0000-4000-8000-00000000000A' })],
  ['POST /items', '/sellerId/$gt', item({ sellerId: { $gt: '' } })],
  ['POST /items', '/sellerId', item({ sellerId: undefined })],
  ['PATCH /items/:item', '/sellerId', { sellerId: newId() }],
  ['PATCH /items/:item', '/price', { price: -1 }],
  ['POST /orders', '/lines', order({ lines: [] })],
  ['POST /orders', '/lines', order({ lines: lines(101) })],
  ['POST /orders', '/lines', order({ lines: {} })],
  ['POST /orders', '/lines/0/quantity', order({ lines: [line({ quantity: 0 })] })],
  ['POST /orders', '/lines/0/quantity', order({ lines: [line({ quantity: 10_001 })] })],
  ['POST /orders', '/lines/0/quantity', order({ lines: [line({ quantity: 1.5 })] })],
  ['POST /orders', '/lines/0/quantity', order({ lines: [line({ quantity: '1' })] })],
  ['POST /orders', '/lines/1/itemId', order({ lines: [line({}), line({ itemId: 'x' })] })],
  ['POST /orders', '/lines/0/note', order({ lines: [line({ note: 'x' })] })],
  ['POST /orders', '/customerId', order({ customerId: undefined })],
  ['POST /orders', '', '[]'],
  ['POST /items', '', 'null'],
  ['POST /items', '', '{'],
])('%s refuses a fault at %j: %j', async (pattern, pointer, body) => {
  const before = await eventsStored();
  const answer = await shop.call(pattern.replace(':item', itemId).replace(':category', categoryId), body);
  expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
  expect(answer.body.errors.map((error) => error.pointer)).toContain(pointer);
  expect(await eventsStored()).toBe(before);
});

test.each<[string, object]>([
  ['a price of nothing', item({ price: 0 })],
  ['the largest price', item({ price: Number.MAX_SAFE_INTEGER })],
  ['a title of 200 characters', item({ title: '😀'.repeat(200) })],
])('an item with %s is accepted and read as it was sent', async (_, body) => {
  const { status, body: created } = await shop.call('POST /items', body);
  expect(status).toBe(201);
  expect(await shop.at(`/items/${created.id}`, 1)).toMatchObject({ title: created.title, price: created.price });
});

test('an order of 100 lines is accepted, and one that names an item twice', async () => {
  const twice = line({ quantity: 10_000 });
  const body = order({ lines: [...lines(98), twice, twice] });
  const { status, body: placed } = await shop.call('POST /orders', body);
  expect(status).toBe(201);
  const read = await shop.at(`/orders/${placed.id}`, 1);
  expect(read.lines).toEqual(placed.lines);
  expect((read.lines as unknown[]).length).toBe(100);
});

describe.each(['customers', 'categories', 'items', 'orders'])('%s', (kind) => {
  test.each(['1', 'AB3E5D1A-0000-4000-8000-00000000000A', '%00', 'user-1', '%'])('refuses the id %s', async (id) => {
    expect((await shop.call(`GET /${kind}/${id}`)).status).toBe(400);
  });

  test.each([
    'minVersion=0',
    'minVersion=x',
    'minVersion=1&minVersion=2',
    'replay=false',
    'unknown=1',
    'minVersion[$gt]=1',
  ])('refuses a read with ?%s', async (query) => {
    expect((await shop.call(`GET /${kind}/${newId()}?${query}`)).status).toBe(400);
  });

  test.each(['limit=0', 'limit=201', 'limit=abc', 'cursor=', 'cursor=abc', 'unknown=1', 'state=removed'])(
    'refuses a list with ?%s',
    async (query) => {
      const { status, body } = await shop.call(`GET /${kind}?${query}`);
      expect([status, body.errors[0]?.pointer]).toEqual([400, `?${query.split('=')[0]}`]);
    },
  );

  test('refuses the cursor of another list', async () => {
    const other = kind === 'items' ? 'categories' : 'items';
    for (let i = 0; i < 2; i += 1) {
      const created = other === 'items' ? await shop.createItem() : await shop.createCategory();
      await shop.at(`/${other}/${created.id}`, 1);
    }
    const { body } = await shop.call(`GET /${other}?limit=1`);
    expect((await shop.call(`GET /${kind}?cursor=${body.nextCursor}`)).status).toBe(400);
  });
});

test.each([
  'items?categoryId=books',
  'items?sellerId=',
  'items?categoryId=1&categoryId=2',
  'items?customerId=00000000-0000-4000-8000-000000000000',
  'orders?customerId=me',
  'orders?itemId=00000000-0000-4000-8000-000000000000',
])('the list /%s is refused', async (list) => {
  expect((await shop.call(`GET /${list}`)).status).toBe(400);
});

test.each([
  'POST /items?strict=1',
  'POST /items?strict=',
  'POST /orders?strict=true&strict=true',
  'POST /categories?strict=true',
])('%s is refused', async (route) => {
  const body = route.includes('orders') ? order({}) : route.includes('items') ? item({}) : { title: 'x' };
  expect((await shop.call(route, body)).status).toBe(400);
});

test.each([
  'POST /customers',
  'PATCH /customers/00000000-0000-4000-8000-000000000000',
  'DELETE /customers/00000000-0000-4000-8000-000000000000',
  'PATCH /orders/00000000-0000-4000-8000-000000000000',
  'DELETE /orders/00000000-0000-4000-8000-000000000000',
  'PUT /items/00000000-0000-4000-8000-000000000000',
])('%s is no method of its address', async (route) => {
  expect(await shop.call(route)).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
});

test('GET /users is no route', async () => {
  expect(await shop.call('GET /users')).toMatchObject({ status: 404, body: { code: 'not-found' } });
});

test.each([
  ['POST /items', 'text/plain', 415],
  ['PATCH /items/:item', '', 415],
])('%s refuses a body of type %j', async (pattern, type, status) => {
  const answer = await shop.call(pattern.replace(':item', itemId), item({}), { 'content-type': type });
  expect(answer.status).toBe(status);
});

test('a body that is too large is refused', async () => {
  expect((await shop.call('POST /categories', { title: 'x'.repeat(300_000) })).status).toBe(413);
});
