// Waits for positions, never for time: until every subject's last stored event has reached each document that copies it.
import type { Db } from 'mongodb';
import { get } from './requests.ts';
import { type EventDocument, headsOf, storedEvents } from './stored-events.ts';
import type { SubjectDocument, TestSystem } from './test-system.ts';
import { waitUntil } from './wait-until.ts';

const shownMax = 10;

const copies = [
  { kind: 'user', database: 'users', collection: 'Users' },
  { kind: 'user', database: 'shopping', collection: 'customers' },
  { kind: 'category', database: 'shopping', collection: 'categories' },
  { kind: 'item', database: 'shopping', collection: 'items' },
  { kind: 'order', database: 'shopping', collection: 'orders' },
] as const;

/** Until the snapshots and the shop's documents are at the version of each subject's last stored event. */
export async function waitForPositions(system: TestSystem, limitMs: number): Promise<void> {
  const stored = await Promise.all([
    storedEvents(system.users, 'UserEvents'),
    storedEvents(system.shopping, 'CatalogEvents'),
    storedEvents(system.shopping, 'OrderEvents'),
  ]);
  const heads = headsOf(stored.flat() as EventDocument[]);
  try {
    await waitUntil('every stored event in every copy', limitMs, () => behind(system, heads));
  } catch (error) {
    const states = await Promise.all(
      [system.ready.userService, system.ready.shoppingService].map(async (url) =>
        JSON.stringify((await get(`${url}/readyz?verbose`)).body),
      ),
    );
    throw new Error([(error as Error).message, ...states, await system.logs()].join('\n'), { cause: error });
  }
}

async function behind(
  { users, shopping }: Pick<TestSystem, 'users' | 'shopping'>,
  heads: ReadonlyMap<string, number>,
): Promise<string | undefined> {
  const databases = { users, shopping };
  const faults = await Promise.all(
    copies.map(async ({ kind, database, collection }) => {
      const versions = await versionsIn(databases[database], collection);
      return [...heads]
        .filter(([subject, version]) => subject.startsWith(`${kind}-`) && (versions.get(subject) ?? 0) < version)
        .map(
          ([subject, version]) => `${collection} has ${subject} at ${versions.get(subject) ?? 'none'}, not ${version}`,
        );
    }),
  );
  const all = faults.flat();
  return all.length === 0 ? undefined : `${all.length} are behind:\n${all.slice(0, shownMax).join('\n')}`;
}

async function versionsIn(db: Db, collection: string): Promise<Map<string, number>> {
  const found = await db
    .collection<SubjectDocument>(collection)
    .find({}, { projection: { version: 1 } })
    .toArray();
  return new Map(found.map(({ _id, version }) => [_id, version]));
}
