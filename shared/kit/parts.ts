// What a service opens before it does anything: its database with its collections, its stores, what it remembers of held subjects,
// its series, and who waits for a version.
import type { FastifyBaseLogger } from 'fastify';
import type { Collection, Db } from 'mongodb';
import type { Registry } from 'prom-client';
import type { KafkaSecurity } from '../adapters/kafka/index.ts';
import {
  type GateUnderPause,
  type HeldDocument,
  heldPagesOf,
  type MongoUse,
  mongoHeldSubjects,
  mongoOwnOffsets,
  type OffsetsDocument,
  openGate,
  openMongoEventStore,
  openServiceCollections,
} from '../adapters/mongodb/index.ts';
import { checkLimits, storeLimits, systemClock, systemIds, waiterLimits } from '../config/index.ts';
import type { Clock, CrashAt, EventStore, HeldSubjects, Ids, Logger, StoredEvent } from '../engine/index.ts';
import { storeMetrics } from '../metrics/index.ts';
import type { HeldPages } from '../operations/index.ts';
import { cachedAnswer, crashPoints, createVersionWaiters, type VersionWaiters } from '../running/index.ts';
import { type Broker, brokerOf } from './broker.ts';
import { collectionsOf } from './collections.ts';
import type { ServiceDeclaration, StoreDeclaration } from './declaration.ts';
import type { KitConfig } from './settings.ts';

export type ServiceLogger = FastifyBaseLogger & Logger;

export interface OpenStore extends StoreDeclaration {
  /** The collection's name for a store that nothing publishes. */
  readonly topic: string;
  readonly store: EventStore;
  readonly events: Collection<StoredEvent>;
}

export interface Parts<C extends KitConfig = KitConfig> extends GateUnderPause {
  readonly name: string;
  readonly config: C;
  readonly logger: ServiceLogger;
  readonly client: MongoUse;
  readonly db: Db;
  readonly metrics: Registry;
  readonly crashPoint: CrashAt;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stores: Readonly<Record<string, OpenStore>>;
  readonly held: HeldSubjects;
  /** For readiness, status and metrics. It rejects when the database does not answer within a moment. */
  readonly heldCount: () => Promise<number>;
  readonly heldPages: HeldPages;
  readonly waiters: VersionWaiters;
  /** Undefined where no topics are followed. */
  readonly broker: Broker | undefined;
}

/** What a service stands on: made for it, or given by the application that it joins. */
export interface Ground<C> {
  readonly config: C;
  readonly logger: ServiceLogger;
  readonly client: MongoUse;
  readonly metrics: Registry;
  /** In place of the settings for login and TLS at the brokers. */
  readonly security?: KafkaSecurity | undefined;
}

/** @throws ForeignCollection when the database has a collection of somebody else under a declared name; the client is closed then */
export async function openDatabase(
  declared: ServiceDeclaration,
  { config, client }: Pick<Ground<KitConfig>, 'config' | 'client'>,
): Promise<Db> {
  const { settings, wayOut: more } = declared;
  const db = client.db(String((config as Readonly<Record<string, unknown>>)[settings.database]));
  const wayOut = `Name another database in ${settings.database}.${more ? ` ${more}` : ''}`;
  await openServiceCollections(client, db, collectionsOf(declared, db, config.STORE_EVENT_BYTES_MAX), wayOut);
  return db;
}

export async function openParts<C extends KitConfig>(
  {
    name,
    projection,
    stores: declared,
    follows,
  }: Pick<ServiceDeclaration, 'name' | 'projection' | 'stores' | 'follows'>,
  { config, logger, client, metrics, security }: Ground<C>,
  db: Db,
): Promise<Parts<C>> {
  const { measured } = storeMetrics(metrics);
  const crashPoint = crashPoints(config.CRASH_AT);
  const stores: Record<string, OpenStore> = {};
  for (const [key, declaration] of Object.entries(declared)) {
    const { collection, topic = collection, claimRules = [] } = declaration;
    const limits = storeLimits(config);
    const store = await openMongoEventStore({ client, db, collection, claimRules, limits, crashPoint });
    stores[key] = { ...declaration, topic, store: measured(store, collection), events: db.collection(collection) };
  }
  const own = mongoOwnOffsets(db.collection<OffsetsDocument>('Offsets'));
  const heldCollection = db.collection<HeldDocument>('Held');
  const held = mongoHeldSubjects(heldCollection);
  const lookEveryMs = config.PAUSE_LOOK_EVERY_MS;
  const { gate, pauseGate } = await openGate(db, { name: projection, clock: systemClock, log: logger, lookEveryMs });
  return {
    name,
    config,
    logger,
    client,
    db,
    metrics,
    crashPoint,
    clock: systemClock,
    ids: systemIds,
    stores,
    held,
    heldCount: cachedAnswer(held.count, checkLimits(config), Date.now),
    heldPages: heldPagesOf(heldCollection),
    waiters: createVersionWaiters(waiterLimits(config)),
    broker: follows === false ? undefined : brokerOf({ name, config, security, own, logger, crashPoint }),
    gate,
    pauseGate,
  };
}
