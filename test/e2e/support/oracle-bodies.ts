// The bodies that the shop must answer, joined from the oracle's documents by the words of the contract.
import type { Documents, Oracle } from './oracle.ts';
import { type MergedPerson, personIn, winner } from './oracle-merging.ts';
import type { SubjectDocument } from './test-system.ts';

const unknownText = 'Not yet available';

export type Kind = 'customers' | 'categories' | 'items' | 'orders';

const idOf = (subject: string): string => subject.replace(/^(user|category|item|order)-/, '');

/** The body of `GET /<kind>/<id>`; of a customer that was merged, the survivor's. */
export function bodyOf(oracle: Oracle, kind: Kind, document: SubjectDocument): object {
  const head = { id: idOf(document._id), state: document.state, version: document.version };
  const { data } = document;
  switch (kind) {
    case 'customers': {
      const { survivor, values } = personIn(oracle.customers, document._id);
      const field = (name: 'firstName' | 'lastName' | 'email') => values && winner(values[name]);
      return {
        id: idOf(survivor._id),
        state: survivor.state,
        version: survivor.version,
        firstName: field('firstName') ?? null,
        lastName: field('lastName') ?? null,
        email: field('email') ?? null,
      };
    }
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

/** The same of a user who was merged, or into whom others were: the survivor's, of merges that both sides tell of. */
export function mergedUserBodyOf(users: Documents, subject: string): Record<string, unknown> {
  const { survivor, members, values } = personIn(users, subject);
  const said = Object.entries(values as NonNullable<MergedPerson['values']>);
  return {
    ...userBodyOf(survivor),
    ...Object.fromEntries(said.map(([field, all]) => [field, winner(all)])),
    versions: Object.fromEntries(members.map(({ _id, version }) => [_id, version])),
    alternatives: Object.fromEntries(
      said.flatMap(([field, [, ...others]]) => (others.length > 0 ? [[field, others]] : [])),
    ),
  };
}

/** Ids of what `GET /items?sellerId=` or `GET /orders?customerId=` lists for the id of any member, in order. */
export function listedFor(oracle: Oracle, kind: 'items' | 'orders', id: string): string[] {
  const members = personIn(oracle.customers, `user-${id}`).members.map(({ _id }) => idOf(_id));
  const field = kind === 'items' ? 'sellerId' : 'customerId';
  return [...oracle[kind].values()]
    .filter(({ state, data }) => state === 'available' && members.includes(data[field]))
    .map(({ _id }) => idOf(_id))
    .sort();
}

function category(categories: Documents, id: string) {
  const found = named(categories, `category-${id}`);
  return { id, state: found.state, title: found.data?.title ?? unknownText };
}

function person(people: Documents, id: string) {
  const { survivor, values } = personIn(people, `user-${id}`);
  const name = values ? `${winner(values.firstName)} ${winner(values.lastName)}`.trim() : unknownText;
  return { id: idOf(survivor._id), state: survivor.state, name };
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
