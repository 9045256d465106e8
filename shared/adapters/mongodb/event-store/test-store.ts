// What the tests of this folder share: a store with limits small enough that a test of a limit is quick, and failpoints.
import type { Collection, MongoClient } from 'mongodb';
import type { EventStore, StoredEvent } from '../../../engine/index.ts';
import type { TestDatabase } from '../../../testing/workspace/index.ts';
import { nameRule } from '../../contract/things.ts';
import { openMongoEventStore, type StoreLimits } from './event-store.ts';

export const storeLimits: StoreLimits = {
  groupsInFlightMax: 2,
  membersMax: 500,
  queueMax: 5000,
  eventBytesMax: 256 * 1024,
  insertMs: 1000,
  triesMax: 5,
  appendMs: 10_000,
};

export interface TestStore {
  readonly store: EventStore;
  /** The same collection by another client, which no fault is aimed at. */
  readonly events: Collection<StoredEvent>;
}

/** @param client the store's own; the database's first one stays clear of faults */
export async function openTestStore(
  { db }: TestDatabase,
  client: MongoClient,
  limits: Partial<StoreLimits> = {},
): Promise<TestStore> {
  const store = await openMongoEventStore({
    client,
    db: client.db(db.databaseName),
    collection: 'Events',
    claimRules: [nameRule],
    limits: { ...storeLimits, ...limits },
  });
  return { store, events: db.collection<StoredEvent>('Events') };
}

/**
 * Makes commands of one client fail. The server has one `failCommand` for all: only one test file at a time may use it.
 * @param client whose commands fail @param times how often, or for ever until the returned function ends it
 */
export async function failCommand(
  database: TestDatabase,
  client: MongoClient,
  times: number | 'always',
  data: { readonly failCommands: readonly string[] } & Readonly<Record<string, unknown>>,
): Promise<() => Promise<void>> {
  const admin = database.client.db('admin');
  const set = async (mode: object | string, more: object = {}) => {
    await admin.command({ configureFailPoint: 'failCommand', mode, ...more });
  };
  await set(times === 'always' ? 'alwaysOn' : { times }, { data: { ...data, appName: client.options.appName } });
  return () => set('off');
}
