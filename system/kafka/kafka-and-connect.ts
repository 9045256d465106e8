// Broker and worker together: found among the given ones, or started beside each other on one class path.

import { join } from 'node:path';
import type { KafkaSecurity } from 'foldline/config';
import { reasonOf } from 'foldline/engine';
import type { DataFolders } from '../data-folder.ts';
import { SystemFailure } from '../failure.ts';
import { givenBrokers, givenConnect } from '../given-servers.ts';
import { type ProcessEvent, startKept } from '../processes/kept-running.ts';
import { type Closable, type RunStep, startBoth } from '../steps.ts';
import { startConnectWorker, type WorkerHandle } from './connect-worker.ts';
import { findJava, findMaven } from './java.ts';
import { type BrokerSettings, type KafkaHandle, kafkaPort, startKafka } from './kafka.ts';
import { assembledJars, assembleJars } from './kafka-jars.ts';

/** What is given, and where the rest is kept. */
interface KafkaAndConnectOptions {
  readonly folders: DataFolders;
  readonly cacheDir: string;
  readonly javaHome?: string | undefined;
  readonly kafkaBrokers?: string | undefined;
  /** Login and TLS at the given broker. */
  readonly kafkaSecurity?: KafkaSecurity | undefined;
  readonly connectUrl?: string | undefined;
  /** Further settings of a broker that is started here. */
  readonly brokerSettings?: BrokerSettings | undefined;
  readonly onProcess?: ((event: ProcessEvent) => void) | undefined;
}

/** The two addresses, and the handles of what was started here. */
export interface KafkaAndConnect extends Closable {
  readonly brokers: string;
  readonly connectUrl: string;
  readonly kafka?: KafkaHandle;
  readonly worker?: WorkerHandle;
}

/**
 * Whether Kafka can be started here: Java 17+, and Maven or jars that were assembled before.
 * The reason is one sentence for the person at the terminal.
 */
export const kafkaAvailability = async ({
  cacheDir,
  javaHome,
}: Pick<KafkaAndConnectOptions, 'cacheDir' | 'javaHome'>): Promise<{ available: boolean; reason: string }> => {
  try {
    const { major, path } = await findJava({ javaHome });
    if ((await assembledJars(cacheDir)) === null) await findMaven();
    return { available: true, reason: `Java ${major} is there (${path})` };
  } catch (error) {
    if (!(error instanceof SystemFailure)) throw error;
    return { available: false, reason: reasonOf(error) };
  }
};

/**
 * Uses the given broker and worker, and starts what is not given.
 *
 * @throws SystemFailure when a given one does not answer or one does not start; nothing is left running
 */
export const startKafkaAndConnect = async (
  options: KafkaAndConnectOptions,
  step: RunStep,
  signal: AbortSignal,
): Promise<KafkaAndConnect> => {
  const { kafkaBrokers, kafkaSecurity = {}, connectUrl } = options;
  if (connectUrl !== undefined && kafkaBrokers === undefined) {
    throw new SystemFailure('CONNECT_URL is set without KAFKA_BROKERS: name the brokers of that worker too');
  }
  if (kafkaBrokers === undefined) return startHere(options, step, signal);
  await step('kafka', async () => [undefined, await givenBrokers(kafkaBrokers, kafkaSecurity)]);
  if (connectUrl === undefined) {
    // The worker would need login and TLS in its own settings, for itself and for what it runs.
    if (kafkaSecurity.ssl || kafkaSecurity.sasl)
      throw new SystemFailure(
        'KAFKA_BROKERS are spoken to by TLS or login: name a worker that has them in CONNECT_URL',
      );
    return startHere(options, step, signal);
  }
  await step('connect', async () => [undefined, await givenConnect(connectUrl)]);
  return { brokers: kafkaBrokers, connectUrl, close: async () => {} };
};

const startHere = async (
  { folders, cacheDir, javaHome, kafkaBrokers, brokerSettings, onProcess }: KafkaAndConnectOptions,
  step: RunStep,
  signal: AbortSignal,
): Promise<KafkaAndConnect> => {
  const common = await step('kafka jars', async (say) => {
    const java = await findJava({ javaHome });
    const jars = await assembleJars({ java, cacheDir, signal, onStep: say });
    return [{ java, jars, pidsDir: folders.pids }, `Java ${java.major}, jars in ${jars.workerDir}`];
  });
  // The broker's port is chosen first, so that the worker can be started beside it and not after it.
  const port = kafkaBrokers === undefined ? await kafkaPort({ dataDir: folders.kafka }) : undefined;
  const brokers = kafkaBrokers ?? `127.0.0.1:${port}`;
  const [broker, worker] = await startBoth(
    signal,
    async (either) => {
      if (port === undefined) return notOurs;
      return step('kafka', async () => {
        const logFile = join(folders.logs, 'kafka.log');
        const amend = (own: BrokerSettings) => ({ ...own, ...brokerSettings });
        const start = (signal: AbortSignal | undefined) =>
          startKafka({ ...common, dataDir: folders.kafka, logFile, port, amend, signal });
        const kafka = await startKept({ name: 'kafka', start, signal: either, onProcess });
        return [{ kafka, close: kafka.close }, `broker at ${kafka.brokers}`];
      });
    },
    (either) =>
      step('connect', async () => {
        const paths = { dataDir: folders.connect, secretsDir: folders.secrets };
        const logFile = join(folders.logs, 'connect.log');
        let restPort: number | undefined;
        const start = async (signal: AbortSignal | undefined) => {
          const started = await startConnectWorker({ ...common, ...paths, brokers, logFile, port: restPort, signal });
          restPort = started.port;
          return started;
        };
        const handle = await startKept({ name: 'connect', start, signal: either, onProcess });
        return [handle, `worker at ${handle.url}`];
      }),
  );
  const { kafka } = broker;
  const close = async () => {
    // The worker first: without its broker it would wait for it until it is killed.
    await worker.close();
    await broker.close();
  };
  return { brokers, connectUrl: worker.url, ...(kafka && { kafka }), worker, close };
};

const notOurs: Closable & { kafka?: KafkaHandle } = { close: async () => {} };
