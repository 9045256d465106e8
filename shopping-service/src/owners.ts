// Who has the events of which subject: the shop's own stores, and user-service for users.
import type { EventStore, Owner, Projector } from 'foldline/engine';
import { type Mendable, userEventsClient } from 'foldline/service';
import type { ShoppingServiceConfig } from './config.ts';
import type { ShopReadModel } from './read-model.ts';

export interface OwnStores {
  readonly catalogStore: EventStore;
  readonly orderStore: EventStore;
}

/** Who has the events of users. */
export function ownerOfUsers(config: ShoppingServiceConfig): Owner {
  return userEventsClient({
    url: config.USER_SERVICE_URL,
    token: config.USER_SERVICE_TOKEN,
    timeoutMs: config.USER_SERVICE_TIMEOUT_MS,
    requestsAtOnceMax: config.USER_SERVICE_REQUESTS_MAX,
    pagesMax: config.USER_SERVICE_EVENT_PAGES_MAX,
  });
}

/** All four kinds are folded by one projector. */
export function mendableIn(
  { customers, categories, items, orders }: ShopReadModel,
  { config, catalogStore, orderStore }: OwnStores & { readonly config: ShoppingServiceConfig },
  apply: Projector['apply'],
): Mendable[] {
  return [
    { models: [customers.model], owner: ownerOfUsers(config), apply },
    { models: [categories.model, items.model], owner: catalogStore, apply },
    { models: [orders.model], owner: orderStore, apply },
  ];
}
