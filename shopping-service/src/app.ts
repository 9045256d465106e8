// Composes shopping-service: its own two stores, one read model of four collections filled by one feed, and the HTTP routes.

import { contractDocuments } from '@foldline/contracts';
import type { FastifyBaseLogger } from 'fastify';
import { clientSettings, storeLimits, systemClock, waiterLimits } from 'foldline/config';
import {
  crashPoints,
  createFeedWatch,
  createProgressWatch,
  createProjector,
  createVersionWaiters,
  type HandleItems,
  type Logger,
  menderUnderLever,
  type Projector,
  type StoredEvent,
} from 'foldline/engine';
import {
  addContractRoutes,
  addHeldRoutes,
  addModelRoutes,
  addProjectionRoutes,
  addVerificationRoutes,
  createHttpApp,
  createMetrics,
  edgeOf,
  type HttpApp,
} from 'foldline/fastify';
import { projectorMetrics, proofMetrics, referenceMetrics, storeMetrics } from 'foldline/metrics';
import {
  connectToMongo,
  type HeldDocument,
  heldPagesOf,
  mongoHeldSubjects,
  openLever,
  openMongoEventStore,
  openServiceCollections,
  unavailability,
} from 'foldline/mongodb';
import { startMender } from 'foldline/service';
import { arrivalsOf } from './arrivals.ts';
import { addCategoryRoutes } from './catalogue/category-routes.ts';
import { addItemRoutes } from './catalogue/item-routes.ts';
import type { ShoppingServiceConfig } from './config.ts';
import { addCustomerRoutes } from './customers/customer-routes.ts';
import { absorbedIn, openIdentities } from './customers/identities.ts';
import { apiExamples } from './examples.ts';
import { startFeeds } from './feeds.ts';
import { openShopGenerations } from './generations.ts';
import { addOrderRoutes } from './orders/order-routes.ts';
import { ownCollections, wayOut } from './own-collections.ts';
import { mendableIn } from './owners.ts';
import { startShopVerifier } from './proofs.ts';
import { readinessOf } from './readiness.ts';
import { createIgnoredKinds } from './readiness-ignored.ts';
import { openReferences } from './references/open-references.ts';
import { addReferenceRoutes } from './references/routes.ts';
import { openShopResync } from './resync.ts';
import { openShopProjection } from './shop-projection.ts';
import { writeSidesOf } from './write-sides.ts';

export interface ShoppingService {
  readonly app: HttpApp;
  /** Stops the feed and closes the connections; the app must be closed before. */
  close(): Promise<void>;
}

export async function startShoppingService(
  config: ShoppingServiceConfig,
  logger: FastifyBaseLogger & Logger,
): Promise<ShoppingService> {
  const client = await connectToMongo(clientSettings('shopping-service', config));
  const db = client.db(config.SHOPPING_DATABASE);
  await openServiceCollections(client, db, ownCollections(db, config.STORE_EVENT_BYTES_MAX), wayOut);
  const metrics = createMetrics();
  const { measured } = storeMetrics(metrics);
  const crashPoint = crashPoints(config.CRASH_AT);
  const openStore = async (collection: string) =>
    measured(
      await openMongoEventStore({ client, db, collection, claimRules: [], limits: storeLimits(config), crashPoint }),
      collection,
    );
  const catalogStore = await openStore('CatalogEvents');
  const orderStore = await openStore('OrderEvents');
  const { gate, lever } = await openLever(db, {
    ...{ name: 'shop', clock: systemClock, log: logger, lookEveryMs: config.PAUSE_LOOK_EVERY_MS },
  });
  const heldCollection = db.collection<HeldDocument>('Held');
  const held = mongoHeldSubjects(heldCollection);
  const generations = await openShopGenerations({ config, client, db, gate, held, metrics, crashPoint, log: logger });
  const { keeper, shop, rebuilds } = generations;
  const references = openReferences(shop, config);
  referenceMetrics(metrics, references.counts, config.REFERENCE_COUNT_MAX);
  const waiters = createVersionWaiters(waiterLimits(config));
  const arrivals = arrivalsOf({
    config,
    models: shop.models,
    held,
    catalogEvents: db.collection<StoredEvent>('CatalogEvents'),
    orderEvents: db.collection<StoredEvent>('OrderEvents'),
  });
  const progress = createProgressWatch(arrivals, config.PROGRESS_STALLED_AFTER_MS, Date.now, lever.isPaused);
  const projector = createProjector({ models: shop.models, held, clock: systemClock, log: logger, crashPoint });
  const counted = projectorMetrics(metrics, lever.name, held);
  const ignored = createIgnoredKinds(
    shop.models.map(({ projection }) => projection.kind),
    config.IGNORED_PREFIXES_MAX,
  );
  const apply: Projector['apply'] = async (items) => {
    const outcome = await gate.pass(() => projector.apply(items));
    waiters.reached(outcome.versions);
    counted.batch(outcome);
    return outcome;
  };
  const mender = startMender(
    { config, logger, held, heldPages: heldPagesOf(heldCollection), tried: counted.tried },
    mendableIn(shop, { config, catalogStore, orderStore }, apply),
  );
  const verifier = startShopVerifier({
    ...{ config, db, shop, keeper, held, apply, gate, lever, arrivals, catalogStore, orderStore },
    log: logger,
  });
  proofMetrics(metrics, verifier.models);

  const watch = createFeedWatch(Date.now);
  const handle: HandleItems = watch.watched(async (items) => {
    const outcome = await apply(items);
    for (const source of new Set(items.map((item) => item.source))) progress.moved(source);
    if (outcome.ignored > 0) ignored.saw(items);
    mender.noticed(outcome.held);
  });
  const reached = (source: string, versions: ReadonlyMap<string, number>) => {
    waiters.reached(versions);
    progress.moved(source);
  };
  const resync = config.KAFKA_BROKERS
    ? openShopResync({ ...{ config, db, shop, held, gate, handle, reached, metrics, crashPoint }, log: logger })
    : undefined;
  const feed = await startFeeds(
    { ...{ config, client, db, crashPoint, resync }, models: shop.models, log: logger },
    handle,
  );
  const projection = openShopProjection({
    ...{ config, client, shop, held, lever, progress, watch, verifier, resync, metrics, log: logger },
    rebuilding: generations.filling,
  });
  await progress.look();
  const looking = setInterval(() => void progress.look(), config.PROGRESS_LOOK_EVERY_MS);

  const app = await createHttpApp({
    title: 'Foldline shopping-service',
    version: '0.1.0',
    description: 'Customers copied from users, categories, items and orders, with references joined on read.',
    examples: apiExamples,
    ...edgeOf(config),
    logger,
    metrics,
    knownFailure: unavailability,
    readiness: readinessOf({ progress, lever, feed, resync, held, mender, verifier, ignored, references }),
  });
  app.addHook('preHandler', async ({ routeOptions: { config: route } }) => {
    if (route.policy === 'read' || route.policy === 'write') await keeper.whenFresh();
  });
  addContractRoutes(app, contractDocuments);
  addHeldRoutes(app, menderUnderLever(mender, lever));
  addVerificationRoutes(app, verifier);
  addProjectionRoutes(app, [projection]);
  addModelRoutes(app, rebuilds);
  const { ledger, policies } = references;
  const identities = openIdentities({
    documents: shop.customers.documents,
    absorbedBy: absorbedIn(shop.customers),
    membersMax: config.IDENTITY_MEMBERS_MAX,
  });
  const { categories, items, orders } = writeSidesOf(shop, { catalogStore, orderStore });
  const ports = { shop, identities, waiters, stopping: app.stopping, categories, items, held, ledger, policies };
  addCustomerRoutes(app, ports);
  addCategoryRoutes(app, ports, categories);
  addItemRoutes(app, ports, items);
  addOrderRoutes(app, ports, orders);
  addReferenceRoutes(app, ports);
  return {
    app,
    async close() {
      clearInterval(looking);
      // What waits for a resume, or for a move that never ends, would wait for ever.
      await lever.close();
      await feed.close();
      await mender.close();
      await verifier.close();
      await generations.close();
      await client.close();
    },
  };
}
