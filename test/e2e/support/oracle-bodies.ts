// The bodies that the shop must answer, joined from the oracle's documents by the words of the contract.
import type { Documents, Oracle } from './oracle.ts';
import type { SubjectDocument } from './test-system.ts';

const unknownText = 'Not yet available';

export type Kind = 'customers' | 'categories' | 'items' | 'orders';

const idOf = (subject: string): string => subject.replace(/^(user|category|item|order)-/, '');

/** The body of `GET /<kind>/<id>`. */
export function bodyOf(oracle: Oracle, kind: Kind, document: SubjectDocument): object {
  const head = { id: idOf(document._id), state: document.state, version: document.version };
  const { data } = document;
  switch (kind) {
    case 'customers':
      return {
        ...head,
        firstName: data?.firstName ?? null,
        lastName: data?.lastName ?? null,
        email: data?.email ?? null,
      };
    case 'categories':
      return { ...head, title: data?.title ?? unknownText };
    case 'items':
      return {
        ...head,
        title: data?.title ?? unknownText,
        price: data?.price ?? null,
        category: data ? category(oracle.categories, data.categoryId) : null,
        seller: data ? person(oracle.customers, data.sellerId) : null,
      };
    case 'orders': {
      const lines: readonly { itemId: string; quantity: number }[] = data.lines;
      return {
        ...head,
        customer: person(oracle.customers, data.customerId),
        lines: lines.map(({ itemId, quantity }) => ({ quantity, item: itemInLine(oracle, itemId) })),
      };
    }
  }
}

/** The members of `GET /users/<id>` that do not depend on how far the snapshot is. */
export function userBodyOf({ _id, version, data, createdAt, time }: SubjectDocument): Record<string, unknown> {
  const { firstName, lastName, email } = data;
  return {
    id: idOf(_id),
    firstName,
    lastName,
    email,
    version,
    createdAt: createdAt.toISOString(),
    updatedAt: time.toISOString(),
  };
}

function category(categories: Documents, id: string) {
  const found = named(categories, `category-${id}`);
  return { id, state: found.state, title: found.data?.title ?? unknownText };
}

function person(people: Documents, id: string) {
  const { state, data } = named(people, `user-${id}`);
  return { id, state, name: data ? `${data.firstName} ${data.lastName}`.trim() : unknownText };
}

function itemInLine({ items, categories }: Oracle, id: string) {
  const { state, data } = named(items, `item-${id}`);
  return {
    id,
    state,
    title: data?.title ?? unknownText,
    category: data ? category(categories, data.categoryId) : null,
  };
}

/** Whatever an event names has a document: its own, or a placeholder. */
function named(documents: Documents, subject: string): SubjectDocument {
  const found = documents.get(subject);
  if (found === undefined) throw new Error(`the oracle has no document of ${subject}, which an event names`);
  return found;
}
