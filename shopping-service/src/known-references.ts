// `?strict=true`: refuses references to subjects that are not available now. The shop's own aggregates are read as of now, customers as far
// as the read model has come. Without it an unknown reference is accepted, because the event of its target may be on the way.

import type { CategoryEvent, ItemEvent } from '@foldline/contracts';
import { Failure, type FaultyField, readSubjects, type SubjectSource, subjectOf } from 'foldline/engine';
import { booleanQuery } from 'foldline/fastify';
import { z } from 'zod';
import type { Category } from './catalogue/category.ts';
import type { Item } from './catalogue/item.ts';
import type { ShopReadModel } from './read-model.ts';
import { type ShopState, stateOf } from './shop-view.ts';

export const strictQuery = z.object({
  strict: booleanQuery.optional().describe('`true`: refuse references to what is not available'),
});

export interface NamedReference {
  /** A JSON pointer into the body, for example `/lines/0/itemId`. */
  readonly pointer: string;
  readonly kind: 'user' | 'category' | 'item';
  readonly id: string;
}

export interface ReferencePorts {
  readonly shop: ShopReadModel;
  readonly categories: SubjectSource<Category, CategoryEvent>;
  readonly items: SubjectSource<Item, ItemEvent>;
}

/** @throws Failure `reference-unknown` naming each field whose reference is a placeholder, unknown or removed */
export async function assertKnown(
  { shop, categories, items }: ReferencePorts,
  references: readonly NamedReference[],
): Promise<void> {
  if (references.length === 0) return;
  const named = (kind: NamedReference['kind']) => [
    ...new Set(references.filter((one) => one.kind === kind).map(({ id }) => subjectOf(kind, id))),
  ];
  const [customersNow, categoriesNow, itemsNow] = await Promise.all([
    shop.customers.documents.read(named('user')),
    readSubjects(categories, named('category')),
    readSubjects(items, named('item')),
  ]);
  const stateNow = ({ kind, id }: NamedReference): ShopState => {
    const subject = subjectOf(kind, id);
    if (kind === 'user') return stateOf(customersNow.get(subject));
    return stateOf((kind === 'category' ? categoriesNow : itemsNow).get(subject)?.document);
  };
  const states = references.map(stateNow);
  const errors: FaultyField[] = references.flatMap(({ pointer, kind, id }, i) =>
    states[i] === 'available'
      ? []
      : [{ pointer, detail: `${kind} ${id} is ${states[i] === 'removed' ? 'removed' : 'not known yet'}` }],
  );
  if (errors.length === 0) return;
  throw new Failure(
    'reference-unknown',
    `${errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ')}. Leave strict out to accept references whose news is on the way.`,
    { errors },
  );
}
