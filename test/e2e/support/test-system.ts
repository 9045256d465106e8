// The whole system for one test file: in a folder of its own, on ports of its own, with a plain driver beside it.
// It ignores servers that the environment names: what is tested here is restarted and broken on purpose.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  assembledJars,
  findJava,
  logTail,
  type System,
  startConnectWorker,
  startSystem,
  systemSettings,
  type WorkerHandle,
} from '@foldline/system';
import { type Db, type Document, MongoClient } from 'mongodb';
import { emptied, emptySharedServers, forgetConnectors } from './shared-servers.ts';

export const startLimitMs = 300_000;
export const stopLimitMs = 60_000;

/** A document whose `_id` is a subject. */
export type SubjectDocument = Document & { readonly _id: string };

export interface TestSystem extends System {
  readonly client: MongoClient;
  readonly users: Db;
  readonly shopping: Db;
  /** Kills the worker of Kafka Connect and starts another in its place; the connectors come back by themselves. */
  restartWorker(): Promise<void>;
  /** The last lines that both services logged, for the message of a failed wait. */
  logs(): Promise<string>;
}

export interface TestSystemOptions {
  readonly kafka: boolean;
  readonly enableTestCommands?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** For a file that breaks a server, or looks into its folder. */
  readonly ownServers?: boolean;
}

/** @throws Error of what did not start; its folder is left for whoever looks for the reason in the logs */
export async function startTestSystem({
  kafka,
  enableTestCommands = false,
  env = {},
  ownServers = false,
}: TestSystemOptions) {
  const shared = kafka && !ownServers ? await emptySharedServers() : undefined;
  const { cacheDir, systemBinary, javaHome, host, env: inherited } = systemSettings();
  const { API_TOKENS: _, ...around } = inherited;
  const dataDir = await mkdtemp(join(tmpdir(), 'foldline-e2e-'));
  const system = await startSystem({
    cacheDir,
    systemBinary,
    javaHome,
    host,
    dataDir,
    kafka,
    mongodbUri: shared?.mongodbUri,
    kafkaBrokers: shared?.brokers,
    connectUrl: shared?.connectUrl,
    enableTestCommands,
    userServicePort: 0,
    shoppingServicePort: 0,
    env: { ...around, ...env },
  });
  const client = new MongoClient(system.servers.mongodbUri, { readConcern: { level: 'majority' } });
  let worker: WorkerHandle | undefined;

  async function restartWorker(): Promise<void> {
    const { brokers, folders } = system.servers;
    const running = worker ?? system.servers.worker;
    const jars = await assembledJars(cacheDir);
    if (running === undefined || brokers === null || jars === null) throw new Error('no worker was started here');
    running.kill('SIGKILL');
    await running.exited;
    worker = await startConnectWorker({
      jars,
      brokers,
      java: await findJava({ javaHome }),
      dataDir: folders.connect,
      pidsDir: folders.pids,
      secretsDir: folders.secrets,
      logFile: join(folders.logs, 'connect.log'),
    });
  }

  const handle: TestSystem = {
    ...system,
    client,
    users: client.db('users'),
    shopping: client.db('shopping'),
    restartWorker,
    async logs() {
      const services = [system.userService, system.shoppingService];
      const tails = await Promise.all(services.map((service) => logTail(service.process().logFile)));
      return services.map(({ name }, i) => `--- the end of ${name}'s log\n${tails[i]}`).join('\n');
    },
    async close() {
      await client.close();
      await worker?.close();
      // While their database still answers.
      if (shared) await forgetConnectors(shared.connectUrl);
      await system.close();
      if (shared) await emptied(shared);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return handle;
}
