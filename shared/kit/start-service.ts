// Starts a declared service. This list of parts, with that of `following.ts`, is the composition root of every service: removing one
// line removes one operation from all of them.
import { connectToMongo } from '../adapters/mongodb/index.ts';
import { clientSettings, type Settings, type SettingsTable } from '../config/index.ts';
import { createHttpApp, createMetrics, type HttpApp, type HttpAppOptions } from '../http/index.ts';
import { arrivedIn, createProgressWatch, type ProgressSource } from '../running/index.ts';
import { assertStoresDeclared, isOwn, type Models, type Stores } from './declaration.ts';
import type { Opened, OwnParts, ServiceDefinition } from './definition.ts';
import { type Following, startFollowing } from './following.ts';
import { commandsOn, type OpenModel, type OpenModels, readModelsOf } from './models.ts';
import { openOrigins } from './origins/index.ts';
import { ownedKinds } from './origins/owned-kinds.ts';
import { newestOf } from './origins/routes.ts';
import { type Ground, openDatabase, openParts, type Parts, type ServiceLogger } from './parts.ts';
import { readingOf } from './read-document.ts';
import { freshnessOf, readinessOf } from './readiness.ts';
import { openGenerations } from './rebuild.ts';
import { openSagas, type RunningSaga } from './sagas.ts';
import { addServiceRoutes, edgeOptionsOf } from './service-app.ts';
import type { KitConfig } from './settings.ts';

/** Runs without an edge: what it says over HTTP is added to an app. */
export interface BegunService extends Pick<RunningService, 'sagas' | 'close'> {
  readonly edge: HttpAppOptions;
  addRoutes(app: HttpApp): void;
}

export interface RunningService {
  readonly app: HttpApp;
  /** In the order of their declaration; none in a process that follows nothing. */
  readonly sagas: readonly RunningSaga[];
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
  assertStoresDeclared(definition);
  const client = await connectToMongo(clientSettings(definition.name, config));
  const service = await beginService(definition, { config, logger, client, metrics: createMetrics() });
  try {
    const app = await createHttpApp(service.edge);
    service.addRoutes(app);
    return { app, sagas: service.sagas, close: service.close };
  } catch (error) {
    await service.close();
    throw error;
  }
}

/** What has begun, to be closed whether all of it began or not. */
interface Running {
  looking?: NodeJS.Timeout;
  pauseGate?: Pick<Parts['pauseGate'], 'close'>;
  following?: Pick<Following, 'close'> | undefined;
  generations?: { close(): Promise<void> };
  own?: Pick<OwnParts, 'close'>;
}

/** Resolves once the feed has begun. The client is closed when it does not begin. @throws as `startService` */
export async function beginService<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  definition: ServiceDefinition<T, S, M, O>,
  ground: Ground<Settings<T> & KitConfig>,
): Promise<BegunService> {
  assertStoresDeclared(definition);
  const running: Running = {};
  async function close(): Promise<void> {
    clearInterval(running.looking);
    // Work that waits for a resume, or for a switchover that never ends, would otherwise wait for ever.
    await running.pauseGate?.close();
    await running.following?.close();
    await running.generations?.close();
    await running.own?.close?.();
    await ground.client.close();
  }
  const db = await openDatabase(definition, ground);
  try {
    const parts = await openParts(definition, ground, db);
    running.pauseGate = parts.pauseGate;
    return { ...(await begin(definition, parts, running)), close };
  } catch (error) {
    // A client of the application stays open, so everything that uses the client has to end first.
    await close().catch((cause: unknown) =>
      ground.logger.warn({ err: cause }, 'some parts of the service could not be closed'),
    );
    throw error;
  }
}

async function begin<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  definition: ServiceDefinition<T, S, M, O>,
  parts: Parts<Settings<T> & KitConfig>,
  running: Running,
): Promise<Omit<BegunService, 'close'>> {
  const { config, held, pauseGate, waiters } = parts;
  const generations = await openGenerations(parts, definition.models);
  running.generations = generations;
  const { models, membership } = generations;
  const origins = openOrigins(parts, models);
  const opened = openedFor<T, S, M>(definition, parts, models);
  const sagas = openSagas(parts, definition, opened);
  const own = (await definition.own?.(opened)) ?? ({} as O);
  running.own = own;

  const arrived = arrivedIn(readModelsOf(models), held);
  const arrivals: ProgressSource[] = origins.all.map(({ origin: { topic, foreign, newest } }) => ({
    name: topic,
    foreign,
    /** The first of the newest events that has not arrived; when all have arrived, the first of them. */
    async newest() {
      const positions = await newest();
      for (const position of positions) if (!(await arrived(position))) return position;
      return positions[0];
    },
    arrived,
  }));
  const arrivalOf = (model: OpenModel) =>
    arrivals.find((one) => one.name === origins.of(model).topic) as ProgressSource;
  const progress = createProgressWatch(arrivals, config.PROGRESS_STALLED_AFTER_MS, Date.now, pauseGate.isPaused);
  const work = { generations, origins, sagas, own, progress, arrivalOf, hears: definition.hears ?? [] };
  const following = definition.follows === false ? undefined : await startFollowing(parts, work);
  running.following = following;
  await progress.look();
  running.looking = setInterval(() => void progress.look(), config.PROGRESS_LOOK_EVERY_MS);

  const owned = ownedKinds(parts, models, following?.feed ?? { hasScanned: () => false }, arrivalOf);
  // Where a topic carries several kinds, the newest event of one of them says nothing of the others.
  const alone = owned.filter(({ store }) => store.kinds.length === 1);
  const newest = new Map(alone.map((one) => [one.store.topic, () => newestOf(parts, one)]));
  const app = {
    readiness: readinessOf(parts, { progress, following, newest, own: own.checks }),
    freshness: freshnessOf(parts, { progress, following }),
    following,
    sagas,
    owned,
    whenFresh: membership.whenFresh,
    contracts: definition.contracts,
    examples: definition.examples,
  };
  return {
    edge: edgeOptionsOf(parts, definition, app),
    sagas: following?.sagas ?? [],
    addRoutes(to) {
      addServiceRoutes(to, parts, app);
      const read = readingOf({ waiters, stopping: to.stopping });
      definition.routes?.({ app: to, read, owned }, opened, own);
    },
  };
}

/** What the service's own code is given. */
function openedFor<T extends SettingsTable, S extends Stores, M extends Models>(
  { models: declared }: { readonly models: M },
  parts: Parts<Settings<T> & KitConfig>,
  models: OpenModels<keyof M & string>,
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
    models: models as unknown as Opened<T, S, M>['models'],
    stores: each(({ store }) => store) as Opened<T, S, M>['stores'],
    events: each(({ events }) => events) as Opened<T, S, M>['events'],
    commands: Object.fromEntries(
      own.map(([key, model]) => [key, commandsOn(parts, model, (models as OpenModels)[key] as OpenModel)]),
    ) as unknown as Opened<T, S, M>['commands'],
  };
}
