// A declared service inside of an application that exists. The service takes what the application has, makes the rest, and closes only
// what it made. Its routes are a plugin: what holds for them (errors, policies, limits, input) holds for no route of the application.
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { Registry } from 'prom-client';
import type { KafkaSecurity } from '../adapters/kafka/index.ts';
import { connectToMongo, useGivenClient } from '../adapters/mongodb/index.ts';
import { clientSettings, SettingsFault, type SettingsTable } from '../config/index.ts';
import { callersBy, createLogger, createMetrics, joinHttpApp } from '../http/index.ts';
import { shareSeries } from '../metrics/index.ts';
import type { Models, Stores } from './declaration.ts';
import type { OwnParts, ServiceDefinition } from './definition.ts';
import { assertGiven, type Given, type GivenKafka } from './given.ts';
import { readServiceConfig } from './run.ts';
import { beginService } from './start-service.ts';

export interface JoinedService {
  /**
   * To be registered once, with a prefix: `await app.register(service.plugin, { prefix: '/shop' })`. The service ends when the app is
   * closed.
   */
  readonly plugin: FastifyPluginAsync;
  /** Ends the service also while the app goes on: its routes answer 503 from then on. The second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Resolves after the feed of the service has begun.
 *
 * @throws SettingsFault naming each setting that is not valid or that has no effect; Error in one sentence for a given part that does
 * not fit; as `startService`
 */
export async function joinService<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  definition: ServiceDefinition<T, S, M, O>,
  given: Given,
): Promise<JoinedService> {
  assertGiven(definition, given);
  const { name } = definition;
  const { client, kafka, registry, authorize } = given;
  const config = readServiceConfig(definition, {
    ...given.settings,
    // The table asks for an address, which nothing reads.
    ...(client && { MONGODB_URI: 'mongodb://given' }),
    ...(kafka && { KAFKA_BROKERS: kafka.brokers.join(',') }),
  });
  if (!authorize && config.API_TOKENS === '')
    throw new SettingsFault(
      `${name} cannot know from where the application is reached: give authorize, or set API_TOKENS.`,
    );
  const logger = given.logger ?? createLogger({ name, level: config.LOG_LEVEL });
  const metrics = registry ? new Registry() : createMetrics();
  const series = registry && shareSeries(registry, metrics, name);
  const used = client ? await useGivenClient(client) : await connectToMongo(clientSettings(name, config));
  const security = kafka && securityOf(kafka);
  const service = await beginService(definition, { config, logger, client: used, metrics, security });
  const stopping = new AbortController();
  let mountedAt: string | undefined;
  let closed: Promise<void> | undefined;

  function close(): Promise<void> {
    stopping.abort();
    series?.close();
    closed ??= service.close();
    return closed;
  }

  try {
    series?.show();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async plugin(instance) {
      const { prefix } = instance;
      if (stopping.signal.aborted)
        throw new Error(`${name} was closed: join the service anew, then register its plugin.`);
      if (mountedAt !== undefined)
        throw new Error(`${name} is registered under ${mountedAt} already: join the service once for each prefix.`);
      if (!/^(\/[\w.~-]+)+\/?$/.test(prefix))
        throw new Error(
          `${name} needs a prefix such as /${name}, of letters and digits without parameters, not "${prefix}": register its plugin with { prefix }.`,
        );
      mountedAt = prefix;
      instance.addHook('onClose', close);
      const app = instance.withTypeProvider<ZodTypeProvider>();
      await joinHttpApp(app, {
        ...service.edge,
        callers: authorize && callersBy(authorize),
        rateLimit: true,
        stopping,
      });
      service.addRoutes(app);
      series?.show();
    },
  };
}

function securityOf({ ssl, sasl }: GivenKafka): KafkaSecurity {
  return { ...(ssl !== undefined && { ssl }), ...(sasl !== undefined && { sasl }) };
}
