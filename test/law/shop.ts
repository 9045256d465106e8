// The shop's four real projections, as the law runs them: one model each, in order of dependence.
import { kindOf, type Projection, type StoredEvent } from '@foldline/shared/engine';
import { categoryProjection } from '@foldline/shopping-service/dist/src/catalogue/category.js';
import { itemProjection } from '@foldline/shopping-service/dist/src/catalogue/item.js';
import { customerProjection } from '@foldline/shopping-service/dist/src/customers/customer.js';
import { orderProjection } from '@foldline/shopping-service/dist/src/orders/order.js';

export const kinds = ['user', 'category', 'item', 'order'] as const;
export type Kind = (typeof kinds)[number];

export const shopProjections = [
  customerProjection,
  categoryProjection,
  itemProjection,
  orderProjection,
] as unknown as readonly Projection[];

/** Kinds whose events the shop stores itself, so that it can read a missing one from its own collections. */
export function ownedByShop(event: Pick<StoredEvent, 'subject'>): boolean {
  return kindOf(event.subject) !== 'user';
}
