// Goal: a new generation of a model is filled beside the live one, follows it, and is switched to and left again, while readers
// and writers never notice; what does not go with the generations that are there is refused, and changes nothing.
// Method: two processes of the shop on one database; documents are changed by hand in one generation, so that one sees which is read.

import { type RunningService, startService } from 'foldline';
import { createLogger } from 'foldline/fastify';
import { type AnswerBody, type Call, callerOf } from 'foldline/testing';
import { verifyBy } from 'foldline/testing/workspace';
import { readConfig, shoppingService } from './service.ts';
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

jest.setTimeout(60_000);

interface Generation {
  readonly name: string;
  readonly state: string;
  readonly fill: { readonly trouble: string | null; readonly aligned: number } | null;
}
interface Model {
  readonly model: string;
  readonly live: string;
  readonly generations: readonly Generation[];
  readonly comparison: {
    readonly state: string;
    readonly found: Record<string, number>;
    readonly listed: unknown[];
  } | null;
}

let shop: StartedShoppingService;
let second: RunningService;
let callSecond: Call;

beforeAll(async () => {
  shop = await startTestShoppingService({ GENERATION_LOOK_EVERY_MS: '50', VERIFICATION_SETTLE_MS: '50' });
  second = await startService(shoppingService, readConfig(shop.env), createLogger({ name: 'second', level: 'silent' }));
  callSecond = callerOf(second.app);
});
afterAll(async () => {
  await second.app.close();
  await second.close();
  await shop.close();
});

async function modelIn(call: Call, name: string): Promise<Model> {
  const { body } = await call('GET /admin/models');
  return (body as unknown as { models: Model[] }).models.find(({ model }) => model === name) as Model;
}

const step = (name: string, of: string, body: object = {}) => shop.call(`POST /admin/models/${name}/${of}`, body);

async function done(name: string, of: string, body: object = {}): Promise<AnswerBody> {
  const answer = await step(name, of, body);
  if (answer.status >= 300) throw new Error(`${of} of ${name} answered ${answer.status} ${answer.body.detail}`);
  return answer.body;
}

/** Until `is` holds of a model, as a process shows it. */
async function whenModel(call: Call, name: string, is: (model: Model) => boolean): Promise<Model> {
  for (;;) {
    const model = await modelIn(call, name);
    if (is(model)) return model;
    const trouble = model.generations.find(({ fill }) => fill?.trouble)?.fill?.trouble;
    if (trouble) throw new Error(trouble);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const following = ({ generations }: Model) => generations.some(({ state }) => state === 'following');
const collections = async () => (await shop.db.listCollections().toArray()).map(({ name }) => name);

/** Rebuilds, switches, and goes back to where it began at the end. */
async function rebuilt(name: string, act: (generation: string) => Promise<void>): Promise<void> {
  await done(name, 'rebuild');
  const { generations } = await whenModel(shop.call, name, following);
  const generation = generations[1]?.name as string;
  await act(generation);
  await done(name, 'discard');
}

test('the new generation holds what the live one holds, also what no event of its own made', async () => {
  const { id } = await shop.createCategory({ title: 'First' });
  const item = await shop.createItem({ categoryId: id });
  await shop.at(`/items/${item.id}`, 1);
  // A seller and a category of whom only the item has heard.
  for (const name of ['categories', 'customers', 'items']) {
    const before = await shop.db.collection(name).find().sort({ _id: 1 }).toArray();
    expect(before.length).toBeGreaterThan(0);
    await rebuilt(name, async (generation) => {
      expect(await shop.db.collection(generation).find().sort({ _id: 1 }).toArray()).toEqual(before);
      const indexes = async (collection: string) =>
        (await shop.db.collection(collection).indexes()).map((one) => one.name);
      expect(await indexes(generation)).toEqual(await indexes(name));
    });
  }
});

test('both follow; readers of every process read the one that is live, through switch and rollback', async () => {
  const { id } = await shop.createCategory({ title: 'Before' });
  const path = `/categories/${id}`;
  await shop.at(path, 1);
  await rebuilt('categories', async (generation) => {
    await shop.call(`PATCH ${path}`, { title: 'While it follows' });
    await shop.at(path, 2);
    const mark = (collection: string, title: string) =>
      shop.db
        .collection<{ _id: string }>(collection)
        .updateOne({ _id: `category-${id}` }, { $set: { 'data.title': title } });
    for (const name of ['categories', generation])
      expect(await shop.db.collection<{ _id: string }>(name).findOne({ _id: `category-${id}` })).toMatchObject({
        version: 2,
      });
    await mark('categories', 'of the first');
    await mark(generation, 'of the second');
    const titles = async () =>
      Promise.all([shop.call, callSecond].map(async (call) => (await call(`GET ${path}`)).body.title));
    expect(await titles()).toEqual(['of the first', 'of the first']);

    const switched = await done('categories', 'switch', { generation });
    expect(switched).toMatchObject({
      live: generation,
      generations: [
        { name: generation, state: 'live' },
        { name: 'categories', former: true },
      ],
    });
    expect(switched.stoodStillMs as unknown as number).toBeLessThan(1000);
    expect(await titles()).toEqual(['of the second', 'of the second']);
    expect((await modelIn(callSecond, 'categories')).live).toBe(generation);

    expect(await done('categories', 'rollback')).toMatchObject({ live: 'categories' });
    expect(await titles()).toEqual(['of the first', 'of the first']);
    await shop.call(`PATCH ${path}`, { title: 'Behind the way back' });
    await shop.at(path, 3);
    expect(await titles()).toEqual(['Behind the way back', 'Behind the way back']);
  });
});

test('discarding ends only the one that is not live, and its collection is gone', async () => {
  await done('orders', 'rebuild');
  await whenModel(shop.call, 'orders', following);
  const { live } = await done('orders', 'switch');
  expect(await done('orders', 'discard', { generation: 'orders' })).toMatchObject({
    live,
    generations: [{ name: live }],
  });
  expect(await collections()).toContain(String(live));
  expect(await collections()).not.toContain('orders');
  // And the next one has a name that none had before.
  await rebuilt('orders', async (generation) => expect(generation).toBe('orders_g3'));
});

test('a comparison names what is missing, extra and different in the other one, and nothing that is only on its way', async () => {
  const ids = await Promise.all(
    [1, 2, 3].map(async (n) => String((await shop.createCategory({ title: `Compared ${n}` })).id)),
  );
  for (const id of ids) await shop.at(`/categories/${id}`, 1);
  await rebuilt('categories', async (generation) => {
    const compare = async () => {
      expect((await step('categories', 'compare')).status).toBe(202);
      return (await whenModel(shop.call, 'categories', (model) => model.comparison?.state !== 'running')).comparison;
    };
    expect(await compare()).toMatchObject({ state: 'equal', listed: [] });
    const other = shop.db.collection<{ _id: string }>(generation);
    const [missing, different, behind] = ids.map((id) => `category-${id}`) as [string, string, string];
    const extra = `category-${crypto.randomUUID()}`;
    await other.deleteOne({ _id: missing });
    await other.updateOne({ _id: different }, { $set: { 'data.title': 'by hand' } });
    await other.updateOne({ _id: behind }, { $set: { version: 0, state: 'notYetAvailable' } });
    await other.insertOne({ _id: extra, version: 1, state: 'available', data: {} } as never);
    const found = await compare();
    expect(found).toMatchObject({
      state: 'different',
      found: { missing: 1, extra: 1, different: 1, behind: 1, ahead: 0 },
    });
    expect(found?.listed).toEqual(
      expect.arrayContaining([
        { kind: 'missing', subject: missing, liveVersion: 1, otherVersion: null },
        { kind: 'different', subject: different, liveVersion: 1, otherVersion: 1 },
        { kind: 'extra', subject: extra, liveVersion: null, otherVersion: 1 },
        { kind: 'behind', subject: behind, liveVersion: 1, otherVersion: 0 },
      ]),
    );
  });
});

test('what does not go with what is there is refused with the reason', async () => {
  const refused = async (name: string, of: string, body: object = {}) => {
    const answer = await step(name, of, body);
    return [answer.status, answer.body.code, answer.body.detail];
  };
  expect(await refused('people', 'rebuild')).toEqual([
    404,
    'not-found',
    'There is no model people here. There are: customers, categories, items, orders.',
  ]);
  expect(await refused('items', 'rebuild', { from: 'tape' })).toEqual([
    404,
    'not-found',
    'tape is no source for a backfill of items. The sources are: store.',
  ]);
  expect(await refused('items', 'switch')).toEqual([
    409,
    'rebuild-refused',
    expect.stringContaining('Start a rebuild first'),
  ]);
  expect(await refused('items', 'rollback')).toEqual([
    409,
    'rebuild-refused',
    expect.stringContaining('no former generation behind items'),
  ]);
  expect(await refused('items', 'discard')).toEqual([
    409,
    'rebuild-refused',
    expect.stringContaining('nothing to discard'),
  ]);
  expect(await refused('items', 'discard', { generation: 'items' })).toEqual([
    409,
    'rebuild-refused',
    'items is the live generation of items.',
  ]);
  expect(await refused('items', 'switch', { generation: 'items_g9' })).toEqual([
    404,
    'not-found',
    'items has no generation items_g9. There are: items.',
  ]);
  expect(await refused('items', 'compare')).toEqual([
    409,
    'rebuild-refused',
    expect.stringContaining('nothing to compare'),
  ]);
  await rebuilt('items', async () => {
    expect(await refused('items', 'rebuild')).toEqual([
      409,
      'rebuild-refused',
      expect.stringContaining('Discard it before'),
    ]);
  });
});

test('a verification is of the collection that was live, and a repair waits until that is the only one', async () => {
  await shop.createCategory();
  expect(await verifyBy(shop.call, 'categories', true)).toMatchObject({ state: 'equal' });
  const equalAt = async () => {
    const { body } = await shop.call('GET /admin/verifications');
    const { models } = body as unknown as { models: { name: string; equalAt: string | null }[] };
    return models.find(({ name }) => name === 'categories')?.equalAt;
  };
  const repair = () => shop.call('POST /admin/verifications', { model: 'categories', repair: true });
  const before = await equalAt();
  expect(before).not.toBeNull();
  await rebuilt('categories', async (generation) => {
    const refused = await repair();
    expect([refused.status, refused.body.code]).toEqual([409, 'rebuild-refused']);
    expect(refused.body.detail).toContain(`Discard ${generation} first`);
    await done('categories', 'switch');
    expect(await equalAt()).toBeNull();
    expect(await verifyBy(shop.call, 'categories', false)).toMatchObject({ state: 'equal' });
    expect((await repair()).body.code).toBe('rebuild-refused');
    await done('categories', 'rollback');
    expect(await equalAt()).toBeNull();
  });
  expect(await verifyBy(shop.call, 'categories', true)).toMatchObject({ state: 'equal' });
});
