// Starts a declared service. This list of parts is the composition root of every service: removing one line removes one operation
// from all of them.
import { connectToMongo, openServiceCollections } from '../adapters/mongodb/index.ts';
import { clientSettings, type Settings, type SettingsTable } from '../config/index.ts';
import { arrivedIn, createProgressWatch, type HandleItems, type ProgressSource } from '../engine/index.ts';
import { createHttpApp, createMetrics, type HttpApp, type HttpAppOptions } from '../http/index.ts';
import { collectionsOf } from './collections.ts';
import { isOwn, type Models, type Stores } from './declaration.ts';
import type { Opened, OwnParts, ServiceDefinition } from './definition.ts';
import { type ServiceFeed, startFeed } from './feed.ts';
import { startMender } from './mender.ts';
import { commandsOn, type OpenModel, type OpenModels, readModelsOf } from './models.ts';
import { openOrigins } from './origins/index.ts';
import { ownedKinds } from './origins/owned-kinds.ts';
import { newestOf } from './origins/routes.ts';
import { type Ground, openParts, type Parts, type ServiceLogger } from './parts.ts';
import { openProjecting } from './projecting.ts';
import { readinessOf } from './readiness.ts';
import { openGenerations } from './rebuild.ts';
import { openResync } from './resyncing.ts';
import { addServiceRoutes, edgeOptionsOf } from './service-app.ts';
import type { KitConfig } from './settings.ts';
import { openStatus } from './status.ts';
import { openVerification } from './verification.ts';

/** Runs without an edge: what it says over HTTP is added to an app. */
export interface BegunService {
  readonly edge: HttpAppOptions;
  addRoutes(app: HttpApp): void;
  /** Stops the feed and closes the connections; apps that have its routes must be closed before. */
  close(): Promise<void>;
}

export interface RunningService {
  readonly app: HttpApp;
  /** Stops the feed and closes the connections; the app must be closed before. */
  close(): Promise<void>;
}

/**
 * Resolves once the routes are there and the feed has begun; nothing listens yet.
 *
 * @throws ForeignCollection when the database has a collection of somebody else under a declared name; Error in one sentence when a
 * server does not answer or a declaration does not fit
 */
export async function startService<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  definition: ServiceDefinition<T, S, M, O>,
  config: Settings<T> & KitConfig,
  logger: ServiceLogger,
): Promise<RunningService> {
  const client = await connectToMongo(clientSettings(definition.name, config));
  const service = await beginService(definition, { config, logger, client, metrics: createMetrics() });
  try {
    const app = await createHttpApp(service.edge);
    service.addRoutes(app);
    return { app, close: service.close };
  } catch (error) {
    await service.close();
    throw error;
  }
}

/** Resolves once the feed has begun. The client is closed when it does not begin. @throws as `startService` */
export async function beginService<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  definition: ServiceDefinition<T, S, M, O>,
  ground: Ground<Settings<T> & KitConfig>,
): Promise<BegunService> {
  const { settings } = definition;
  const { client, config } = ground;
  const db = client.db(String((config as Readonly<Record<string, unknown>>)[settings.database]));
  const wayOut = `Name another database in ${settings.database}.${definition.wayOut ? ` ${definition.wayOut}` : ''}`;
  await openServiceCollections(client, db, collectionsOf(definition, db, config.STORE_EVENT_BYTES_MAX), wayOut);
  const running: Running = {};
  async function close(): Promise<void> {
    clearInterval(running.looking);
    // What waits for a resume, or for a move that never ends, would wait for ever.
    await running.lever?.close();
    await running.feed?.close();
    await running.mender?.close();
    await running.verifier?.close();
    await running.generations?.close();
    await running.own?.close?.();
    await client.close();
  }
  try {
    const parts = await openParts(definition, ground, db);
    running.lever = parts.lever;
    return { ...(await start(definition, parts, running)), close };
  } catch (error) {
    // A client of others stays open, so that nothing may go on that uses it.
    await close().catch((cause: unknown) => ground.logger.warn({ err: cause }, 'what had begun was not ended'));
    throw error;
  }
}

/** What has begun, to be closed whether all of it began or not. */
interface Running {
  lever?: { close(): Promise<void> };
  looking?: NodeJS.Timeout;
  feed?: Pick<ServiceFeed, 'close'>;
  mender?: { close(): Promise<void> };
  verifier?: { close(): Promise<void> };
  generations?: { close(): Promise<void> };
  own?: Pick<OwnParts, 'close'>;
}

async function start<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  definition: ServiceDefinition<T, S, M, O>,
  parts: Parts<Settings<T> & KitConfig>,
  running: Running,
): Promise<Omit<BegunService, 'close'>> {
  const { config, held, lever, waiters } = parts;
  const generations = await openGenerations(parts, definition.models);
  running.generations = generations;
  const { models, keeper } = generations;
  const origins = openOrigins(parts, models);
  const rebuilds = generations.rebuildsFrom(origins.of);
  const opened = openedFor<T, S, M>(definition, parts, models);
  const own = await definition.own(opened);
  running.own = own;
  const { apply, restore, watch, counted, ignored } = openProjecting(parts, models, own);

  const arrived = arrivedIn(readModelsOf(models), held);
  const arrivals: ProgressSource[] = origins.all.map(({ origin: { topic, foreign, newest } }) => ({
    name: topic,
    foreign,
    newest,
    arrived,
  }));
  const arrivalOf = (model: OpenModel) =>
    arrivals.find((one) => one.name === origins.of(model).topic) as ProgressSource;
  const progress = createProgressWatch(arrivals, config.PROGRESS_STALLED_AFTER_MS, Date.now, lever.isPaused);
  const mended = origins.all.map(({ origin, models: ofOrigin }) => ({
    models: ofOrigin.map(({ model }) => model),
    owner: origin,
    apply,
  }));
  const mender = startMender({ ...parts, tried: counted.tried }, [...mended, ...(own.mended ?? [])]);
  running.mender = mender;
  const verifier = openVerification(parts, { models, originOf: origins.of, arrivalOf, apply });
  running.verifier = verifier;

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
  const resync = openResync(parts, origins, { handle, reached });
  const topics = [...arrivals.map((one) => one.name), ...(definition.hears ?? [])];
  const feed = await startFeed(parts, models, topics, { handle, restore, resync });
  running.feed = feed;
  const rebuilding = generations.filling;
  const status = openStatus(parts, { models, topics, progress, watch, verifier, resync, rebuilding });
  await progress.look();
  running.looking = setInterval(() => void progress.look(), config.PROGRESS_LOOK_EVERY_MS);

  const owned = ownedKinds(parts, models, feed, arrivalOf);
  const work = {
    readiness: readinessOf(parts, {
      progress,
      feed,
      resync,
      mender,
      verifier,
      ignored,
      newest: new Map(owned.map((one) => [one.store.topic, () => newestOf(parts, one)])),
      own: own.checks,
    }),
    mender,
    verifier,
    status,
    rebuilds,
    owned,
    whenFresh: keeper.whenFresh,
    contracts: definition.contracts,
    examples: definition.examples,
  };
  return {
    edge: edgeOptionsOf(parts, definition, work),
    addRoutes(app) {
      addServiceRoutes(app, parts, work);
      definition.routes({ app, stopping: app.stopping, owned }, opened, own);
    },
  };
}

/** What the service's own code is given. */
function openedFor<T extends SettingsTable, S extends Stores, M extends Models>(
  { models: declared }: { readonly models: M },
  parts: Parts<Settings<T> & KitConfig>,
  models: Opened<T, S, M>['models'],
): Opened<T, S, M> {
  const { config, logger, db, metrics, clock, ids, held, waiters, stores } = parts;
  const each = <R>(of: (store: Parts['stores'][string]) => R) =>
    Object.fromEntries(Object.entries(stores).map(([key, store]) => [key, of(store)]));
  const own = Object.entries(declared).filter(([, { from }]) => isOwn(from));
  return {
    config,
    logger,
    db,
    metrics,
    clock,
    ids,
    held,
    waiters,
    models,
    stores: each(({ store }) => store) as Opened<T, S, M>['stores'],
    events: each(({ events }) => events) as Opened<T, S, M>['events'],
    commands: Object.fromEntries(
      own.map(([key, model]) => [key, commandsOn(parts, model, (models as OpenModels)[key] as OpenModel)]),
    ) as unknown as Opened<T, S, M>['commands'],
  };
}
