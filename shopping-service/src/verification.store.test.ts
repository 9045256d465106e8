// Goal: on a real store the shop finds what a hand did to each of its models, repairs that and nothing else, and takes no live write
// for a finding. Method: a plain driver tampers; verifications are asked for over HTTP; users belong to a small owner beside it.
import { foundIn, until, type Verified, verifyBy } from 'foldline/testing/workspace';
import type { Collection, Document } from 'mongodb';
import { type OwnerOfUsers, startOwnerOfUsers } from './testing/owner-of-users.ts';
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

type Stored = Document & { readonly _id: string };

let owner: OwnerOfUsers;
let shop: StartedShoppingService;
const collectionOf = (model: string) => shop.db.collection<Stored>(model);

beforeAll(async () => {
  owner = await startOwnerOfUsers();
  shop = await startTestShoppingService({ USER_SERVICE_URL: owner.url, VERIFICATION_SETTLE_MS: '50' });
  owner.serve(shop.users);
});
afterAll(async () => {
  await shop?.close();
  await owner?.close();
});

const verify = (model: string, repair = false) => verifyBy(shop.call, model, repair);
const documentsOf = (model: string) => collectionOf(model).find().sort({ _id: 1 }).toArray();

/** Subjects with three versions each, by the API or around it. */
const makers: Record<string, () => Promise<string>> = {
  async customers() {
    const id = await shop.createUser();
    await shop.userHappened(id, 'userLastNameChanged_v1', { lastName: 'King' });
    await shop.userHappened(id, 'userDeleted_v1');
    await shop.at(`/customers/${id}`, 3);
    return `user-${id}`;
  },
  async categories() {
    const { id } = await shop.createCategory();
    await shop.call(`PATCH /categories/${id}`, { title: 'Maps' });
    await shop.call(`DELETE /categories/${id}`);
    await shop.at(`/categories/${id}`, 3);
    return `category-${id}`;
  },
  async items() {
    const { id } = await shop.createItem();
    await shop.call(`PATCH /items/${id}`, { title: 'A map', price: 7 });
    await shop.at(`/items/${id}`, 3);
    return `item-${id}`;
  },
  async orders() {
    const id = crypto.randomUUID();
    const line = { itemId: crypto.randomUUID(), quantity: 2 };
    await shop.call('POST /orders', { id, customerId: crypto.randomUUID(), lines: [line] });
    for (const version of [2, 3]) {
      await shop.strangeHappened(`order-${id}`, 'orderNoted_v1', { text: `note ${version}` });
      await shop.at(`/orders/${id}`, version);
    }
    return `order-${id}`;
  },
};

/** As a hand does it with nothing but the driver. */
async function tamper(documents: Collection<Stored>, subjects: readonly string[], unnamed: string) {
  const [changed, deleted, setBack, raised, forked] = subjects as [string, string, string, string, string];
  const set = (_id: string, $set: object) => documents.updateOne({ _id }, { $set });
  const data = (await documents.findOne({ _id: changed }))?.data as object;
  await set(changed, { data: { ...data, [Object.keys(data)[0] as string]: 'by hand' } });
  await documents.deleteOne({ _id: deleted });
  await set(setBack, { version: 2 });
  await set(raised, { version: 9 });
  await set(forked, { eventsDigest: 'f'.repeat(64) });
  const like = (await documents.findOne({ _id: changed })) as Stored;
  await documents.insertOne({ ...like, _id: unnamed });
  const kinds = { [changed]: 'different', [deleted]: 'missing', [setBack]: 'behind', [raised]: 'ahead' };
  return { ...kinds, [forked]: 'forked', [unnamed]: 'extra' };
}

describe.each(Object.keys(makers))('%s', (model) => {
  test('what a hand did is named, each in its way; a repair changes exactly that', async () => {
    const make = makers[model] as () => Promise<string>;
    const subjects: string[] = [];
    for (let i = 0; i < 7; i += 1) subjects.push(await make());
    expect(await verify(model)).toMatchObject({ state: 'equal', findings: [], detail: '' });
    const right = await documentsOf(model);
    const unnamed = (subjects[0] as string).replace(/[0-9a-f-]{36}$/, crypto.randomUUID());
    const expected = await tamper(collectionOf(model), subjects, unnamed);
    const wrong = await documentsOf(model);

    const looked = await verify(model);
    expect([looked.state, foundIn(looked)]).toEqual(['different', expected]);
    expect(await documentsOf(model)).toEqual(wrong);

    const repaired = await verify(model, true);
    expect([repaired.state, foundIn(repaired), repaired.figures.repaired]).toEqual(['repaired', expected, 6]);
    expect(await documentsOf(model)).toEqual(right);
    expect((await verify(model)).state).toBe('equal');
  });
});

test('a tampered ledger of references is found: own kinds are compared whole', async () => {
  const subject = await (makers.items as () => Promise<string>)();
  await collectionOf('items').updateOne({ _id: subject }, { $set: { 'references.0.sinceVersion': 2 } });
  expect(foundIn(await verify('items', true))).toEqual({ [subject]: 'different' });
  expect((await verify('items')).state).toBe('equal');
});

test('a copy of no event that something names becomes a placeholder again', async () => {
  const categoryId = crypto.randomUUID();
  await shop.createItem({ categoryId });
  const _id = `category-${categoryId}`;
  const named = collectionOf('categories');
  await until(async () => (await named.countDocuments({ _id, version: 0 })) === 1);
  const like = (await named.findOne({ version: 3 })) as Stored;
  await named.replaceOne({ _id }, { ...like, _id });
  expect(foundIn(await verify('categories', true))).toEqual({ [_id]: 'extra' });
  expect(await named.findOne({ _id })).toEqual({ _id, version: 0, state: 'notYetAvailable' });
});

test('live writes while it looks are no findings', async () => {
  const { id } = await shop.createCategory();
  let writing = true;
  let version = 1;
  const writer = (async () => {
    while (writing) {
      version += 1;
      await shop.call(`PATCH /categories/${id}`, { title: `Title ${version}` });
      await shop.createCategory();
    }
  })();
  const verified: Verified[] = [];
  while (verified.length < 5 || version < 10) verified.push(await verify('categories', true));
  writing = false;
  await writer;
  expect(verified.flatMap(({ findings }) => findings)).toEqual([]);
});

test('a subject that is held for what cannot be read is told with why, and left', async () => {
  const id = await shop.createUser();
  await shop.userHappened(id, 'userFirstNameChanged_v1', { firstName: 7 });
  await until(async () => (await shop.call('GET /admin/held')).body.items.length > 0);
  expect((await verify('customers', true)).state).toBe('equal');
  const events = shop.users.collection('UserEvents');
  await events.updateOne({ subject: `user-${id}`, version: 2 }, { $set: { 'data.firstName': 'Augusta' } });
  const { state, findings } = await verify('customers', true);
  expect(state).toBe('different');
  const left = { kind: 'behind', subject: `user-${id}`, held: 'invalid-data', repair: { outcome: 'held' } };
  expect(findings).toMatchObject([left]);
  await shop.call(`POST /admin/held/user-${id}/retry`);
  expect((await verify('customers')).state).toBe('equal');
});

test('a model that nobody has is named with the known ones; what is asked strictly is refused strictly', async () => {
  const unknown = await shop.call('POST /admin/verifications', { model: 'people' });
  expect([unknown.status, unknown.body.code]).toEqual([404, 'not-found']);
  expect((unknown.body as unknown as { detail: string }).detail).toContain('customers, categories, items, orders');
  for (const body of [{}, { model: 7 }, { model: 'items', fix: true }])
    expect((await shop.call('POST /admin/verifications', body)).status).toBe(400);
  expect((await shop.call(`GET /admin/verifications/${crypto.randomUUID()}`)).status).toBe(404);
});

test('two at a time of one model are refused', async () => {
  const [one, other] = await Promise.all([
    shop.call('POST /admin/verifications', { model: 'items' }),
    shop.call('POST /admin/verifications', { model: 'items' }),
  ]);
  expect([one.status, other.status].sort()).toEqual([202, 409]);
  expect([one, other].find(({ status }) => status === 409)?.body.code).toBe('verification-running');
});

test('what is known shows in the metrics and in the verbose readiness', async () => {
  await verify('orders');
  const { body } = await shop.call('GET /admin/verifications');
  const models = (body as unknown as { models: { name: string; equalAt: string | null }[] }).models;
  expect(models.map(({ name }) => name)).toEqual(['customers', 'categories', 'items', 'orders']);
  const equalAt = Date.parse(models.at(-1)?.equalAt ?? '');
  const metrics = (await shop.app.inject('/metrics')).body;
  expect(metrics).toContain(`foldline_proved_equal_timestamp_seconds{model="orders"} ${equalAt / 1000}`);
  expect(metrics).toContain('foldline_proof_findings{model="orders",kind="missing"} 0');
  const ready = (await shop.call('GET /readyz?verbose')).body as unknown as {
    checks: { name: string; detail: string }[];
  };
  expect(ready.checks.find(({ name }) => name === 'proofs')?.detail).toContain('orders: last verified equal at 2');
});

test('the owner of users is down: it fails and says which, and nothing is changed', async () => {
  await collectionOf('customers').updateOne({ version: { $gt: 0 } }, { $set: { 'data.firstName': 'by hand' } });
  const before = await documentsOf('customers');
  await owner.close();
  const { state, detail } = await verify('customers', true);
  expect(state).toBe('failed');
  expect(detail).toContain(`user-service at ${owner.url}, the owner of users, does not answer`);
  expect(await documentsOf('customers')).toEqual(before);
});
