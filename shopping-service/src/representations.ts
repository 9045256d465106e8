// What travels over HTTP about the shop, and how documents become it. References are joined here, at the moment of reading,
// with one query per collection for a whole page, and the removal policies applied; no body holds a clock or an offset.
import { idOf, type StoredDocument, subjectOf } from 'foldline/engine';
import { z } from 'zod';
import type { CategoryData } from './catalogue/category.ts';
import type { ItemData } from './catalogue/item.ts';
import type { Identities, People } from './customers/identities.ts';
import type { OrderData } from './orders/order.ts';
import type { ShopReadModel } from './read-model.ts';
import { isDetached, type RemovalPolicies } from './references/policies.ts';
import { dataOf, notYetAvailableText, stateOf } from './shop-view.ts';

const state = z.enum(['notYetAvailable', 'available', 'removed']);
const head = { id: z.string(), state, version: z.int() };
const namedReference = z.strictObject({ id: z.string(), state, name: z.string() });
const categoryReference = z.strictObject({ id: z.string(), state, title: z.string() });
const itemReference = z.strictObject({
  id: z.string(),
  state,
  title: z.string(),
  category: categoryReference.nullable(),
});

export const customerBody = z.strictObject({
  ...head,
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  email: z.string().nullable(),
});
export const categoryBody = z.strictObject({ ...head, title: z.string() });
export const itemBody = z.strictObject({
  ...head,
  title: z.string(),
  price: z.int().nullable(),
  category: categoryReference.nullable(),
  seller: namedReference.nullable(),
});
export const orderBody = z.strictObject({
  ...head,
  customer: namedReference.nullable(),
  lines: z.array(z.strictObject({ quantity: z.int(), item: itemReference.nullable() })),
});

/** What bodies are made from: the documents, and what is shown of those that were removed. */
export interface ReadSide {
  readonly shop: ShopReadModel;
  readonly identities: Identities;
  readonly policies: RemovalPolicies;
}

type Documents = ReadonlyMap<string, StoredDocument>;

function headOf(document: StoredDocument) {
  return { id: idOf(document._id), state: stateOf(document), version: document.version };
}

/** Customers as they are now: a merged customer is shown as its survivor. */
export async function presentCustomers(
  { identities }: Pick<ReadSide, 'identities'>,
  documents: readonly StoredDocument[],
): Promise<z.output<typeof customerBody>[]> {
  const ids = documents.map(({ _id }) => idOf(_id));
  const people = await identities.of(ids, documents);
  return ids.map((id) => {
    const { survivorId, document, data } = people(id);
    const { firstName = null, lastName = null, email = null } = data ?? {};
    return { id: survivorId, state: stateOf(document), version: document?.version ?? 0, firstName, lastName, email };
  });
}

export function presentCategory(document: StoredDocument): z.output<typeof categoryBody> {
  return { ...headOf(document), title: dataOf<CategoryData>(document)?.title ?? notYetAvailableText };
}

/** One query for the categories of all `documents`, and a few for the sellers. */
export async function presentItems(
  { shop, identities, policies }: ReadSide,
  documents: readonly StoredDocument[],
): Promise<z.output<typeof itemBody>[]> {
  const items = documents.map((document) => ({ document, data: dataOf<ItemData>(document) }));
  const [categories, sellers] = await Promise.all([
    readAll(
      shop.categories.documents,
      'category',
      items.map(({ data }) => data?.categoryId),
    ),
    identities.of(items.flatMap(({ data }) => data?.sellerId || [])),
  ]);
  return items.map(({ document, data }) => ({
    ...headOf(document),
    title: data?.title ?? notYetAvailableText,
    price: data?.price ?? null,
    category: categoryOf(policies, categories, data?.categoryId),
    seller: personOf(policies, 'sellerId', sellers, data?.sellerId),
  }));
}

/** A chain: the orders' customers and items in one step, the items' categories in the next. */
export async function presentOrders(
  { shop, identities, policies }: ReadSide,
  documents: readonly StoredDocument[],
): Promise<z.output<typeof orderBody>[]> {
  const orders = documents.map((document) => ({ document, data: dataOf<OrderData>(document) }));
  const [customers, items] = await Promise.all([
    identities.of(orders.flatMap(({ data }) => data?.customerId || [])),
    readAll(
      shop.items.documents,
      'item',
      orders.flatMap(({ data }) => data?.lines.map(({ itemId }) => itemId)),
    ),
  ]);
  const categoryIds = [...items.values()].map((item) => dataOf<ItemData>(item)?.categoryId);
  const categories = await readAll(shop.categories.documents, 'category', categoryIds);
  return orders.map(({ document, data }) => ({
    ...headOf(document),
    customer: personOf(policies, 'customerId', customers, data?.customerId),
    lines: (data?.lines ?? []).map(({ itemId, quantity }) => ({
      quantity,
      item: itemOf(policies, items, categories, itemId),
    })),
  }));
}

async function readAll(
  documents: ShopReadModel['items']['documents'],
  kind: string,
  ids: readonly (string | undefined)[],
): Promise<Documents> {
  const subjects = new Set(ids.filter((id) => id).map((id) => subjectOf(kind, id as string)));
  return subjects.size > 0 ? documents.read([...subjects]) : new Map();
}

function categoryOf(policies: RemovalPolicies, categories: Documents, id: string | undefined) {
  if (!id) return null;
  const document = categories.get(subjectOf('category', id));
  if (isDetached(policies, 'categoryId', stateOf(document))) return null;
  return { id, state: stateOf(document), title: dataOf<CategoryData>(document)?.title ?? notYetAvailableText };
}

function personOf(policies: RemovalPolicies, field: 'sellerId' | 'customerId', people: People, id: string | undefined) {
  if (!id) return null;
  const { survivorId, document, data } = people(id);
  if (isDetached(policies, field, stateOf(document))) return null;
  const name = data ? `${data.firstName} ${data.lastName}`.trim() : notYetAvailableText;
  return { id: survivorId, state: stateOf(document), name };
}

function itemOf(policies: RemovalPolicies, items: Documents, categories: Documents, id: string) {
  const document = items.get(subjectOf('item', id));
  if (isDetached(policies, 'lines.itemId', stateOf(document))) return null;
  const data = dataOf<ItemData>(document);
  return {
    id,
    state: stateOf(document),
    title: data?.title ?? notYetAvailableText,
    category: categoryOf(policies, categories, data?.categoryId),
  };
}
