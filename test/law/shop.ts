// What of the shop the law runs: its four real projections, one model each, in order of dependence, and its reads of customers.

import { categoryProjection } from '@foldline/shopping-service/dist/src/catalogue/category.js';
import { itemProjection } from '@foldline/shopping-service/dist/src/catalogue/item.js';
import { customerProjection } from '@foldline/shopping-service/dist/src/customers/customer.js';
import {
  type Identities,
  type IdentityPorts,
  openIdentities,
  type Person,
} from '@foldline/shopping-service/dist/src/customers/identities.js';
import { orderProjection } from '@foldline/shopping-service/dist/src/orders/order.js';
import { presentCustomers } from '@foldline/shopping-service/dist/src/representations.js';
import { kindOf, type Projection, type StoredEvent } from 'foldline/engine';

export { type Identities, type IdentityPorts, openIdentities, type Person, presentCustomers };

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
