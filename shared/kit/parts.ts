// What a service opens before it does anything: its database with its collections, its stores, what it remembers of held subjects,
// its series, and who waits for a version.
import type { FastifyBaseLogger } from 'fastify';
import type { Collection, Db } from 'mongodb';
import type { Registry } from 'prom-client';
import type { KafkaSecurity } from '../adapters/kafka/index.ts';
import {
  type GateUnderLever,
  type HeldDocument,
  heldPagesOf,
  type MongoUse,
  mongoHeldSubjects,
  openLever,
  openMongoEventStore,
} from '../adapters/mongodb/index.ts';
import { storeLimits, systemClock, systemIds, waiterLimits } from '../config/index.ts';
import {
  type Clock,
  type CrashAt,
  crashPoints,
  createVersionWaiters,
  type EventStore,
  type HeldPages,
  type HeldSubjects,
  type Ids,
  type Logger,
  type StoredEvent,
  type VersionWaiters,
} from '../engine/index.ts';
import { storeMetrics } from '../metrics/index.ts';
import { type Broker, brokerOf } from './broker.ts';
import type { ServiceDeclaration, StoreDeclaration } from './declaration.ts';
import type { KitConfig } from './settings.ts';

export type ServiceLogger = FastifyBaseLogger & Logger;

export interface OpenStore extends StoreDeclaration {
  readonly store: EventStore;
  readonly events: Collection<StoredEvent>;
}

export interface Parts<C extends KitConfig = KitConfig> extends GateUnderLever {
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

export async function openParts<C extends KitConfig>(
  { name, projection, stores: declared }: Pick<ServiceDeclaration, 'name' | 'projection' | 'stores'>,
  { config, logger, client, metrics, security }: Ground<C>,
  db: Db,
): Promise<Parts<C>> {
  const { measured } = storeMetrics(metrics);
  const crashPoint = crashPoints(config.CRASH_AT);
  const stores: Record<string, OpenStore> = {};
  for (const [key, declaration] of Object.entries(declared)) {
    const { collection, claimRules = [] } = declaration;
    const limits = storeLimits(config);
    const store = await openMongoEventStore({ client, db, collection, claimRules, limits, crashPoint });
    stores[key] = { ...declaration, store: measured(store, collection), events: db.collection(collection) };
  }
  const heldCollection = db.collection<HeldDocument>('Held');
  const lookEveryMs = config.PAUSE_LOOK_EVERY_MS;
  const { gate, lever } = await openLever(db, { name: projection, clock: systemClock, log: logger, lookEveryMs });
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
    held: mongoHeldSubjects(heldCollection),
    heldPages: heldPagesOf(heldCollection),
    waiters: createVersionWaiters(waiterLimits(config)),
    broker: brokerOf({ name, config, security, logger, crashPoint }),
    gate,
    lever,
  };
}
