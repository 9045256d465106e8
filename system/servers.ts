// Brings up all servers that the system stands on: starts what is not given, checks what is.
// All or nothing: when one of them fails, those already started are ended before the error is thrown.
import { join } from 'node:path';
import type { KafkaSecurity } from 'foldline/config';
import { type DataFolders, dataFolders, prepareFolders, writeMongodbUri } from './data-folder.ts';
import { givenMongodb } from './given-servers.ts';
import type { WorkerHandle } from './kafka/connect-worker.ts';
import type { BrokerSettings, KafkaHandle } from './kafka/kafka.ts';
import { type KafkaAndConnect, startKafkaAndConnect } from './kafka/kafka-and-connect.ts';
import { type MongodHandle, startMongod } from './mongodb/mongod.ts';
import { findMongod } from './mongodb/mongod-binary.ts';
import { type ProcessEvent, startKept } from './processes/kept-running.ts';
import { endOrphans } from './processes/orphans.ts';
import { type Closable, type RunStep, type Step, startBoth, stepRunner } from './steps.ts';

/** What to start; a server that is given is checked and used, and not ended at the close. */
export interface ServersOptions {
  readonly dataDir: string;
  readonly cacheDir: string;
  /** Whether Kafka and Connect are wanted at all. */
  readonly kafka: boolean;
  readonly mongodbUri?: string | undefined;
  readonly kafkaBrokers?: string | undefined;
  readonly kafkaSecurity?: KafkaSecurity | undefined;
  readonly connectUrl?: string | undefined;
  readonly systemBinary?: string | undefined;
  readonly javaHome?: string | undefined;
  /** Further arguments of mongod, such as `--oplogSize 64`. */
  readonly mongodArgs?: readonly string[];
  readonly enableTestCommands?: boolean;
  /** Further settings of the broker, such as how often it looks for what is too old. */
  readonly brokerSettings?: BrokerSettings | undefined;
  /** Aborted: the start ends, and with it what was already started. Of no effect once started. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: (step: Step) => void;
  /** Called when a process ends that was not asked to, and is started again; left out, nothing is started again. */
  readonly onProcess?: ((event: ProcessEvent) => void) | undefined;
}

/** The servers that run; handles only of those that were started here. */
export interface Servers extends Closable {
  readonly mongodbUri: string;
  readonly brokers: string | null;
  readonly connectUrl: string | null;
  /** Where pids, logs, secrets and data lie; `${dir:…}` in a connector has to name `folders.secrets`. */
  readonly folders: DataFolders;
  readonly mongod?: MongodHandle;
  readonly kafka?: KafkaHandle;
  readonly worker?: WorkerHandle;
}

/**
 * Ends the orphans of a crashed start, then starts mongod, Kafka and Connect beside each other.
 *
 * @throws SystemFailure naming the first server that failed; nothing is left running
 */
export const startServers = async (options: ServersOptions): Promise<Servers> => {
  const folders = dataFolders(options.dataDir);
  const step = stepRunner(options.onStep);
  await prepareFolders(folders);
  await step('earlier start', async () => {
    const ended = await endOrphans(folders.pids);
    const named = ended.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
    return [undefined, named === '' ? 'left nothing running' : `was killed and left ${named} running: ended`];
  });
  const [database, messages] = await startBoth(
    options.signal,
    (signal) => startDatabase(options, folders, step, signal),
    (signal): Promise<Closable & Partial<KafkaAndConnect>> =>
      options.kafka ? startKafkaAndConnect({ ...options, folders }, step, signal) : Promise.resolve(nothing),
  );
  const { mongod, mongodbUri } = database;
  const { brokers = null, connectUrl = null, kafka, worker } = messages;
  return {
    mongodbUri,
    brokers,
    connectUrl,
    folders,
    ...(mongod && { mongod }),
    ...(kafka && { kafka }),
    ...(worker && { worker }),
    close: async () => {
      // The connector reads from mongod, so it goes first.
      await messages.close();
      await database.close();
    },
  };
};

const nothing: Closable = { close: async () => {} };

interface Database extends Closable {
  readonly mongodbUri: string;
  readonly mongod?: MongodHandle;
}

const startDatabase = async (
  options: ServersOptions,
  folders: DataFolders,
  step: RunStep,
  signal: AbortSignal,
): Promise<Database> => {
  const { mongodbUri } = options;
  const database = await step<Database>('mongodb', async (say) => {
    if (mongodbUri !== undefined) return [{ ...nothing, mongodbUri }, await givenMongodb(mongodbUri)];
    const binary = await findMongod({ ...options, signal, onStep: say });
    let port: number | undefined;
    const start = async (either: AbortSignal | undefined) => {
      const started = await startMongod({
        port,
        binary: binary.path,
        dataDir: folders.mongodb,
        logFile: join(folders.logs, 'mongod.log'),
        pidsDir: folders.pids,
        args: options.mongodArgs ?? [],
        enableTestCommands: options.enableTestCommands ?? false,
        signal: either,
      });
      // Started again, it must be found where the others know it.
      port = started.port;
      return started;
    };
    const mongod = await startKept({ name: 'mongod', start, signal, onProcess: options.onProcess });
    const detail = `mongod ${binary.version} from ${binary.origin} at ${mongod.uri}`;
    return [{ mongod, mongodbUri: mongod.uri, close: mongod.close }, detail];
  });
  try {
    await writeMongodbUri(folders, database.mongodbUri);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
};
