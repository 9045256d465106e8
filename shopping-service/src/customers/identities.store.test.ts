// Goal: finding who stands for whom costs one indexed query for each step, however many are asked for, and ends at its limits.
// Method: documents as the projector leaves them; the commands that the driver really sent are counted, and asked again with
// `explain`.

import { openModels } from 'foldline';
import { idOf, mergeDepthMax, type StoredDocument } from 'foldline/engine';
import { pageOfDocuments } from 'foldline/mongodb';
import { openTestDatabase, type TestDatabase } from 'foldline/testing/workspace';
import type { CommandStartedEvent, Document } from 'mongodb';
import type { ShopReadModel } from '../read-model.ts';
import { everythingKept } from '../references/policies.ts';
import { presentItems } from '../representations.ts';
import { shoppingService } from '../service.ts';
import { firstGenerations } from '../testing/first-generations.ts';
import { documentOf, numbered, put } from '../testing/ledger-world.ts';
import { absorbedIn, type Identities, openIdentities } from './identities.ts';

// Thousands of documents; a busy machine alone must not fail a test.
jest.setTimeout(60_000);

const membersMax = 200;
const chains = 60;
const strangers = 2000;
const idAt = (n: number) => idOf(numbered('user', n));
const numbers = (count: number, from: number) => Array.from({ length: count }, (_, i) => i + from);

let database: TestDatabase;
let shop: ShopReadModel;
let identities: Identities;
const commands: CommandStartedEvent[] = [];

/** A customer that was merged into another, where one is given. */
function customer(n: number, into?: number, data: object = { firstName: `${n}`, lastName: '', email: '' }): object {
  return {
    ...documentOf(numbered('user', n), 'available'),
    data,
    ...(into && { mergedInto: idAt(into), mergeId: idAt(n) }),
  };
}

beforeAll(async () => {
  database = await openTestDatabase();
  const client = await database.connect({ monitorCommands: true });
  shop = await openModels({ db: client.db(database.db.databaseName) }, shoppingService.models, firstGenerations);
  const { documents, collection } = shop.customers;
  identities = openIdentities({ documents, absorbedBy: absorbedIn(shop.customers), membersMax });
  // Nobody merged these.
  await put(
    collection,
    numbers(strangers, 1).map((n) => customer(n)),
  );
  client.on('commandStarted', (event) => commands.push(event));
});
afterAll(() => database.close());

const asked = () => commands.filter(({ commandName }) => /^(find|aggregate|getMore)$/.test(commandName));

async function counted<T>(act: () => Promise<T>): Promise<{ result: T; queries: number }> {
  commands.length = 0;
  const result = await act();
  return { result, queries: asked().length };
}

/** What the server looked at for the commands that were counted last; none may sort or scan. */
async function costs(): Promise<{ keys: number; documents: number; index: string }[]> {
  return Promise.all(
    asked().map(async ({ command }) => {
      const { lsid: _l, $clusterTime: _c, $db: _d, readConcern: _r, ...bare } = command;
      const explained: Document = await database.db.command({ explain: bare, verbosity: 'executionStats' });
      const text = JSON.stringify(explained.queryPlanner.winningPlan);
      expect(text).not.toMatch(/"COLLSCAN"|"stage":"SORT"/);
      const { totalKeysExamined: keys, totalDocsExamined } = explained.executionStats;
      return { keys, documents: totalDocsExamined, index: /"indexName":"([^"]+)"/.exec(text)?.[1] ?? '_id_' };
    }),
  );
}

test('a page of sixty sellers, each at the end of three merges, costs the queries of one', async () => {
  const base = 10_000;
  const chain = (i: number) => numbers(4, base + 10 * i);
  const merged = numbers(chains, 0).flatMap((i) => chain(i).map((n, at) => customer(n, at < 3 ? n + 1 : undefined)));
  await put(shop.customers.collection, merged);
  const items = numbers(chains, 0).map((i) => ({
    ...documentOf(numbered('item', i), 'available'),
    data: { title: 'Tea', price: 1, categoryId: '', sellerId: idAt(base + 10 * i) },
  })) as StoredDocument[];
  const side = { shop, identities, policies: everythingKept };
  const one = await counted(() => presentItems(side, items.slice(0, 1)));
  const page = await counted(() => presentItems(side, items));
  // Four documents up to the survivor; then down, three levels and one look for a fourth.
  expect([one.queries, page.queries]).toEqual([8, 8]);
  expect(page.result.map(({ seller }) => seller?.id)).toEqual(numbers(chains, 0).map((i) => idAt(base + 10 * i + 3)));
  for (const { keys, documents } of await costs()) {
    expect(keys).toBeLessThanOrEqual(2 * chains + 1);
    expect(documents).toBeLessThanOrEqual(chains);
  }
});

test('those that nobody merged cost one more query than a plain read; none when they were read already', async () => {
  const ids = numbers(100, 1).map(idAt);
  expect((await counted(() => identities.of(ids))).queries).toBe(2);
  const [, down] = await costs();
  expect(down).toEqual({ keys: expect.any(Number), documents: 0, index: 'mergedInto_id' });
  const read = [...(await shop.customers.documents.read(ids.map((id) => `user-${id}`))).values()];
  expect((await counted(() => identities.of(ids, read))).queries).toBe(1);
});

test('two hundred members are all found, in the order of their merges, and one more is left out; whoever is asked for is a member', async () => {
  const [survivor, first] = [20_000, 20_001];
  await put(shop.customers.collection, [customer(survivor), ...numbers(199, first).map((n) => customer(n, survivor))]);
  const whole = (await identities.of([idAt(first + 7)]))(idAt(first + 7));
  expect(whole.members).toEqual(numbers(200, survivor).map(idAt));
  await put(
    shop.customers.collection,
    numbers(50, first + 199).map((n) => customer(n, survivor)),
  );
  const { result, queries } = await counted(() => identities.of([idAt(survivor), idAt(first + 240)]));
  expect(queries).toBeLessThanOrEqual(4);
  const person = result(idAt(first + 240));
  expect(result(idAt(survivor))).toBe(person);
  expect(person.survivorId).toBe(idAt(survivor));
  expect(person.members).toEqual([...numbers(200, survivor), first + 240].map(idAt));
});

test('a list by two hundred members pages by an index', async () => {
  const ids = numbers(membersMax, 30_000).map(idAt);
  const orders = numbers(20_000, 1).map((n) => ({
    ...documentOf(numbered('order', n), 'available'),
    data: { customerId: n % 50 === 0 ? (ids[(n / 50) % membersMax] as string) : idAt((n % strangers) + 1), lines: [] },
  }));
  await put(shop.orders.collection, orders);
  const list = (after?: string) =>
    pageOfDocuments(shop.orders.collection, { state: 'available', 'data.customerId': ids }, { after, limit: 50 });
  const found: string[] = [];
  let next: string | null | undefined;
  for (let pages = 0; next !== null && pages < 30; pages += 1) {
    const { result } = await counted(() => list(next ?? undefined));
    found.push(...result.documents.map(({ _id }) => _id));
    next = result.next;
    for (const { keys, documents } of await costs()) {
      expect(keys).toBeLessThanOrEqual(2 * membersMax + 51);
      expect(documents).toBeLessThanOrEqual(membersMax + 51);
    }
  }
  expect(found).toEqual(numbers(400, 1).map((n) => numbered('order', 50 * n)));
});

test('a list of those that were not merged looks at no others', async () => {
  const absorbed = numbers(3000, 40_000).map((n) => customer(n, 1));
  await put(shop.customers.collection, [...absorbed, customer(50_000)]);
  const wanted = { state: 'available', mergedInto: null };
  const after = numbered('user', 39_999);
  const { result } = await counted(() => pageOfDocuments(shop.customers.collection, wanted, { after, limit: 50 }));
  expect(result.documents.map(({ _id }) => _id)).toEqual([numbered('user', 50_000)]);
  expect((await costs()).map(({ keys, index }) => [keys < 10, index])).toEqual([[true, 'state_mergedInto_id']]);
});

test(`a chain of ${mergeDepthMax} merges leads to its survivor; a longer one, or a circle of as many, ends all the same`, async () => {
  const first = 60_000;
  const last = first + mergeDepthMax;
  await put(
    shop.customers.collection,
    numbers(mergeDepthMax, first).map((n) => customer(n, n + 1)),
  );
  await put(shop.customers.collection, [customer(last)]);
  const { result, queries } = await counted(() => identities.of([idAt(first)]));
  expect(result(idAt(first)).survivorId).toBe(idAt(last));
  expect(result(idAt(first)).members).toEqual(
    numbers(mergeDepthMax + 1, first)
      .map(idAt)
      .reverse(),
  );
  expect(queries).toBeLessThanOrEqual(2 * mergeDepthMax + 1);
  const turning = 70_000;
  const ring = numbers(3 * mergeDepthMax, turning);
  await put(
    shop.customers.collection,
    ring.map((n, i) => customer(n, ring[i + 1] ?? turning)),
  );
  const round = await counted(() => identities.of([idAt(turning)]));
  expect(round.result(idAt(turning)).members.length).toBeGreaterThan(1);
  expect(round.queries).toBeLessThanOrEqual(2 * mergeDepthMax + 1);
});
