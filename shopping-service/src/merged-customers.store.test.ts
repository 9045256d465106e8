// Goal: customers that were merged read as one person, in every body and list, whatever came first, and as before once it is
// taken back. Method: the events that user-service stores for merges, in several orders, and strangers' ones; each read whole.
import { readAllPages } from 'foldline/testing';
import { customerAfter, imported, merge, type Names, unmerge } from './testing/merges.ts';
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

let shop: StartedShoppingService;
beforeAll(async () => {
  shop = await startTestShoppingService();
});
afterAll(() => shop.close());

const newId = () => crypto.randomUUID();
const ada: Names = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.org' };
const grace: Names = { firstName: 'Grace', lastName: 'Hopper', email: 'grace@example.org' };
const nobody = { firstName: null, lastName: null, email: null };
const customer = async (id: string) => (await shop.call(`GET /customers/${id}`)).body;
const survivorsOf = async (ids: readonly string[]) => (await Promise.all(ids.map(customer))).map(({ id }) => id);
const listed = async (route: string) => (await readAllPages(shop.call, `GET ${route}`)).flat().map(({ id }) => id);

async function order(customerId: string): Promise<string> {
  const { body } = await shop.call('POST /orders', { customerId, lines: [{ itemId: newId(), quantity: 1 }] });
  await shop.at(`/orders/${body.id}`, 1);
  return body.id;
}

describe('a customer that was merged into another', () => {
  test('answers with the survivor’s body, version and ETag, and says where it is', async () => {
    const [survivor, absorbed] = [await imported(shop, ada), await imported(shop, grace)];
    await merge(shop, absorbed, survivor);
    const whole = { id: survivor, state: 'available', version: 2, ...ada };
    const { status, headers, body } = await shop.call(`GET /customers/${absorbed}`);
    expect([status, headers.etag, headers['content-location']]).toEqual([200, '"2"', `/customers/${survivor}`]);
    expect(body).toEqual(whole);
    const own = await shop.call(`GET /customers/${survivor}`);
    expect([own.body, own.headers['content-location']]).toEqual([whole, undefined]);
  });

  test('is waited for by its own version, whatever the survivor’s is', async () => {
    const [survivor, absorbed] = [await imported(shop, ada), await imported(shop, grace)];
    await merge(shop, absorbed, survivor);
    await customerAfter(shop, absorbed, 'userLastNameChanged_v1', { lastName: 'Murray' });
    const early = await shop.call(`GET /customers/${absorbed}?minVersion=4`);
    expect([early.status, early.body.code, early.body.currentVersion]).toEqual([503, 'version-not-yet', 3]);
    const waiting = shop.at(`/customers/${absorbed}`, 4);
    await shop.userHappened(absorbed, 'userLastNameChanged_v1', { lastName: 'Hopper' });
    expect(await waiting).toMatchObject({ id: survivor, version: 2 });
  });

  test('fills the gaps of the survivor in the order of the merges; so does what it hears later', async () => {
    const survivor = await imported(shop, { firstName: '' });
    const second = await imported(shop, { firstName: 'Second', email: 'second@example.org' }, 2);
    const first = await imported(shop, { firstName: 'First' }, 1);
    const far = await imported(shop, { firstName: 'Far', lastName: 'Away', email: 'far@example.org' }, 0);
    await merge(shop, far, second);
    for (const id of [first, second]) await merge(shop, id, survivor);
    const filled = { firstName: 'First', lastName: 'Away', email: 'second@example.org' };
    for (const id of [survivor, second, first, far]) expect(await customer(id)).toMatchObject(filled);
    await customerAfter(shop, second, 'userLastNameChanged_v1', { lastName: 'Near' });
    await customerAfter(shop, first, 'userFirstNameChanged_v1', { firstName: '' });
    expect(await customer(far)).toMatchObject({ id: survivor, version: 3, firstName: 'Second', lastName: 'Near' });
    await customerAfter(shop, survivor, 'userFirstNameChanged_v1', { firstName: 'Own' });
    expect(await customer(far)).toMatchObject({ version: 4, firstName: 'Own', lastName: 'Near' });
  });

  test('leads on through merges of merges; one in the middle can be taken back, and each is as it was', async () => {
    const [a, b, c] = [
      await imported(shop, ada),
      await imported(shop, grace),
      await imported(shop, { firstName: 'C' }),
    ];
    const lower = await merge(shop, a, b);
    const upper = await merge(shop, b, c);
    expect(await survivorsOf([a, b, c])).toEqual([c, c, c]);
    expect(await customer(a)).toMatchObject({ firstName: 'C', lastName: 'Hopper', email: 'grace@example.org' });
    await unmerge(shop, upper, [b, c]);
    expect(await survivorsOf([a, b, c])).toEqual([b, b, c]);
    expect(await customer(c)).toMatchObject({ firstName: 'C', lastName: '', email: '' });
    await merge(shop, c, b);
    expect(await survivorsOf([a, b, c])).toEqual([b, b, b]);
    await unmerge(shop, lower, [a, b]);
    expect(await survivorsOf([a, b, c])).toEqual([a, b, b]);
    expect(await customer(a)).toEqual({ id: a, state: 'available', version: 3, ...ada });
  });

  test('counts by what its own events say: those of the survivor, and retractions of other merges, change nothing', async () => {
    const [survivor, absorbed, other] = [newId(), newId(), newId()];
    for (const id of [survivor, absorbed, other]) await customerAfter(shop, id, 'userImported_v1', ada);
    await customerAfter(shop, survivor, 'userMerged_v1', { mergeId: newId(), absorbedId: other });
    expect(await survivorsOf([other])).toEqual([other]);
    const mergeId = await merge(shop, absorbed, survivor);
    await customerAfter(shop, absorbed, 'mergeRetracted_v1', { mergeId: newId() });
    await customerAfter(shop, survivor, 'mergeRetracted_v1', { mergeId });
    expect(await survivorsOf([absorbed])).toEqual([survivor]);
    await customerAfter(shop, absorbed, 'mergeRetracted_v1', { mergeId });
    expect(await survivorsOf([absorbed])).toEqual([absorbed]);
  });

  test('shows a placeholder until news of the survivor comes, which may be long after its own', async () => {
    const [survivor, absorbed] = [newId(), await imported(shop, grace)];
    const edge = { mergeId: newId(), survivorId: survivor, reason: 'one person' };
    await customerAfter(shop, absorbed, 'userAbsorbed_v1', edge);
    const { headers, body } = await shop.call(`GET /customers/${absorbed}`);
    expect(body).toEqual({ id: survivor, state: 'notYetAvailable', version: 0, ...nobody });
    expect([headers.etag, headers['content-location']]).toEqual(['"0"', `/customers/${survivor}`]);
    expect((await shop.createItem({ sellerId: absorbed })).seller).toEqual({
      id: survivor,
      state: 'notYetAvailable',
      name: 'Not yet available',
    });
    await customerAfter(shop, survivor, 'userImported_v1', { firstName: 'Ada' });
    const filled = { id: survivor, state: 'available', version: 1, ...grace, firstName: 'Ada' };
    expect([await customer(survivor), await customer(absorbed)]).toEqual([filled, filled]);
  });

  test('is in the state of the survivor: removed alone it names nobody any more, with the survivor it keeps the last name', async () => {
    const [survivor, absorbed] = [await imported(shop, { firstName: 'Ada' }), await imported(shop, grace)];
    await merge(shop, absorbed, survivor);
    await customerAfter(shop, absorbed, 'userDeleted_v1');
    expect(await customer(absorbed)).toMatchObject({
      id: survivor,
      state: 'available',
      firstName: 'Ada',
      lastName: '',
    });
    await customerAfter(shop, survivor, 'userDeleted_v1');
    expect(await customer(absorbed)).toMatchObject({ id: survivor, state: 'removed', ...grace, firstName: 'Ada' });
  });

  test('is not in the list of customers while the merge stands', async () => {
    const [survivor, absorbed] = [await imported(shop, ada), await imported(shop, grace)];
    const mergeId = await merge(shop, absorbed, survivor);
    const all = await listed('/customers?limit=3');
    expect([all.includes(survivor), all.includes(absorbed)]).toEqual([true, false]);
    expect(all).toEqual([...new Set(all)].sort());
    await unmerge(shop, mergeId, [absorbed, survivor]);
    expect(await listed('/customers?limit=200')).toContain(absorbed);
  });
});

describe('what names a merged customer', () => {
  test('shows the survivor as seller and customer, with the name of all; nothing is written for it', async () => {
    const [survivor, absorbed] = [await imported(shop, { firstName: 'Ada' }), await imported(shop, grace)];
    const { id: itemId } = await shop.createItem({ sellerId: absorbed });
    const orderId = await order(absorbed);
    await shop.at(`/items/${itemId}`, 1);
    const documents = () =>
      Promise.all(['items', 'orders'].map((name) => shop.db.collection(name).find().sort({ _id: 1 }).toArray()));
    const before = await documents();
    const mergeId = await merge(shop, absorbed, survivor);
    const shown = { id: survivor, state: 'available', name: 'Ada Hopper' };
    expect((await shop.at(`/items/${itemId}`, 1)).seller).toEqual(shown);
    expect((await shop.at(`/orders/${orderId}`, 1)).customer).toEqual(shown);
    expect((await shop.call(`PATCH /items/${itemId}`, {})).body.seller).toEqual(shown);
    await unmerge(shop, mergeId, [absorbed, survivor]);
    expect((await shop.at(`/items/${itemId}`, 1)).seller).toEqual({ ...shown, id: absorbed, name: 'Grace Hopper' });
    expect(await documents()).toEqual(before);
  });

  test('is listed whole by the id of any member, in pages by id, and apart once the merge is taken back', async () => {
    const members = [await imported(shop, ada), await imported(shop, grace), await imported(shop, {})] as const;
    const [a, b, c] = members;
    const lower = await merge(shop, a, b);
    await merge(shop, b, c);
    const [orders, items] = [new Map<string, string[]>(), new Map<string, string[]>()];
    for (const id of [a, b, c, a, b, c, a]) {
      orders.set(id, [...(orders.get(id) ?? []), await order(id)]);
      const item = await shop.createItem({ sellerId: id });
      await shop.at(`/items/${item.id}`, 1);
      items.set(id, [...(items.get(id) ?? []), item.id]);
    }
    await order(newId());
    const ofAll = (map: Map<string, string[]>, ids: readonly string[]) => ids.flatMap((id) => map.get(id) ?? []).sort();
    for (const id of members) {
      const pages = await readAllPages(shop.call, `GET /orders?customerId=${id}&limit=2`);
      expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 1]);
      expect(pages.flat().map((one) => one.id)).toEqual(ofAll(orders, members));
      expect(await listed(`/items?sellerId=${id}&limit=3`)).toEqual(ofAll(items, members));
    }
    await unmerge(shop, lower, [a, b]);
    expect(await listed(`/orders?customerId=${a}`)).toEqual(ofAll(orders, [a]));
    for (const id of [b, c]) expect(await listed(`/items?sellerId=${id}`)).toEqual(ofAll(items, [b, c]));
  });

  test('narrows down by both references of an item', async () => {
    const [survivor, absorbed] = [await imported(shop, ada), await imported(shop, grace)];
    await merge(shop, absorbed, survivor);
    const categoryId = newId();
    const { id } = await shop.createItem({ sellerId: absorbed, categoryId });
    await shop.createItem({ sellerId: absorbed });
    const last = await shop.createItem({ categoryId });
    await shop.at(`/items/${last.id}`, 1);
    expect(await listed(`/items?sellerId=${survivor}&categoryId=${categoryId}`)).toEqual([id]);
  });

  test('is accepted with strict=true as long as the document that it names is available', async () => {
    const [survivor, absorbed] = [await imported(shop, ada), await imported(shop, grace)];
    await merge(shop, absorbed, survivor);
    const { id: categoryId } = await shop.createCategory();
    const add = () =>
      shop.call('POST /items?strict=true', { title: 'A book', price: 1, categoryId, sellerId: absorbed });
    await customerAfter(shop, survivor, 'userDeleted_v1');
    expect((await add()).status).toBe(201);
    await customerAfter(shop, absorbed, 'userDeleted_v1');
    expect(await add()).toMatchObject({ status: 422, body: { code: 'reference-unknown' } });
  });

  test('refers to the one that it names in the ledger, and is explained so', async () => {
    const [survivor, absorbed] = [newId(), await imported(shop, grace)];
    const { id } = await shop.createItem({ sellerId: absorbed });
    await shop.at(`/items/${id}`, 1);
    const edge = { mergeId: newId(), survivorId: survivor, reason: 'one person' };
    await customerAfter(shop, absorbed, 'userAbsorbed_v1', edge);
    const { body } = await shop.call(`GET /references?target=user-${absorbed}`);
    expect(body.items).toMatchObject([{ referrer: `item-${id}`, target: `user-${absorbed}`, state: 'resolved' }]);
    expect((await shop.call(`GET /references?target=user-${survivor}`)).body.items).toEqual([]);
    const explained = (await shop.call(`GET /customers/${absorbed}/explain`)).body;
    expect(explained).toMatchObject({ subject: `user-${absorbed}`, state: 'available', complete: true });
  });
});

test('under detach the survivor decides: removed, it is null and empties every member’s list; else a member’s removal is not seen', async () => {
  const detach = await startTestShoppingService({ REMOVED_REFERENCES: 'sellerId=detach,customerId=detach' });
  const ids = async (route: string) => (await detach.call(`GET ${route}`)).body.items.map(({ id }) => id);
  const [survivor, absorbed] = [await imported(detach, ada), await imported(detach, grace)];
  await merge(detach, absorbed, survivor);
  const { id } = await detach.createItem({ sellerId: absorbed });
  await detach.at(`/items/${id}`, 1);
  await customerAfter(detach, absorbed, 'userDeleted_v1');
  expect((await detach.at(`/items/${id}`, 1)).seller).toMatchObject({ id: survivor, state: 'available' });
  for (const one of [survivor, absorbed]) expect(await ids(`/items?sellerId=${one}`)).toEqual([id]);
  await customerAfter(detach, survivor, 'userDeleted_v1');
  expect((await detach.at(`/items/${id}`, 1)).seller).toBeNull();
  for (const one of [survivor, absorbed]) expect(await ids(`/items?sellerId=${one}`)).toEqual([]);
  await detach.close();
});

test('in a circle, which only strangers make, everybody reads as the one with the smallest id', async () => {
  const circle = [
    await imported(shop, { email: 'c@x' }, 3),
    await imported(shop, ada, 1),
    await imported(shop, grace, 2),
  ];
  const beside = await imported(shop, {});
  const into = (survivorId: string) => ({ mergeId: newId(), survivorId, reason: 'strange' });
  for (const [i, id] of circle.entries())
    await customerAfter(shop, id, 'userAbsorbed_v1', into(circle[(i + 1) % 3] as string));
  await customerAfter(shop, beside, 'userAbsorbed_v1', into(circle[2] as string));
  const all = [...circle, beside];
  expect(await survivorsOf(all)).toEqual(all.map(() => circle[1]));
  const placed = await Promise.all(all.map(order));
  for (const id of all) expect(await listed(`/orders?customerId=${id}`)).toEqual([...placed].sort());
  const itself = await imported(shop, ada);
  await customerAfter(shop, itself, 'userAbsorbed_v1', into(itself));
  expect(await survivorsOf([itself])).toEqual([itself]);
});
