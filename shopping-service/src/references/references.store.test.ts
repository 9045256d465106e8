// Goal: the ledger says which references documents hold, since when, and in which state their targets are, by every filter and
// by all of them together; what it does not take is refused with what it takes.
// Method: a small world of each kind of reference in each state; every answer compared whole.
import { type AnswerBody, readAllPages } from 'foldline/testing';
import { type StartedShoppingService, startTestShoppingService } from '../testing/started-shopping-service.ts';

let shop: StartedShoppingService;
const newId = () => crypto.randomUUID();
const itemId = newId();
const orderId = newId();
const otherOrderId = newId();
const gone = newId();
const unknownCategory = newId();
const unknownItem = newId();
let seller: string;
let customer: string;
let category: string;

beforeAll(async () => {
  shop = await startTestShoppingService();
  seller = await shop.createUser();
  customer = await shop.createUser();
  category = (await shop.createCategory()).id;
  await shop.createItem({ id: itemId, categoryId: category, sellerId: seller });
  await shop.createItem({ id: gone, categoryId: unknownCategory, sellerId: seller });
  const lines = [itemId, unknownItem, itemId, gone].map((id) => ({ itemId: id, quantity: 1 }));
  await shop.call('POST /orders', { id: orderId, customerId: customer, lines });
  await shop.call('POST /orders', { id: otherOrderId, customerId: seller, lines: lines.slice(0, 1) });
  for (const id of [orderId, otherOrderId]) await shop.at(`/orders/${id}`, 1);
  await shop.call(`DELETE /items/${gone}`);
  await shop.at(`/items/${gone}`, 2);
  await shop.at(`/categories/${category}`, 1);
});
afterAll(() => shop.close());

const short = ({ referrer, field, target, state }: AnswerBody) => `${referrer} ${field} ${target} ${state}`;

async function listed(query: string): Promise<string[]> {
  return (await readAllPages(shop.call, `GET /references?limit=2${query}`)).flat().map(short).sort();
}

/** The whole world, each as `referrer field target state`. */
function expected(): string[] {
  return [
    `item-${itemId} categoryId category-${category} resolved`,
    `item-${itemId} sellerId user-${seller} resolved`,
    `order-${orderId} customerId user-${customer} resolved`,
    `order-${orderId} lines.itemId item-${itemId} resolved`,
    `order-${orderId} lines.itemId item-${unknownItem} pending`,
    `order-${orderId} lines.itemId item-${gone} removed`,
    `order-${otherOrderId} customerId user-${seller} resolved`,
    `order-${otherOrderId} lines.itemId item-${itemId} resolved`,
  ].sort();
}

test('every reference that is held now is listed once, with the event that began it', async () => {
  expect(await listed('')).toEqual(expected());
  const { body } = await shop.call(`GET /references?referrer=item-${itemId}`);
  const event = await shop.db.collection('CatalogEvents').findOne({ subject: `item-${itemId}`, version: 1 });
  const since = { since: event?.time.toISOString(), sinceVersion: 1, state: 'resolved', referrer: `item-${itemId}` };
  expect(body).toEqual({
    items: [
      { ...since, field: 'categoryId', target: `category-${category}` },
      { ...since, field: 'sellerId', target: `user-${seller}` },
    ],
    nextCursor: null,
  });
});

test('each combination of state, referrer and target lists exactly those that match all of it', async () => {
  const states = ['', 'pending', 'overdue', 'resolved', 'removed'];
  const referrers = ['', 'item', 'order', 'user', `item-${itemId}`, `order-${orderId}`, `item-${gone}`];
  const targets = ['', 'category', 'user', 'item', 'order', `user-${seller}`, `item-${gone}`, `item-${unknownItem}`];
  const matches = (text: string, wanted: string) => wanted === '' || text === wanted || text.slice(0, -37) === wanted;
  const wrong: string[] = [];
  for (const state of states) {
    for (const referrer of referrers) {
      for (const target of targets) {
        const query = Object.entries({ state, referrer, target }).filter(([, value]) => value !== '');
        const found = await listed(query.map(([name, value]) => `&${name}=${value}`).join(''));
        const meant = expected().filter((text) => {
          const [from = '', , to = '', is = ''] = text.split(' ');
          return matches(from, referrer) && matches(to, target) && (state === '' || is === state);
        });
        if (JSON.stringify(found) !== JSON.stringify(meant)) wrong.push(`${state} ${referrer} ${target}: ${found}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('what nobody heard of, and what was removed, holds none and is held by none', async () => {
  expect(await listed(`&referrer=item-${gone}`)).toEqual([]);
  for (const subject of [`user-${newId()}`, `category-${newId()}`, `item-${newId()}`, `order-${newId()}`]) {
    expect(await listed(`&referrer=${subject}`)).toEqual([]);
    expect(await listed(`&target=${subject}`)).toEqual([]);
  }
});

test.each([
  ['state=waiting', '?state', /pending, overdue, resolved, removed/],
  ['state=', '?state', /pending, overdue/],
  ['state=pending&state=removed', '?state', /one of/],
  ['target=team', '?target', /user, category, item, order/],
  [`target=team-${newId()}`, '?target', /user-<uuid>, category-<uuid>/],
  ['referrer=customer', '?referrer', /user, category, item, order/],
  ['referrer=item-7', '?referrer', /item-<uuid>/],
  [`referrer=item-${newId().toUpperCase()}`, '?referrer', /lower-case/],
  ['referrer=', '?referrer', /user, category/],
  ['target=user&target=item', '?target', /once/],
  ['limit=201', '?limit', /200/],
  ['cursor=abc', '?cursor', /cursor/],
  ['field=categoryId', '?field', /./],
])('?%s is refused, and what exists is named', async (query, pointer, says) => {
  const { status, body } = await shop.call(`GET /references?${query}`);
  expect([status, body.code, body.errors[0]?.pointer]).toEqual([400, 'invalid-request', pointer]);
  expect(body.errors[0]?.detail).toMatch(says);
});

test('a cursor of another filter, or of another list, is refused', async () => {
  const { body } = await shop.call('GET /references?limit=1');
  expect((await shop.call(`GET /references?limit=1&cursor=${body.nextCursor}`)).status).toBe(200);
  for (const filter of ['state=resolved', 'target=user', `referrer=item-${itemId}`]) {
    const other = await shop.call(`GET /references?limit=1&${filter}&cursor=${body.nextCursor}`);
    expect([other.status, other.body.errors[0]?.pointer]).toEqual([400, '?cursor']);
  }
  const items = await shop.call('GET /orders?limit=1');
  expect((await shop.call(`GET /references?cursor=${items.body.nextCursor}`)).status).toBe(400);
});

test('a reference that has waited too long is overdue, still listed as pending, and shown by readiness without harm', async () => {
  const late = await startTestShoppingService({ REFERENCE_OVERDUE_MS: '1', REFERENCE_COUNT_EVERY_MS: '1' });
  try {
    const item = await late.createItem({ sellerId: await late.createUser() });
    await late.at(`/items/${item.id}`, 1);
    for (const state of ['pending', 'overdue']) {
      const { body } = await late.call(`GET /references?state=${state}`);
      expect(body.items).toMatchObject([{ referrer: `item-${item.id}`, field: 'categoryId', state: 'overdue' }]);
    }
    const { status, body } = await late.call('GET /readyz?verbose');
    const check = (body.checks as { name: string }[]).find(({ name }) => name === 'references');
    expect([status, check]).toMatchObject([
      200,
      { ready: true, detail: '1 overdue, 1 pending', data: [{ referrer: `item-${item.id}`, state: 'overdue' }] },
    ]);
    const scraped = await late.app.inject('/metrics');
    expect(scraped.payload.match(/^foldline_references\{.*/gm)).toEqual([
      'foldline_references{state="pending"} 1',
      'foldline_references{state="overdue"} 1',
      'foldline_references{state="removed"} 0',
    ]);
  } finally {
    await late.close();
  }
});
