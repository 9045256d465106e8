// Starts a declared service. This list of parts is the composition root of every service: removing one line removes one operation
// from all of them.
import { connectToMongo, openServiceCollections } from '../adapters/mongodb/index.ts';
import { clientSettings, type Settings, type SettingsTable } from '../config/index.ts';
import type { HttpApp } from '../http/index.ts';
import { arrivedIn, createProgressWatch, type HandleItems, type ProgressSource } from '../running/index.ts';
import { collectionsOf } from './collections.ts';
import { isOwn, type Models, type Stores } from './declaration.ts';
import type { Opened, OwnParts, ServiceDefinition } from './definition.ts';
import { startFeed } from './feed.ts';
import { startMender } from './mender.ts';
import { commandsOn, type OpenModel, type OpenModels, readModelsOf } from './models.ts';
import { openOrigins } from './origins/index.ts';
import { ownedKinds } from './origins/owned-kinds.ts';
import { newestOf } from './origins/routes.ts';
import { openParts, type Parts, type ServiceLogger } from './parts.ts';
import { openProjecting } from './projecting.ts';
import { readinessOf } from './readiness.ts';
import { openGenerations } from './rebuild.ts';
import { openResync } from './resyncing.ts';
import { createServiceApp } from './service-app.ts';
import type { KitConfig } from './settings.ts';
import { openStatus } from './status.ts';
import { openVerification } from './verification.ts';

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
  const { name, settings } = definition;
  const client = await connectToMongo(clientSettings(name, config));
  const db = client.db(String((config as Readonly<Record<string, unknown>>)[settings.database]));
  const wayOut = `Name another database in ${settings.database}.${definition.wayOut ? ` ${definition.wayOut}` : ''}`;
  await openServiceCollections(client, db, collectionsOf(definition, db, config.STORE_EVENT_BYTES_MAX), wayOut);
  try {
    return await start(definition, await openParts(definition, { client, db }, config, logger));
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function start<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  definition: ServiceDefinition<T, S, M, O>,
  parts: Parts<Settings<T> & KitConfig>,
): Promise<RunningService> {
  const { config, held, lever, waiters } = parts;
  const generations = await openGenerations(parts, definition.models);
  const { models, keeper } = generations;
  const origins = openOrigins(parts, models);
  const rebuilds = generations.rebuildsFrom(origins.of);
  const opened = openedFor<T, S, M>(definition, parts, models);
  const own = ((await definition.own?.(opened)) ?? {}) as O;
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
  const verifier = openVerification(parts, { models, originOf: origins.of, arrivalOf, apply });

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
  const feed = await startFeed(parts, models, topics, { handle, restore, resync, read: origins.read });
  const rebuilding = generations.filling;
  const status = openStatus(parts, { models, topics, progress, watch, verifier, resync, rebuilding });
  await progress.look();
  const looking = setInterval(() => void progress.look(), config.PROGRESS_LOOK_EVERY_MS);

  const owned = ownedKinds(parts, models, feed, arrivalOf);
  const app = await createServiceApp(parts, definition, {
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
  });
  definition.routes({ app, stopping: app.stopping, owned }, opened, own);
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
      await own.close?.();
      await parts.client.close();
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
