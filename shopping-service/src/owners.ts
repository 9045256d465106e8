// Who has the events of which subject: the shop's own stores, and user-service for users.
import { type EventStore, kindOf, type Owner } from '@foldline/shared/engine';
import { userEventsClient } from '@foldline/shared/service';
import type { ShoppingServiceConfig } from './config.ts';

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

export function ownersOf(
  config: ShoppingServiceConfig,
  { catalogStore, orderStore }: OwnStores,
): (subject: string) => Owner | undefined {
  const owners: Readonly<Record<string, Owner>> = {
    user: ownerOfUsers(config),
    category: catalogStore,
    item: catalogStore,
    order: orderStore,
  };
  return (subject) => owners[kindOf(subject)];
}
