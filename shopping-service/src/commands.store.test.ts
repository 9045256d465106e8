// Goal: the commands of categories, items and orders store the events that the contract names, and answer ids, placeholders,
// removals, conditions and keys as it says.
// Method: each command on subjects in every state; the stored events are read by a plain driver client.
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

let shop: StartedShoppingService;
beforeAll(async () => {
  shop = await startTestShoppingService();
});
afterAll(() => shop.close());

const newId = () => crypto.randomUUID();
const line = () => ({ itemId: newId(), quantity: 1 });

interface Kind {
  readonly path: string;
  readonly kind: string;
  readonly created: string;
  readonly removed: string;
  readonly body: () => object;
  readonly placeholder: (id: string) => Promise<unknown>;
}

const category: Kind = {
  path: '/categories',
  kind: 'category',
  created: 'categoryCreated_v1',
  removed: 'categoryRemoved_v1',
  body: () => ({ title: `Books ${newId()}` }),
  placeholder: async (categoryId) => shop.at(`/items/${(await shop.createItem({ categoryId })).id}`, 1),
};
const item: Kind = {
  path: '/items',
  kind: 'item',
  created: 'itemAdded_v1',
  removed: 'itemRemoved_v1',
  body: () => ({ title: 'A book', price: 0, categoryId: newId(), sellerId: newId() }),
  async placeholder(itemId) {
    const order = await shop.call('POST /orders', { customerId: newId(), lines: [{ itemId, quantity: 1 }] });
    return shop.at(`/orders/${order.body.id}`, 1);
  },
};
const order: Kind = {
  path: '/orders',
  kind: 'order',
  created: 'orderPlaced_v1',
  removed: '',
  body: () => ({ customerId: newId(), lines: [line()] }),
  placeholder: async () => {},
};

describe.each([category, item, order])('$kind', ({ path, kind, created, body }) => {
  test('is created under an id that is given, once', async () => {
    const id = newId();
    const first = await shop.call(`POST ${path}`, { ...body(), id });
    expect([first.status, first.headers.location, first.body.id]).toEqual([201, `${path}/${id}`, id]);
    const again = await shop.call(`POST ${path}`, { ...body(), id });
    expect([again.status, again.body.code, again.body.errors[0]?.pointer]).toEqual([409, 'id-taken', '/id']);
    expect(await shop.typesOf(`${kind}-${id}`)).toEqual([created]);
  });

  test('is created once under a key, also ten times at once; with another body 422', async () => {
    const key = { 'idempotency-key': `create ${kind}` };
    const sent = body();
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.call(`POST ${path}`, sent, key)));
    expect(new Set(answers.map(({ status, body: shown }) => `${status} ${shown.id}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(9);
    expect(await shop.typesOf(`${kind}-${answers[0]?.body.id}`)).toEqual([created]);
    for (const other of [body(), { ...sent, id: newId() }]) {
      const answer = await shop.call(`POST ${path}`, other, key);
      expect([answer.status, answer.body.code]).toEqual([422, 'idempotency-key-reused']);
    }
  });
});

describe.each([category, item])('$kind', ({ path, kind, created, removed, body, placeholder }) => {
  test('is removed once, keeps its id, and its id is not given again', async () => {
    const { id } = (await shop.call(`POST ${path}`, body())).body;
    expect((await shop.call(`DELETE ${path}/${id}`)).status).toBe(204);
    expect(await shop.call(`DELETE ${path}/${id}`)).toMatchObject({ status: 410, body: { code: 'deleted' } });
    expect(await shop.call(`PATCH ${path}/${id}`, { title: 'Other' })).toMatchObject({ status: 410 });
    const again = await shop.call(`POST ${path}`, { ...body(), id });
    expect([again.status, again.body.code]).toEqual([409, 'id-removed']);
    expect(await shop.typesOf(`${kind}-${id}`)).toEqual([created, removed]);
    expect((await shop.at(`${path}/${id}`, 2)).state).toBe('removed');
  });

  test('that is only a placeholder is not there to be changed, and can be created', async () => {
    const id = newId();
    await placeholder(id);
    expect((await shop.call(`GET ${path}/${id}`)).body).toMatchObject({ state: 'notYetAvailable', version: 0 });
    for (const [route, changes] of [[`PATCH ${path}/${id}`, { title: 'Other' }], [`DELETE ${path}/${id}`]] as const) {
      expect(await shop.call(route, changes)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
    expect((await shop.call(`POST ${path}`, { ...body(), id })).status).toBe(201);
    expect((await shop.at(`${path}/${id}`, 1)).state).toBe('available');
  });

  test('that nobody heard of answers 404 to changes', async () => {
    expect((await shop.call(`PATCH ${path}/${newId()}`, { title: 'Other' })).status).toBe(404);
    expect((await shop.call(`DELETE ${path}/${newId()}`)).status).toBe(404);
  });

  test('is changed under If-Match and by nothing else', async () => {
    const { id } = (await shop.call(`POST ${path}`, body())).body;
    const patch = (title: string, ifMatch: string) =>
      shop.call(`PATCH ${path}/${id}`, { title }, { 'if-match': ifMatch });
    const stale = await patch('One', '"2"');
    expect([stale.status, stale.body.code, stale.body.currentVersion]).toEqual([412, 'if-match-failed', 1]);
    expect((await patch('One', 'W/"1"')).status).toBe(412);
    expect((await patch('One', '1')).status).toBe(400);
    const changed = await patch('One', '"7", "1"');
    expect([changed.status, changed.headers.etag, changed.body.version]).toEqual([200, '"2"', 2]);
    expect((await patch('Two', '*')).status).toBe(200);
    expect((await shop.call(`DELETE ${path}/${id}`, undefined, { 'if-match': '"2"' })).status).toBe(412);
    expect((await shop.call(`DELETE ${path}/${id}`, undefined, { 'if-match': '"3"' })).status).toBe(204);
  });

  test('that is changed to what it is stores nothing', async () => {
    const { id } = (await shop.call(`POST ${path}`, body())).body;
    for (const changes of [
      {},
      { title: ` ${(await shop.call(`GET ${path}/${id}?minVersion=1`, undefined, { prefer: 'wait=9' })).body.title} ` },
    ]) {
      const { status, headers } = await shop.call(`PATCH ${path}/${id}`, changes);
      expect([status, headers.etag]).toEqual([200, '"1"']);
    }
    expect(await shop.typesOf(`${kind}-${id}`)).toEqual([created]);
  });

  test.each(['PATCH', 'DELETE'])('a %s under a key takes effect once, whatever happened since', async (method) => {
    const { id } = (await shop.call(`POST ${path}`, body())).body;
    const changes = method === 'PATCH' ? { title: 'One' } : undefined;
    const key = { 'idempotency-key': `${method} once` };
    const all = await Promise.all(Array.from({ length: 10 }, () => shop.call(`${method} ${path}/${id}`, changes, key)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([method === 'PATCH' ? 200 : 204]));
    if (method === 'PATCH') await shop.call(`PATCH ${path}/${id}`, { title: 'Two' });
    const again = await shop.call(`${method} ${path}/${id}`, changes, key);
    expect([again.status, again.headers['idempotency-replayed'], again.headers.etag]).toEqual([
      all[0]?.status,
      'true',
      '"2"',
    ]);
    if (method === 'PATCH') expect(again.body).toMatchObject({ title: 'One', version: 2 });
    expect(await shop.typesOf(`${kind}-${id}`)).toHaveLength(method === 'PATCH' ? 3 : 2);
  });

  test('waits for the version that its write answered', async () => {
    const { id } = (await shop.call(`POST ${path}`, body())).body;
    const waiting = shop.call(`GET ${path}/${id}?minVersion=2`, undefined, { prefer: 'wait=10' });
    await shop.call(`PATCH ${path}/${id}`, { title: 'One' });
    expect(await waiting).toMatchObject({ status: 200, body: { title: 'One', version: 2 } });
    const late = await shop.call(`GET ${path}/${id}?minVersion=3`, undefined, { prefer: 'wait=1' });
    expect(late).toMatchObject({ status: 503, body: { code: 'version-not-yet', currentVersion: 2 } });
    expect(late.headers).toMatchObject({ 'retry-after': '1', 'preference-applied': 'wait=1' });
  });

  test('that is a placeholder, or unheard of, is at version 0 for who asks for more', async () => {
    const id = newId();
    await placeholder(id);
    for (const one of [id, newId()]) {
      const answer = await shop.call(`GET ${path}/${one}?minVersion=1`);
      expect(answer).toMatchObject({ status: 503, body: { code: 'version-not-yet', currentVersion: 0 } });
    }
  });
});

test('each changed field of an item is an event of its own, a move between categories too', async () => {
  const { id } = await shop.createItem({ title: 'A book', price: 100 });
  const categoryId = newId();
  const { body } = await shop.call(`PATCH /items/${id}`, { categoryId, price: 200, title: 'A better book' });
  expect(body).toMatchObject({ version: 4, title: 'A better book', price: 200, category: { id: categoryId } });
  expect((await shop.typesOf(`item-${id}`)).slice(1).sort()).toEqual([
    'itemMovedToCategory_v1',
    'itemPriceChanged_v1',
    'itemTitleChanged_v1',
  ]);
  await shop.at(`/items/${id}`, 4);
  expect((await shop.call(`GET /categories/${categoryId}`)).body.state).toBe('notYetAvailable');
});

test('a category named only on the way, by an event that a later one moves away from, is a placeholder too', async () => {
  const [first, second] = [newId(), newId()];
  const { id } = await shop.createItem({ categoryId: first });
  await shop.call(`PATCH /items/${id}`, { categoryId: second });
  await shop.at(`/items/${id}`, 2);
  for (const one of [first, second]) {
    expect(await shop.call(`GET /categories/${one}`)).toMatchObject({
      status: 200,
      body: { state: 'notYetAvailable' },
    });
  }
});
