// Events into the three event collections with nothing but the driver, in the order in which they are given.
import { type EventDocument, storedEvents } from './oracle.ts';
import type { TestSystem } from './test-system.ts';

/** What an insert needs of an event. */
export interface InsertedEvent {
  readonly subject: string;
}

const eventsAtOnce = 100;

const collections = [
  { database: 'users', collection: 'UserEvents', kinds: ['user'] },
  { database: 'shopping', collection: 'CatalogEvents', kinds: ['category', 'item'] },
  { database: 'shopping', collection: 'OrderEvents', kinds: ['order'] },
] as const;

/** Each collection gets its own events in the given order; the three are filled side by side. */
export async function insertEvents(system: TestSystem, events: readonly InsertedEvent[]): Promise<void> {
  await Promise.all(
    collections.map(async ({ database, collection, kinds }) => {
      const own = events.filter(({ subject }) => kinds.some((kind) => subject.startsWith(`${kind}-`)));
      for (let i = 0; i < own.length; i += eventsAtOnce) {
        // The driver writes `_id` into what it is given.
        const documents = own.slice(i, i + eventsAtOnce).map((event) => ({ ...event }));
        await system[database].collection(collection).insertMany(documents, { ordered: true });
      }
    }),
  );
}

/** All stored events as they travel: without the store's own fields. */
export async function eventsOf({ users, shopping }: Pick<TestSystem, 'users' | 'shopping'>): Promise<EventDocument[]> {
  const databases = { users, shopping };
  const stored = await Promise.all(
    collections.map(({ database, collection }) => storedEvents(databases[database], collection)),
  );
  return stored.flat().map((event) => {
    const { _id, claims, request, ...travels } = event as EventDocument & { _id: unknown };
    return travels;
  });
}
