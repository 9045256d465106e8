// Goal: whoever asks why something is not complete gets the answer in words and in data: what is missing, who named it, since
// when, which event would complete it, and where a subject that is held stopped.
// Method: each kind in each state; what the answer says would complete it is done, and the answer asked for again.
import { type StartedShoppingService, startTestShoppingService } from '../testing/started-shopping-service.ts';

let shop: StartedShoppingService;
beforeAll(async () => {
  shop = await startTestShoppingService();
});
afterAll(() => shop.close());

const newId = () => crypto.randomUUID();
const explained = async (path: string) => (await shop.call(`GET ${path}/explain`)).body;
const missingIn = (body: Readonly<Record<string, unknown>>) => body.missing as Record<string, unknown>[];
const categoryOrigin = { types: ['categoryCreated_v1'], topic: 'catalog-events', owner: 'shopping-service' };
const userOrigin = {
  types: ['userCreated_v2', 'userCreated_v1', 'userImported_v1'],
  topic: 'user-events',
  owner: 'user-service',
};

async function placeOrder(lines: readonly string[], customerId: string = newId()): Promise<string> {
  const body = { customerId, lines: lines.map((itemId) => ({ itemId, quantity: 1 })) };
  const { id } = (await shop.call('POST /orders', body)).body;
  await shop.at(`/orders/${id}`, 1);
  return id;
}

test('an item says what it waits for, until all of it came', async () => {
  const [categoryId, sellerId] = [newId(), newId()];
  const { id } = await shop.createItem({ categoryId, sellerId });
  await shop.at(`/items/${id}`, 1);
  const event = await shop.db.collection('CatalogEvents').findOne({ subject: `item-${id}` });
  const since = event?.time.toISOString();
  const waiting = { state: 'pending', since, sinceVersion: 1, held: null };
  expect(await explained(`/items/${id}`)).toEqual({
    id,
    subject: `item-${id}`,
    state: 'available',
    version: 1,
    complete: false,
    summary: `item-${id} is available at version 1, but of what it refers to this is not known yet: categoryId, sellerId.`,
    missing: [
      {
        path: 'categoryId',
        subject: `category-${categoryId}`,
        ...waiting,
        waitsFor: categoryOrigin,
        text: `category-${categoryId} is not known yet; item-${id} has named it since ${since}. categoryCreated_v1 of shopping-service, on catalog-events, would complete it.`,
      },
      {
        path: 'sellerId',
        subject: `user-${sellerId}`,
        ...waiting,
        waitsFor: userOrigin,
        text: `user-${sellerId} is not known yet; item-${id} has named it since ${since}. userCreated_v2 or userCreated_v1 or userImported_v1 of user-service, on user-events, would complete it.`,
      },
    ],
    removed: [],
    held: null,
    namedBy: [],
  });
  await shop.createCategory({ id: categoryId });
  await shop.at(`/categories/${categoryId}`, 1);
  expect(missingIn(await explained(`/items/${id}`)).map(({ path }) => path)).toEqual(['sellerId']);
  await shop.userHappened(sellerId, 'userCreated_v1', { name: 'Ada Lovelace', email: 'a@b' });
  await shop.at(`/customers/${sellerId}`, 1);
  expect(await explained(`/items/${id}`)).toMatchObject({
    complete: true,
    missing: [],
    summary: `item-${id} is available at version 1, and complete: nothing that it refers to is missing.`,
  });
});

test('a placeholder says who named it, and since when; the first ten of them', async () => {
  const categoryId = newId();
  const named = [];
  for (let i = 0; i < 11; i += 1) named.push((await shop.createItem({ categoryId })).id);
  for (const id of named) await shop.at(`/items/${id}`, 1);
  const body = await explained(`/categories/${categoryId}`);
  expect(body).toMatchObject({
    state: 'notYetAvailable',
    version: 0,
    complete: false,
    summary: `category-${categoryId} is not available yet, it is only named by others.`,
    missing: [{ path: '', subject: `category-${categoryId}`, state: 'pending', waitsFor: categoryOrigin }],
  });
  const referrers = named.map((id) => `item-${id}`).sort();
  expect((body.namedBy as { referrer: string }[]).map(({ referrer }) => referrer)).toEqual(referrers.slice(0, 10));
  expect(missingIn(body)[0]?.text).toMatch(/^Nothing .*item-\S+ has named it since 20\S+Z\. categoryCreated_v1/);
});

test('an order follows the chain: its customer, its items, and what they name in turn', async () => {
  const [customerId, unknownItem, sellerId] = [newId(), newId(), await shop.createUser()];
  const item = await shop.createItem({ sellerId });
  await shop.at(`/items/${item.id}`, 1);
  const order = await placeOrder([item.id, unknownItem, item.id], customerId);
  const body = await explained(`/orders/${order}`);
  expect(missingIn(body).map(({ path, subject }) => [path, subject])).toEqual(
    expect.arrayContaining([
      ['customerId', `user-${customerId}`],
      ['lines.1.itemId', `item-${unknownItem}`],
      ['lines.0.itemId.categoryId', `category-${(item.category as { id: string }).id}`],
    ]),
  );
  expect([missingIn(body).length, body.complete]).toEqual([3, false]);
});

test('a target that is held says where it stopped, and so does its own explanation', async () => {
  const sellerId = newId();
  const item = await shop.createItem({ sellerId, categoryId: (await shop.createCategory()).id });
  await shop.at(`/items/${item.id}`, 1);
  await shop.userHappened(sellerId, 'userCreated_v2', { firstName: 7 });
  // Later news of the same source, in two batches: by then the first event was looked at, and held.
  await shop.createUser();
  await shop.createUser();
  const held = { stoppedBefore: 1, seenVersion: 1, reason: 'invalid-data', detail: expect.stringMatching(/firstName/) };
  expect(await explained(`/customers/${sellerId}`)).toMatchObject({
    complete: false,
    held,
    summary: expect.stringMatching(/It is held before version 1 \(invalid-data: /),
  });
  expect(await explained(`/items/${item.id}`)).toMatchObject({
    held: null,
    missing: [{ path: 'sellerId', held, text: expect.stringMatching(/It came, but is held before version 1/) }],
  });
});

test('what was removed is no reason to wait: it is shown apart', async () => {
  const sellerId = await shop.createUser();
  const item = await shop.createItem({ sellerId, categoryId: (await shop.createCategory()).id });
  await shop.userHappened(sellerId, 'userDeleted_v1');
  await shop.at(`/customers/${sellerId}`, 2);
  await shop.at(`/items/${item.id}`, 1);
  const removed = [{ path: 'sellerId', subject: `user-${sellerId}`, text: expect.stringMatching(/was removed/) }];
  expect(await explained(`/items/${item.id}`)).toMatchObject({ complete: true, missing: [], removed });
  await shop.call(`DELETE /items/${item.id}`);
  await shop.at(`/items/${item.id}`, 2);
  expect(await explained(`/items/${item.id}`)).toMatchObject({
    state: 'removed',
    complete: true,
    missing: [],
    removed: [],
    summary: expect.stringMatching(/was removed at version 2, so that it refers to nothing any more/),
  });
});

test.each(['customers', 'categories', 'items', 'orders'])('%s that nobody heard of are not explained', async (kind) => {
  expect(await shop.call(`GET /${kind}/${newId()}/explain`)).toMatchObject({
    status: 404,
    body: { code: 'not-found' },
  });
  expect((await shop.call(`GET /${kind}/7/explain`)).status).toBe(400);
  expect((await shop.call(`GET /${kind}/${newId()}/explain?deep=true`)).status).toBe(400);
});
