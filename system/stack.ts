// Servers, connectors and services on this machine, as one handle with one close. The system and every example are such stacks.
import { kafkaSecuritySettings } from 'foldline/config';
import {
  applyConnectors,
  countDocuments,
  defaultLimits,
  filesThatCarry,
  kafkaTopicAdmin,
  type PlainFile,
  readConnectorFiles,
  type SupervisionEvent,
  superviseConnectors,
  type TopicCare,
} from 'foldline/connect';
import { removeAddresses, writeAddresses } from './addresses-file.ts';
import { type SecretSetting, withoutSecrets } from './config.ts';
import { SystemFailure } from './failure.ts';
import { assertStartable, type CheckedService } from './preflight.ts';
import { type Servers, type ServersOptions, startServers } from './servers.ts';
import { type ServiceHandle, startService } from './services.ts';
import { type RunStep, stepRunner } from './steps.ts';

const SUPERVISE_EVERY_MS = 2000;
/** This worker stores positions every second; an idle MongoDB moves them every ten seconds, and a heartbeat comes after five more. */
const ownWorker = { stalledAfterMs: 25_000, restartedWithinMs: 15_000 };

/** Its name is that of its steps, logs and pid files; its port is kept between starts. */
export interface ServiceSpec extends CheckedService {
  /** Its built entry. */
  readonly script: string;
  readonly args?: readonly string[];
  /** The variable by which it is told its port. */
  readonly portVariable: string;
  /** Of Foldline's secrets, those that it reads; it is handed no other. MONGODB_URI it is told in any case. */
  readonly secrets: readonly SecretSetting[];
  /** What it is told besides the servers, when the services before it run. */
  env?(before: ReadonlyMap<string, ServiceHandle>): Readonly<Record<string, string | undefined>>;
}

export interface StackOptions extends ServersOptions {
  readonly host: string;
  /** A folder of connector files. */
  readonly connectors: string;
  /** In the order in which they are started. */
  readonly services: readonly ServiceSpec[];
  /** What the services see of the environment, besides what they are told here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onSupervision?: ((event: SupervisionEvent) => void) | undefined;
}

export interface Stack {
  readonly servers: Servers;
  readonly services: ReadonlyMap<string, ServiceHandle>;
  /** Services first, servers last. */
  close(): Promise<void>;
}

/** All or nothing. @throws SystemFailure or ConnectFailure naming what did not start; nothing is left running */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const files = await readConnectorFiles([options.connectors]);
    await assertStartable(options.services, (service) => foreseenEnvironment(options, service, files));
    const servers = await startServers(options);
    closing.push(() => servers.close());
    const step = stepRunner(options.onStep);
    if (servers.connectUrl !== null && servers.brokers !== null) {
      await deploy(options, servers, files, step);
      const care = await topicsToKeep(servers.brokers, servers.folders.secrets, options);
      const supervision = superviseConnectors({
        connectUrl: servers.connectUrl,
        names: files.map(({ name }) => name),
        intervalMs: SUPERVISE_EVERY_MS,
        topics: care,
        flow: {
          files: care.files,
          count: (some) => countDocuments(servers.mongodbUri, some, defaultLimits.mongodbTimeoutMs),
          limits: { ...defaultLimits, ...ownWorker },
        },
        onEvent: options.onSupervision,
      });
      closing.push(() => supervision.close());
    }
    const services = new Map<string, ServiceHandle>();
    for (const { env, secrets, check: _, ...spec } of options.services) {
      const service = await step(spec.name, async () => {
        const around = withoutSecrets(options.env, secrets);
        const environment = { ...serviceEnvironment({ ...options, env: around }, servers, files), ...env?.(services) };
        const { host, signal, onProcess } = options;
        const place = { host, folders: servers.folders, signal, onProcess };
        const started = await startService({ ...spec, ...place, env: environment });
        closing.push(() => started.close());
        return [started, started.url] as const;
      });
      services.set(spec.name, service);
    }
    closing.push(() => removeAddresses(servers.folders));
    await writeAddresses(servers, services.values());
    return { servers, services, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The connectors' files as they are applied, and the broker that has their topics. */
async function topicsToKeep(
  brokers: string,
  secretsDir: string,
  { connectors, kafkaSecurity: security = {} }: StackOptions,
): Promise<TopicCare> {
  const files = await readConnectorFiles([connectors], { secretsDir });
  const at = { brokers: brokers.split(','), security };
  return { files: filesThatCarry(files), openTopics: () => kafkaTopicAdmin(at, { ...defaultLimits, kafkaRetries: 0 }) };
}

async function deploy(
  { connectors, kafkaSecurity: security, signal }: StackOptions,
  { connectUrl, brokers, folders, mongodbUri }: Servers,
  files: readonly PlainFile[],
  step: RunStep,
): Promise<void> {
  await step('connectors', async (onStep) => {
    const { counts } = await applyConnectors({
      connectUrl: connectUrl ?? '',
      brokers: brokers ?? '',
      security,
      secretsDir: folders.secrets,
      files: [connectors],
      mongodbUri,
      refill: true,
      onStep,
      signal,
    });
    return [undefined, `${files.length} run; ${counts.created} created, ${counts.altered} altered`] as const;
  });
}

/** As if the servers ran already, at the addresses that are their own defaults. */
function foreseenEnvironment(
  options: StackOptions,
  { env, secrets, portVariable, port }: ServiceSpec,
  files: readonly PlainFile[],
): Record<string, string | undefined> {
  const brokers = options.kafka ? (options.kafkaBrokers ?? '127.0.0.1:9092') : null;
  const servers = { brokers, mongodbUri: options.mongodbUri ?? 'mongodb://127.0.0.1:27017' };
  const around = { ...options, env: withoutSecrets(options.env, secrets) };
  const told = { HOST: options.host, [portVariable]: String(port) };
  return { ...serviceEnvironment(around, servers, files), ...env?.(new Map()), ...told };
}

function serviceEnvironment(
  options: StackOptions,
  servers: Pick<Servers, 'brokers' | 'mongodbUri'>,
  files: readonly PlainFile[],
): Record<string, string | undefined> {
  const { KAFKA_BROKERS: _, FEED_COLLECTIONS: __, ...given } = options.env;
  const feed =
    servers.brokers === null ? { FEED_COLLECTIONS: eventCollections(files) } : { KAFKA_BROKERS: servers.brokers };
  // A broker that was started here has no login, whatever the environment says of others.
  const ofOthers = options.kafkaBrokers === undefined ? Object.keys(kafkaSecuritySettings) : [];
  const without = Object.fromEntries(ofOthers.map((name) => [name, undefined]));
  return { ...given, ...feed, ...without, MONGODB_URI: servers.mongodbUri };
}

/** The connectors that carry events, as FEED_COLLECTIONS names them. */
function eventCollections(files: readonly PlainFile[]): string {
  const events = filesThatCarry(files).filter(({ carries }) => carries === 'events');
  if (events.length === 0) throw new SystemFailure('no connector file names a collection of events');
  return events.map(({ topic, database, collection }) => `${topic.name}=${database}.${collection}`).join(',');
}
