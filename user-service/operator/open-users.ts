// The users' store as an import or an adoption opens it: only to look, or to write as user-service itself would. Services may run meanwhile.
import { AdminFailure } from 'foldline/admin';
import { clientSettings, storeLimits, systemClock, systemIds } from 'foldline/config';
import type { CrashAt, EventStore, StoredDocument, StoredEvent } from 'foldline/engine';
import {
  assertOwnCollections,
  claimsAndHeads,
  connectToMongo,
  makeMissingCollections,
  mongoDocuments,
  openMongoEventStore,
} from 'foldline/mongodb';
import { crashPoints } from 'foldline/running';
import type { Collection, Db } from 'mongodb';
import { userClaimRules } from '../src/identities/claim-rules.ts';
import type { IdentityPorts } from '../src/identities/merge.ts';
import { type MergeLog, mergeLogOf } from '../src/identities/merge-log.ts';
import { eventsCollection, ownCollections } from '../src/own-collections.ts';
import { userProjection } from '../src/users/user.ts';
import { type BeginningDocument, type Beginnings, beginningsIn } from './beginnings.ts';
import type { ImportConfig } from './config.ts';

export type Known = Pick<EventStore, 'holders' | 'heads'>;

export interface Users {
  readonly events: Collection<StoredEvent>;
  /** These two create and write nothing. */
  readonly known: Known;
  readonly log: MergeLog;
  /** Any database of the same server. */
  database(name: string): Db;
  /** What tells this collection of events from any other, also of the same name; undefined while there is none. */
  collectionId(): Promise<string | undefined>;
  readonly beginnings: Beginnings;
  /** Opens the store for writing, and creates what it needs there. */
  forWriting(): Promise<IdentityPorts & { readonly store: EventStore }>;
  /** Ends the process at the place that a test names. */
  readonly crashAt: CrashAt;
  close(): Promise<void>;
}

/** @throws AdminFailure `service-unreachable`; ForeignCollection when its database has collections of somebody else */
export async function openUsers(config: ImportConfig): Promise<Users> {
  const client = await connectToMongo(clientSettings('user-service-admin', config)).catch((cause: Error) => {
    throw new AdminFailure('service-unreachable', cause.message, { cause });
  });
  const db = client.db(config.USERS_DATABASE);
  const forms = ownCollections(config.STORE_EVENT_BYTES_MAX);
  const events = db.collection<StoredEvent>(eventsCollection);
  const crashAt = crashPoints(config.CRASH_AT);
  const collectionId = async () => {
    const [found] = await db.listCollections({ name: eventsCollection }).toArray();
    return (found as { info?: { uuid?: { toString(): string } } } | undefined)?.info?.uuid?.toString();
  };
  await assertOwnCollections(db, forms).catch(async (error: unknown) => {
    await client.close();
    throw error;
  });
  return {
    events,
    known: claimsAndHeads(events, userClaimRules),
    log: mergeLogOf(events),
    database: (name) => client.db(name),
    collectionId,
    beginnings: beginningsIn(db.collection<BeginningDocument>('Imports'), events, collectionId),
    async forWriting() {
      await makeMissingCollections(db, forms);
      const store = await openMongoEventStore({
        client,
        db,
        collection: eventsCollection,
        claimRules: userClaimRules,
        limits: { ...storeLimits(config), insertMs: config.IMPORT_INSERT_MS },
        crashPoint: crashAt,
      });
      return {
        store,
        projection: userProjection,
        documents: mongoDocuments(db.collection<StoredDocument>('Users')),
        clock: systemClock,
        ids: systemIds,
        membersMax: config.IDENTITY_MEMBERS_MAX,
      };
    },
    crashAt,
    close: () => client.close(),
  };
}
