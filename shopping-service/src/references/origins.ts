// Which events make something of each kind available, where they travel, and whose they are: what a pending reference waits for.
import type { Kind } from './fields.ts';

export interface Origin {
  /** The types of the first event, of each the newest version first. */
  readonly types: readonly string[];
  readonly topic: string;
  readonly owner: string;
}

export const origins: Readonly<Record<Kind, Origin>> = {
  user: { types: ['userCreated_v2', 'userCreated_v1', 'userImported_v1'], topic: 'user-events', owner: 'user-service' },
  category: { types: ['categoryCreated_v1'], topic: 'catalog-events', owner: 'shopping-service' },
  item: { types: ['itemAdded_v1'], topic: 'catalog-events', owner: 'shopping-service' },
  order: { types: ['orderPlaced_v1'], topic: 'order-events', owner: 'shopping-service' },
};
