// What every service on this engine opens first: its database, its event stores, its metrics and its HTTP edge.
import type { FastifyBaseLogger } from 'fastify';
import {
  connectToMongo,
  type HeldDocument,
  mongoHeldSubjects,
  openMongoEventStore,
  unavailability,
} from '../adapters/mongodb/index.ts';
import { clientSettings, storeLimits, waiterLimits } from '../config/index.ts';
import {
  type ClaimRule,
  crashPoints,
  createVersionWaiters,
  type EventStore,
  type FeedHandle,
  type Logger,
} from '../engine/index.ts';
import {
  createHttpApp,
  createMetrics,
  heldCheck,
  isLoopback,
  parseApiTokens,
  type ReadinessCheck,
  shownMax,
  withoutAddresses,
} from '../http/index.ts';
import { storeMetrics } from '../metrics/index.ts';
import type { ServiceConfig } from './settings.ts';

export type ServiceLogger = FastifyBaseLogger & Logger;

export interface ServiceOptions {
  readonly name: string;
  readonly description: string;
  readonly database: string;
  readonly config: ServiceConfig;
  readonly logger: ServiceLogger;
}

/** @throws MongoServerError and its kind when the replica set cannot be reached within the limits */
export async function openService({ name, description, database, config, logger }: ServiceOptions) {
  const client = await connectToMongo(clientSettings(name, config));
  const db = client.db(database);
  const metrics = createMetrics();
  const measured = storeMetrics(metrics).measured;
  const crashPoint = crashPoints(config.CRASH_AT);
  const held = mongoHeldSubjects(db.collection<HeldDocument>('Held'));
  async function checksOf(feed: Pick<FeedHandle, 'trouble'>): Promise<ReadinessCheck[]> {
    const [count, list] = await Promise.all([held.count(), held.list(shownMax)]);
    const trouble = withoutAddresses(feed.trouble() ?? 'no error');
    return [{ name: 'feed', ready: true, detail: trouble }, heldCheck(count, list, undefined)];
  }
  return {
    ...{ client, db, metrics, crashPoint, logger, config, held },
    waiters: createVersionWaiters(waiterLimits(config)),
    /** The store over one collection of events, which is made when it is missing. */
    async openStore(collection: string, claimRules: readonly ClaimRule[] = []): Promise<EventStore> {
      const limits = storeLimits(config);
      return measured(
        await openMongoEventStore({ client, db, collection, claimRules, limits, crashPoint }),
        collection,
      );
    },
    /** Ready as soon as it listens; with a feed, `/readyz?verbose` says what troubles it, and what of it is held. */
    createApp(feed?: Pick<FeedHandle, 'trouble'>) {
      const readiness = async () => ({ ready: true, checks: feed ? await checksOf(feed) : [] });
      return createHttpApp({
        ...{ title: name, version: '0.1.0', description, logger, metrics, readiness, knownFailure: unavailability },
        tokens: parseApiTokens(config.API_TOKENS),
        rateLimit: !isLoopback(config.HOST),
      });
    },
  };
}

export type OpenService = Awaited<ReturnType<typeof openService>>;
