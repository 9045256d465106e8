// The whole system on this machine: servers, connectors and both services, as one handle with one close.
// Used by `npm start` and, the same way, by the end-to-end tests.
import {
  applyConnectors,
  type ConnectorFile,
  defaultConnectorFolder,
  readConnectorFiles,
  type SupervisionEvent,
  superviseConnectors,
} from '../src/index.ts';
import { RuntimeFailure } from './failure.ts';
import { type Servers, type ServersOptions, startServers } from './servers.ts';
import { type ServiceHandle, type ServiceName, startService } from './services.ts';
import { stepRunner } from './steps.ts';

const SUPERVISE_EVERY_MS = 2000;

export interface SystemOptions extends ServersOptions {
  readonly host: string;
  readonly userServicePort: number;
  readonly shoppingServicePort: number;
  /** What the services see of the environment, besides what they are told here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onSupervision?: (event: SupervisionEvent) => void;
  /** Called when a service ends that was not asked to. */
  readonly onServiceEnded?: (name: ServiceName, logFile: string) => void;
}

export interface System {
  readonly servers: Servers;
  readonly userService: ServiceHandle;
  readonly shoppingService: ServiceHandle;
  /** What other programs need to find the system: the closing line of `npm start`. */
  readonly ready: ReadyLine;
  /** Services first, servers last. */
  close(): Promise<void>;
}

export interface ReadyLine {
  readonly mode: 'kafka' | 'embedded';
  readonly userService: string;
  readonly shoppingService: string;
  readonly mongodb: string;
  readonly kafka: string | null;
  readonly connect: string | null;
}

/** All or nothing. @throws RuntimeFailure or ConnectFailure naming what did not start; nothing is left running */
export async function startSystem(options: SystemOptions): Promise<System> {
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const servers = await startServers(options);
    closing.push(() => servers.close());
    const step = stepRunner(options.onStep);
    const files = await readConnectorFiles(defaultConnectorFolder());
    const environment = serviceEnvironment(options, servers, files);

    const started = (name: ServiceName, port: number, env: Readonly<Record<string, string | undefined>>) =>
      step(name, async () => {
        const service = await startService({
          name,
          port,
          env,
          host: options.host,
          folders: servers.folders,
          signal: options.signal,
        });
        closing.push(() => service.close());
        void service.process().exited.then(() => options.onServiceEnded?.(name, service.process().logFile));
        return [service, service.url] as const;
      });
    const userService = await started('user-service', options.userServicePort, environment);
    if (servers.connectUrl !== null && servers.brokers !== null) {
      const { connectUrl, brokers } = servers;
      await step('connectors', async (say) => {
        const { counts } = await applyConnectors({
          connectUrl,
          brokers,
          secretsDir: servers.folders.secrets,
          onStep: say,
          signal: options.signal,
        });
        return [undefined, `${files.length} run; ${counts.created} created, ${counts.altered} altered`] as const;
      });
      const names = files.map(({ name }) => name);
      const supervision = superviseConnectors({
        connectUrl,
        names,
        intervalMs: SUPERVISE_EVERY_MS,
        onEvent: options.onSupervision,
      });
      closing.push(() => supervision.close());
    }
    const shoppingService = await started('shopping-service', options.shoppingServicePort, {
      ...environment,
      USER_SERVICE_URL: userService.url,
    });
    return { servers, userService, shoppingService, ready: readyLine(servers, userService, shoppingService), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function serviceEnvironment(
  options: SystemOptions,
  servers: Servers,
  files: readonly ConnectorFile[],
): Record<string, string | undefined> {
  const { KAFKA_BROKERS: _, FEED_COLLECTIONS: __, ...given } = options.env;
  const feed =
    servers.brokers === null ? { FEED_COLLECTIONS: eventCollections(files) } : { KAFKA_BROKERS: servers.brokers };
  return { ...given, ...feed, MONGODB_URI: servers.mongodbUri };
}

/** The connectors of events, as shopping-service's FEED_COLLECTIONS names them; a snapshot connector's topic is compacted. */
export function eventCollections(files: readonly ConnectorFile[]): string {
  const events = files.filter(({ topic }) => topic.config['cleanup.policy'] !== 'compact');
  if (events.length === 0)
    throw new RuntimeFailure('no connector file names a collection of events: see connect/connectors');
  return events.map(({ topic, database, collection }) => `${topic.name}=${database}.${collection}`).join(',');
}

function readyLine(servers: Servers, userService: ServiceHandle, shoppingService: ServiceHandle): ReadyLine {
  return {
    mode: servers.brokers === null ? 'embedded' : 'kafka',
    userService: userService.url,
    shoppingService: shoppingService.url,
    mongodb: servers.mongodbUri,
    kafka: servers.brokers,
    connect: servers.connectUrl,
  };
}
