// user-service, declared: the store of user events, and their snapshots, which a connector publishes. What follows from it is the
// kit's.
import { contractDocuments, userForm } from '@foldline/contracts';
import { addBucketRoute, addFiguresRoute, defineService, figuresOf, readServiceConfig, shownMax } from 'foldline';
import { withoutAddresses } from 'foldline/fastify';
import { userServiceSettings } from './config.ts';
import { apiExamples } from './examples.ts';
import { userClaimRules } from './identities/claim-rules.ts';
import { addIdentityRoutes } from './identities/identity-routes.ts';
import { mergeLogOf } from './identities/merge-log.ts';
import { addMergeRoutes } from './identities/merge-routes.ts';
import {
  eventsCollection,
  eventsIndexes,
  otherCollections,
  otherWayOut,
  snapshotsCollection,
  snapshotsIndexes,
} from './own-collections.ts';
import { type AddressClash, addressClaims } from './users/address-claims.ts';
import { userProjection } from './users/user.ts';
import { addUserCommands } from './users/user-commands.ts';
import { addUserEvents } from './users/user-events.ts';
import { addUserReads } from './users/user-reads.ts';

export const userService = defineService({
  name: 'user-service',
  description: 'Users as events, snapshots, and reads that are current.',
  projection: 'users',
  settings: { table: userServiceSettings, port: 'USER_SERVICE_PORT', database: 'USERS_DATABASE' },
  wayOut: otherWayOut,
  stores: {
    users: {
      collection: eventsCollection,
      topic: 'user-events',
      kinds: ['user'],
      claimRules: userClaimRules,
      indexes: eventsIndexes,
      forms: { user: userForm({ absent: 'absent', active: 'active', deleted: 'deleted' }) },
    },
  },
  models: {
    users: {
      projection: userProjection,
      from: { store: 'users' },
      published: snapshotsCollection,
      indexes: snapshotsIndexes,
    },
  },
  collections: otherCollections,
  contracts: contractDocuments,
  examples: apiExamples,
  own({ db, stores, clock }) {
    const addresses = addressClaims(stores.users, db.collection<AddressClash>('AddressClashes'), clock.now);
    return {
      beforeWriting: addresses.claimMissing,
      checks: {
        // This check has the name from before every service had a check `feed`.
        async projector({ trouble }) {
          const last = trouble();
          return { detail: last ? `last error: ${withoutAddresses(last)}` : 'no error' };
        },
        async 'address-clashes'() {
          const [count, data] = await Promise.all([addresses.count(), addresses.list(shownMax)]);
          return { detail: `${count} subjects could not claim their address`, data };
        },
      },
    };
  },
  routes({ app, owned }, { config, commands, models, events, waiters }) {
    const ports = {
      ...commands.users,
      snapshots: models.users.collection,
      waiters,
      membersMax: config.IDENTITY_MEMBERS_MAX,
    };
    addUserCommands(app, ports);
    addUserReads(app, ports);
    addUserEvents(app, ports);
    addIdentityRoutes(app, ports);
    addMergeRoutes(app, ports, mergeLogOf(events.users));
    // These routes have the names from before every kind of every service had an origin.
    for (const { buckets } of owned) if (buckets) addBucketRoute(app, 'users', buckets);
    addFiguresRoute(app, 'users', () => figuresOf(models.users));
  },
});

/** @throws SettingsFault naming every faulty variable; Error when HOST is open to others and API_TOKENS names nobody */
export const readConfig = (env?: Readonly<Record<string, string | undefined>>) => readServiceConfig(userService, env);
