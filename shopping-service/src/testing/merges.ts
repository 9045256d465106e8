// Merges of customers as user-service would store them: an event on each side. Each helper waits until the shop has folded both.
import { systemIds } from 'foldline';
import type { StartedShoppingService } from './started-shopping-service.ts';

/** Stores an event of a user, and resolves when the shop has folded the event. */
export async function customerAfter(shop: StartedShoppingService, id: string, type: string, data: object = {}) {
  const version = await shop.userHappened(id, type, data);
  return shop.at(`/customers/${id}`, version);
}

/** @returns the merge's id */
export async function merge(shop: StartedShoppingService, absorbedId: string, survivorId: string): Promise<string> {
  const mergeId = systemIds.next();
  await customerAfter(shop, absorbedId, 'userAbsorbed_v1', { mergeId, survivorId, reason: 'one person' });
  await customerAfter(shop, survivorId, 'userMerged_v1', { mergeId, absorbedId });
  return mergeId;
}

export async function unmerge(shop: StartedShoppingService, mergeId: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) await customerAfter(shop, id, 'mergeRetracted_v1', { mergeId });
}

export interface Names {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
}

/** A customer with these fields and no others. @returns its id, which sorts by `order` */
export async function imported(shop: StartedShoppingService, names: Names, order = 9): Promise<string> {
  const id = `${order}${crypto.randomUUID().slice(1)}`;
  await customerAfter(shop, id, 'userImported_v1', names);
  return id;
}
