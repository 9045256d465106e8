// Goal: explaining the longest order is one query for each collection, and an answer of bounded length.
// Method: documents in memory that count how often they are read; an order of a hundred items, each with its own references.
import { idOf, type ProjectedDocument } from 'foldline/engine';
import { inMemoryDocuments } from 'foldline/testing';
import type { ShopReadModel } from '../read-model.ts';
import { documentOf, numbered, since } from '../testing/ledger-world.ts';
import { explain } from './explain.ts';
import { explanationOf } from './explanation.ts';

const numbers = Array.from({ length: 100 }, (_, i) => i + 1);
const order = numbered('order', 1);

function counted(documents: readonly object[]) {
  const stored = inMemoryDocuments(documents as ProjectedDocument[]);
  const calls: number[] = [];
  const read: typeof stored.read = (ids) => {
    if (ids.length > 0) calls.push(ids.length);
    return stored.read(ids);
  };
  return { documents: { ...stored, read }, calls };
}

test('an order of a hundred items is explained with one query for each collection, and all that is missing named once', async () => {
  const items = numbers.map((n) =>
    documentOf(numbered('item', n), 'available', [
      ['categoryId', numbered('category', n)],
      ['sellerId', numbered('user', n)],
    ]),
  );
  const placed = {
    ...documentOf(order, 'available', [
      ['customerId', numbered('user', 101)],
      ...numbers.map((n) => ['lines.itemId', numbered('item', n)] as const),
    ]),
    data: { lines: numbers.map((n) => ({ itemId: idOf(numbered('item', n)), quantity: 1 })) },
  };
  const shop = {
    customers: counted([]),
    categories: counted([documentOf(numbered('category', 7), 'removed')]),
    items: counted(items),
    orders: counted([placed]),
  };
  const asked: number[] = [];
  const finding = await explain(
    {
      shop: shop as unknown as ShopReadModel,
      ledger: { page: async () => ({ entries: [], next: null }), overdueBefore: () => since },
      held: {
        async among(keys) {
          asked.push(keys.length);
          return new Map();
        },
      },
    },
    'order',
    order,
  );
  expect(Object.values(shop).map(({ calls }) => calls)).toEqual([[101], [100], [100], [1]]);
  expect(asked).toEqual([302]);
  const { missing, removed, complete } = explanationOf(finding as NonNullable<typeof finding>);
  expect([missing.length, removed.length, complete]).toEqual([200, 1, false]);
  expect(new Set(missing.map(({ path }) => path)).size).toBe(missing.length);
  expect(removed[0]?.path).toBe('lines.6.itemId.categoryId');
});
