// A service as a process: reads the settings, starts, listens, ends on a signal, and says in one sentence why it did not start.
import { kafkaSecurity, readSettings, type Settings, SettingsFault, type SettingsTable } from '../config/index.ts';
import { assertSafeBinding, createLogger, type HttpApp, listen, parseApiTokens, stopOnSignals } from '../http/index.ts';
import { block, openOutput } from '../terminal/index.ts';
import { isOwn, type Models, type Stores } from './declaration.ts';
import type { OwnParts, ServiceDefinition } from './definition.ts';
import type { ServiceLogger } from './parts.ts';
import type { KitConfig } from './settings.ts';
import { startService } from './start-service.ts';

const STOP_WITHIN_MS = 15_000;

interface StartedService {
  readonly app: HttpApp;
  /** Stops what runs besides the app, which is closed before. */
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @throws SettingsFault naming every faulty variable, or those that do not go together; Error when HOST is open to others and
 * API_TOKENS names nobody
 */
export function readServiceConfig<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  { settings: { table }, stores, models, hears = [], follows = true }: ServiceDefinition<T, S, M, O>,
  env: Environment = process.env,
): Settings<T> & KitConfig {
  const config = readSettings(table, env) as Settings<T> & KitConfig;
  const { KAFKA_BROKERS: brokers, FEED_COLLECTIONS: collections } = config;
  assertSafeBinding(config.HOST, parseApiTokens(config.API_TOKENS));
  if ('KAFKA_BROKERS' in table) kafkaSecurity(config as Parameters<typeof kafkaSecurity>[0], brokers);
  const own = Object.values(stores).map(({ topic, collection }) => topic ?? collection);
  const hearsOthers = hears.some((topic) => !own.includes(topic));
  const followsOthers = follows && (hearsOthers || Object.values(models).some(({ from }) => !isOwn(from)));
  if (followsOthers && (brokers === undefined) === (collections === undefined))
    throw new SettingsFault(
      'Set one of KAFKA_BROKERS (topics) and FEED_COLLECTIONS (change streams, one machine only), not both: the feed must be chosen.',
    );
  return config;
}

/** Runs a declared service until it is told to end. A fault at the start is one sentence, and ends the process with 1. */
export function runService<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  definition: ServiceDefinition<T, S, M, O>,
): void {
  const { name, settings } = definition;
  runProcess(name, async () => {
    const config = readServiceConfig(definition);
    const logger = createLogger({ name, level: config.LOG_LEVEL });
    const service = await startService(definition, config, logger);
    const port = Number((config as Readonly<Record<string, unknown>>)[settings.port]);
    return { service, logger, host: config.HOST, port };
  });
}

/** One of several services, or one process of several: the first argument of the process says which. */
export function runOneOf(services: Readonly<Record<string, () => void>>): void {
  const [, , name = ''] = process.argv;
  const refuse = () =>
    runProcess(name, async () => {
      throw new Error(`there is no service "${name}"; there are ${Object.keys(services).join(', ')}`);
    });
  const run = services[name] ?? refuse;
  run();
}

interface Listening {
  readonly service: StartedService;
  readonly logger: ServiceLogger;
  readonly host: string;
  readonly port: number;
}

function runProcess(name: string, start: () => Promise<Listening>): void {
  async function run(): Promise<void> {
    const { service, logger, host, port } = await start();
    const server = await listen(service.app, { host, port, onClose: () => service.close() });
    stopOnSignals(server, { withinMs: STOP_WITHIN_MS, logger });
    logger.info({ url: server.url }, `${name} is ready`);
  }
  run().catch((error: unknown) => {
    const said = `${name} did not start: ${error instanceof Error ? error.message : String(error)}`;
    openOutput(process).stderr(block(said));
    process.exit(1);
  });
}
