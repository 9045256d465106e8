// What every service on this engine opens first: its database, its event stores, its metrics and its HTTP edge.
import type { FastifyBaseLogger } from 'fastify';
import type { Collection } from 'mongodb';
import {
  connectToMongo,
  type HeldDocument,
  heldPagesOf,
  mongoHeldSubjects,
  openMongoEventStore,
  openServiceCollections,
  unavailability,
} from '../adapters/mongodb/index.ts';
import { clientSettings, storeLimits, waiterLimits } from '../config/index.ts';
import type { ClaimRule, EventStore, FeedHandle, Logger, StoredDocument } from '../engine/index.ts';
import { createHttpApp, createMetrics, edgeOf, type ReadinessCheck, withoutAddresses } from '../http/index.ts';
import { storeMetrics } from '../metrics/index.ts';
import { addHeldRoutes, heldCheck, type Mender, shownMax } from '../operations/index.ts';
import { crashPoints, createVersionWaiters } from '../running/index.ts';
import { assertDeclared, formsOf, type ServiceCollections } from './service-collections.ts';
import type { ServiceConfig } from './settings.ts';

export type ServiceLogger = FastifyBaseLogger & Logger;

export interface ServiceOptions {
  readonly name: string;
  readonly description: string;
  readonly database: string;
  /** All that it writes to. */
  readonly collections: ServiceCollections;
  readonly config: ServiceConfig;
  readonly logger: ServiceLogger;
}

/** What `/readyz?verbose` tells of a saga. */
export interface SagaAtWork extends Pick<FeedHandle, 'trouble'> {
  readonly name: string;
  /** Events that wait for instances that cannot be read. */
  kept(): Promise<number>;
}

/** The running parts that `/readyz?verbose` tells of. */
export interface RunningParts {
  readonly feed: Pick<FeedHandle, 'trouble'>;
  readonly sagas?: readonly SagaAtWork[];
  /** Adds `/admin/held` and what is below it. */
  readonly mender: Mender;
}

/**
 * @throws MongoServerError and its kind when the replica set cannot be reached within the limits; ForeignCollection when the database
 * has a collection of somebody else under one of the declared names
 */
export async function openService({ name, description, database, collections, config, logger }: ServiceOptions) {
  const client = await connectToMongo(clientSettings(name, config));
  const db = client.db(database);
  const forms = formsOf(collections, config.STORE_EVENT_BYTES_MAX);
  const wayOut = `Name another server in MONGODB_URI, or give ${name} another database where it is opened.`;
  await openServiceCollections(client, db, forms, wayOut);
  const metrics = createMetrics();
  const measured = storeMetrics(metrics).measured;
  const crashPoint = crashPoints(config.CRASH_AT);
  const heldCollection = db.collection<HeldDocument>('Held');
  const held = mongoHeldSubjects(heldCollection);
  async function checksOf({ feed, sagas = [], mender }: RunningParts): Promise<ReadinessCheck[]> {
    const [count, list] = await Promise.all([held.count(), held.list(shownMax)]);
    return [
      { name: 'feed', ready: true, detail: troubleOf(feed) },
      ...(await Promise.all(sagas.map(sagaCheck))),
      heldCheck(count, list, mender.trouble()),
    ];
  }
  return {
    client,
    db,
    metrics,
    crashPoint,
    logger,
    config,
    held,
    heldPages: heldPagesOf(heldCollection),
    waiters: createVersionWaiters(waiterLimits(config)),
    /** A collection of documents that was declared. */
    collection(of: string): Collection<StoredDocument> {
      assertDeclared(forms, of);
      return db.collection(of);
    },
    /** The store over one collection of events that was declared. */
    async openStore(collection: string, claimRules: readonly ClaimRule[] = []): Promise<EventStore> {
      assertDeclared(forms, collection);
      const limits = storeLimits(config);
      return measured(
        await openMongoEventStore({ client, db, collection, claimRules, limits, crashPoint }),
        collection,
      );
    },
    /** Ready as soon as it listens; with running parts, `/readyz?verbose` says what troubles them, and what of them is held. */
    async createApp(running?: RunningParts) {
      const readiness = async () => ({ ready: true, checks: running ? await checksOf(running) : [] });
      const app = await createHttpApp({
        title: name,
        version: '0.1.0',
        description,
        logger,
        metrics,
        readiness,
        knownFailure: unavailability,
        ...edgeOf(config),
      });
      if (running) addHeldRoutes(app, running.mender);
      return app;
    },
  };
}

function troubleOf({ trouble }: Pick<FeedHandle, 'trouble'>): string {
  return withoutAddresses(trouble() ?? 'no error');
}

async function sagaCheck({ name, trouble, kept }: SagaAtWork): Promise<ReadinessCheck> {
  const waiting = await kept();
  const untold = waiting > 0 ? `; ${waiting} events wait for instances that cannot be read` : '';
  return { name: `saga-${name}`, ready: true, detail: troubleOf({ trouble }) + untold };
}

export type OpenService = Awaited<ReturnType<typeof openService>>;
