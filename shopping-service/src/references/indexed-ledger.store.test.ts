// Goal: a page of the ledger costs what the page is long, whatever was removed, whoever refers, and however long the lists are.
// Method: thousands of references; the commands that the driver really sent for each page are asked again with `explain`.

import { openModels } from 'foldline';
import { openTestDatabase, type TestDatabase } from 'foldline/testing/workspace';
import type { CommandStartedEvent, Document } from 'mongodb';
import type { ShopReadModel } from '../read-model.ts';
import { shoppingService } from '../service.ts';
import { firstGenerations } from '../testing/first-generations.ts';
import { documentOf, numbered, placeholderOf, put, since } from '../testing/ledger-world.ts';
import { referenceCounts } from './counts.ts';
import { type Ledger, type LedgerQuery, openLedger } from './ledger.ts';

jest.setTimeout(60_000);

const items = 3000;
const removedCategory = numbered('category', 1);
const unknownCategory = numbered('category', 2);
const knownCategory = numbered('category', 3);
const seller = numbered('user', 1);
const limit = 50;
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, i) => i + from);

let database: TestDatabase;
let shop: ShopReadModel;
let ledger: Ledger;
const commands: CommandStartedEvent[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  const client = await database.connect({ monitorCommands: true });
  shop = await openModels({ db: client.db(database.db.databaseName) }, shoppingService.models, firstGenerations);
  const clock = { now: () => new Date(since.getTime() + 1000) };
  ledger = openLedger({ shop, clock, limits: { overdueAfterMs: 500, scanMax: 5000 } });
  await put(shop.categories.collection, [
    documentOf(removedCategory, 'removed'),
    placeholderOf(unknownCategory),
    documentOf(knownCategory, 'available'),
  ]);
  await put(shop.customers.collection, [documentOf(seller, 'available')]);
  const itemOf = (n: number, category: string) =>
    documentOf(numbered('item', n), 'available', [
      ['categoryId', category],
      ['sellerId', seller],
    ]);
  const inTurn = [removedCategory, unknownCategory, knownCategory];
  await put(
    shop.items.collection,
    numbers(3 * items).map((n) => itemOf(n, inTurn[n % 3] as string)),
  );
  // What was removed refers to nothing, and no page may pay for it.
  await put(
    shop.items.collection,
    numbers(items, 100_000).map((n) => documentOf(numbered('item', n), 'removed')),
  );
  client.on('commandStarted', (event) => commands.push(event));
});
afterAll(() => database.close());

interface Cost {
  readonly keys: number;
  readonly documents: number;
}

const none: Cost = { keys: 0, documents: 0 };

/** Keys and documents that one command looked at, its lookups included. */
async function costOf({ command }: CommandStartedEvent): Promise<Cost> {
  const { lsid: _l, txnNumber: _t, $clusterTime: _c, $db: _d, readConcern: _r, ...bare } = command;
  const explanation = await database.db.command({ explain: bare, verbosity: 'executionStats' });
  const text = JSON.stringify(explanation, (key, value) => (key === 'rejectedPlans' ? undefined : value));
  expect(text).not.toMatch(/"COLLSCAN"|"stage":"SORT"|"\$sort":\{"sortKey"/);
  const stages: Document[] = explanation.stages ?? [];
  const first: Document = explanation.executionStats ?? stages[0]?.$cursor?.executionStats;
  const lookups = stages.filter((stage) => '$lookup' in stage);
  for (const { collectionScans } of lookups) expect(Number(collectionScans)).toBe(0);
  return lookups.reduce<Cost>(
    ({ keys, documents }, { totalKeysExamined, totalDocsExamined }) => ({
      keys: keys + Number(totalKeysExamined),
      documents: documents + Number(totalDocsExamined),
    }),
    { keys: first.totalKeysExamined, documents: first.totalDocsExamined },
  );
}

/** Reads `pages` pages and answers what the last of them cost in all. */
async function lastPage(query: LedgerQuery, pages: number) {
  commands.length = 0;
  let page = await ledger.page(query, { limit });
  for (let read = 1; read < pages; read += 1) {
    expect(page.next).not.toBeNull();
    commands.length = 0;
    page = await ledger.page(query, { limit, after: page.next ?? undefined });
  }
  const asked = commands.filter(({ commandName }) => commandName === 'aggregate' || commandName === 'find');
  const costs = await Promise.all(asked.map(costOf));
  const cost = costs.reduce((a, b) => ({ keys: a.keys + b.keys, documents: a.documents + b.documents }), none);
  return { page, cost };
}

const category = { kind: 'category' } as const;
const queries: readonly (readonly [string, LedgerQuery])[] = [
  ['no filter', {}],
  ['references to a kind', { target: category }],
  ['references that a kind holds', { referrer: { kind: 'item' } }],
  ['references to a seller whom every item names', { target: { kind: 'user', subject: seller } }],
  ['references to one category', { target: { kind: 'category', subject: removedCategory } }],
  ['removed', { state: 'removed' }],
  ['removed, one category', { state: 'removed', target: { kind: 'category', subject: removedCategory } }],
  ['pending', { state: 'pending' }],
  ['overdue', { state: 'overdue', target: category }],
  ['resolved', { state: 'resolved', target: category }],
];

test.each(queries)('a page costs what it is long: %s', async (_, query) => {
  for (const pages of [1, 3, 12]) {
    const { page, cost } = await lastPage(query, pages);
    expect(page.entries).toHaveLength(limit);
    // A referrer and a target for each entry, and for `resolved` those passed over in between; never a whole list.
    expect(cost.keys).toBeLessThan(12 * limit);
    expect(cost.documents).toBeLessThan(12 * limit);
  }
});

test('what one referrer holds is one document and its targets', async () => {
  for (const state of [undefined, 'pending', 'removed', 'resolved'] as const) {
    const { cost } = await lastPage({ state, referrer: { kind: 'item', subject: numbered('item', 4) } }, 1);
    expect(cost.keys).toBeLessThan(10);
    expect(cost.documents).toBeLessThan(10);
  }
});

test('a target in another state costs one look at it, however many refer to it', async () => {
  const { page, cost } = await lastPage({ state: 'pending', target: { kind: 'user', subject: seller } }, 1);
  expect(page).toEqual({ entries: [], next: null });
  expect(cost.documents).toBeLessThan(5);
});

test('counting stops at its cap, and is done again only after a while', async () => {
  let nowMs = since.getTime() + 1000;
  const clock = { now: () => new Date(nowMs) };
  const limits = { overdueAfterMs: 500, timeoutMs: 5000, cachedMs: 100 };
  const all = referenceCounts({ shop, clock, limits: { ...limits, countMax: 10_000 } });
  const counts = { pending: items, overdue: items, removed: items };
  expect(await all()).toEqual(counts);
  const some = referenceCounts({ shop, clock, limits: { ...limits, overdueAfterMs: 5000, countMax: 100 } });
  commands.length = 0;
  expect(await Promise.all([some(), some()])).toEqual(Array(2).fill({ pending: 100, overdue: 0, removed: 100 }));
  const once = commands.filter(({ commandName }) => commandName === 'aggregate');
  for (const cost of await Promise.all(once.map(costOf))) expect(cost.keys).toBeLessThan(12 * 100);
  nowMs += 99;
  expect(await some()).toMatchObject({ pending: 100 });
  expect(commands.filter(({ commandName }) => commandName === 'aggregate')).toHaveLength(once.length);
  nowMs += 1;
  // Also where it takes longer than it is good for: it is not asked for beside itself.
  const slow = some();
  nowMs += 100;
  await Promise.all([slow, some()]);
  expect(commands.filter(({ commandName }) => commandName === 'aggregate')).toHaveLength(2 * once.length);
});

test('page by page, every reference comes once, whichever way it is walked', async () => {
  const readAll = async (query: LedgerQuery) => {
    const found: string[] = [];
    let after: Awaited<ReturnType<Ledger['page']>>['next'] | undefined;
    for (let pages = 0; after !== null && pages < 200; pages += 1) {
      const page = await ledger.page(query, { limit: 200, after });
      found.push(...page.entries.map(({ referrer, field, target }) => `${field} ${referrer} ${target}`));
      after = page.next;
    }
    expect(new Set(found).size).toBe(found.length);
    return found.sort();
  };
  const all = await readAll({});
  const [removed, pending, overdue, resolved] = await Promise.all(
    (['removed', 'pending', 'overdue', 'resolved'] as const).map((state) => readAll({ state })),
  );
  expect([all.length, removed?.length, pending?.length]).toEqual([6 * items, items, items]);
  expect(overdue).toEqual(pending);
  expect([...(removed ?? []), ...(pending ?? []), ...(resolved ?? [])].sort()).toEqual(all);
});

test('a search that looks at too much ends in a short page that is not the last, and nothing is left out', async () => {
  const clock = { now: () => since };
  const short = openLedger({ shop, clock, limits: { overdueAfterMs: 0, scanMax: 40 } });
  const query = { state: 'resolved', target: category } as const;
  const found: string[] = [];
  const sizes: number[] = [];
  let after: Awaited<ReturnType<Ledger['page']>>['next'] | undefined;
  for (let pages = 0; after !== null && pages < 20; pages += 1) {
    const page = await short.page(query, { limit, after });
    found.push(...page.entries.map(({ referrer }) => referrer));
    sizes.push(page.entries.length);
    after = page.next;
  }
  expect(Math.max(...sizes)).toBeLessThan(limit);
  expect(found).toEqual(numbers(found.length).map((n) => numbered('item', 3 * n - 1)));
  expect(found.length).toBeGreaterThan(200);
});
