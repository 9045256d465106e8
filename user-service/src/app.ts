// Composes user-service: the store of user events, the snapshot projector, and the HTTP routes. Nothing else knows all parts.

import { contractDocuments } from '@foldline/contracts';
import type { FastifyBaseLogger } from 'fastify';
import {
  clientSettings,
  feedLimits,
  menderLimits,
  settleLimits,
  storeLimits,
  systemClock,
  systemIds,
  verifierLimits,
  waiterLimits,
} from 'foldline/config';
import {
  arrivedIn,
  crashPoints,
  createFeedWatch,
  createProgressWatch,
  createVerifier,
  createVersionWaiters,
  type Logger,
  menderUnderLever,
  readModel,
  type StoredDocument,
  type StoredEvent,
  type StoredPosition,
  settledBy,
} from 'foldline/engine';
import {
  addBucketRoute,
  addContractRoutes,
  addFiguresRoute,
  addHeldRoutes,
  addProjectionRoutes,
  addVerificationRoutes,
  createHttpApp,
  createMetrics,
  edgeOf,
  type HttpApp,
  defaultLimits as httpLimits,
} from 'foldline/fastify';
import { projectorMetrics, proofMetrics, storeMetrics } from 'foldline/metrics';
import {
  type CheckpointDocument,
  connectToMongo,
  copyFiguresIn,
  type HeldDocument,
  heldPagesOf,
  mongoCheckpoints,
  mongoDocuments,
  mongoHeldSubjects,
  newestIn,
  openLever,
  openMongoEventStore,
  openServiceCollections,
  unavailability,
} from 'foldline/mongodb';
import type { UserServiceConfig } from './config.ts';
import { apiExamples } from './examples.ts';
import { userClaimRules } from './identities/claim-rules.ts';
import { addIdentityRoutes } from './identities/identity-routes.ts';
import { mergeLogOf } from './identities/merge-log.ts';
import { addMergeRoutes } from './identities/merge-routes.ts';
import { eventsCollection, ownCollections, wayOut } from './own-collections.ts';
import { readinessOf } from './readiness.ts';
import { type AddressClash, addressClaims } from './users/address-claims.ts';
import { startSnapshotProjector, userEventsSource } from './users/snapshot-projector.ts';
import { userProjection } from './users/user.ts';
import { addUserCommands } from './users/user-commands.ts';
import { addUserEvents } from './users/user-events.ts';
import { provedUsers, userBuckets } from './users/user-proof.ts';
import { addUserReads } from './users/user-reads.ts';
import { openUsersProjection } from './users-projection.ts';

export interface UserService {
  readonly app: HttpApp;
  /** Stops the projector and closes the connections; the app must be closed before. */
  close(): Promise<void>;
}

/** What the connector of snapshots carries: not those that stand for a user of whom nothing is known yet. */
const published = { state: { $in: ['active', 'deleted'] } };

export async function startUserService(
  config: UserServiceConfig,
  logger: FastifyBaseLogger & Logger,
): Promise<UserService> {
  const client = await connectToMongo(clientSettings('user-service', config));
  const db = client.db(config.USERS_DATABASE);
  await openServiceCollections(client, db, ownCollections(config.STORE_EVENT_BYTES_MAX), wayOut);
  const metrics = createMetrics();
  const crashPoint = crashPoints(config.CRASH_AT);
  const mongoStore = await openMongoEventStore({
    client,
    db,
    collection: eventsCollection,
    claimRules: userClaimRules,
    limits: storeLimits(config),
    crashPoint,
  });
  const store = storeMetrics(metrics).measured(mongoStore, eventsCollection);
  const events = db.collection<StoredEvent>(eventsCollection);
  const snapshots = db.collection<StoredDocument>('Users');
  const documents = mongoDocuments(snapshots);
  const heldCollection = db.collection<HeldDocument>('Held');
  const held = mongoHeldSubjects(heldCollection);
  const addresses = addressClaims(store, db.collection<AddressClash>('AddressClashes'), systemClock.now);
  const waiters = createVersionWaiters(waiterLimits(config));
  const model = readModel(userProjection, documents);
  const arrivals = { name: userEventsSource, newest: () => newestIn(events), arrived: arrivedIn([model], held) };
  const { gate, lever } = await openLever(db, {
    ...{ name: 'users', clock: systemClock, log: logger, lookEveryMs: config.PAUSE_LOOK_EVERY_MS },
  });
  const progress = createProgressWatch([arrivals], config.PROGRESS_STALLED_AFTER_MS, Date.now, lever.isPaused);

  const watch = createFeedWatch(Date.now);
  const projector = await startSnapshotProjector({
    ...{ watch, gate },
    events,
    snapshots,
    store,
    documents,
    held,
    heldPages: heldPagesOf(heldCollection),
    checkpoints: mongoCheckpoints(db, db.collection<CheckpointDocument>('Checkpoints')),
    addresses,
    waiters,
    progress,
    metrics: projectorMetrics(metrics, lever.name, held),
    clock: systemClock,
    log: logger,
    crashPoint,
    limits: { ...feedLimits(config), subjectsPerPage: config.CATCH_UP_SUBJECTS_PER_PAGE, mender: menderLimits(config) },
  });
  const proofPorts = {
    ...{ events, snapshots, store, held, apply: projector.apply, gate, model },
    settled: settledBy(arrivals, settleLimits(config)),
  };
  const verifier = createVerifier({
    models: [provedUsers(proofPorts)],
    ...{ lever, clock: systemClock, ids: systemIds, log: logger, limits: verifierLimits(config) },
  });
  proofMetrics(metrics, verifier.models);
  const projection = openUsersProjection({
    ...{ config, events, snapshots, model, held, lever, progress, watch, verifier, metrics },
  });
  await progress.look();
  const looking = setInterval(() => void progress.look(), config.PROGRESS_LOOK_EVERY_MS);

  const app = await createHttpApp({
    title: 'Foldline user-service',
    version: '0.1.0',
    description: 'Users as events, snapshots, and reads that are current.',
    examples: apiExamples,
    ...edgeOf(config),
    logger,
    metrics,
    knownFailure: unavailability,
    readiness: readinessOf({
      progress,
      lever,
      newest: (besides) => newestIn(events, besides),
      projector,
      verifier,
      held,
      addresses,
    }),
  });
  addContractRoutes(app, contractDocuments);
  addHeldRoutes(app, menderUnderLever(projector.mender, lever));
  addVerificationRoutes(app, verifier);
  addProjectionRoutes(app, [projection]);
  const scanned = {
    ...arrivals,
    arrived: async (at: StoredPosition) => projector.hasScanned() && arrivals.arrived(at),
  };
  addBucketRoute(app, 'users', userBuckets(proofPorts, settledBy(scanned, { ...settleLimits(config), leastMs: 0 })));
  addFiguresRoute(app, 'users', () => copyFiguresIn(snapshots, published, httpLimits.handlerTimeoutMs));
  const ports = {
    projection: userProjection,
    documents,
    store,
    snapshots,
    waiters,
    clock: systemClock,
    ids: systemIds,
    membersMax: config.IDENTITY_MEMBERS_MAX,
  };
  addUserCommands(app, ports);
  addUserReads(app, ports);
  addUserEvents(app, ports);
  addIdentityRoutes(app, ports);
  addMergeRoutes(app, ports, mergeLogOf(events));
  return {
    app,
    async close() {
      clearInterval(looking);
      await lever.close();
      await verifier.close();
      await projector.close();
      await client.close();
    },
  };
}
