// MongoDB, Kafka and Connect for one test file, in a folder of their own, with our connector command line beside them.
// No connector is deployed yet: that is what is tested.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  assembledJars,
  findJava,
  type Servers,
  type ServersOptions,
  startConnectWorker,
  startServers,
  systemSettings,
  type WorkerHandle,
} from '@foldline/system';
import { runCli } from 'foldline/connect';
import { keptOutput } from 'foldline/testing/workspace';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface ConnectServers {
  readonly servers: Servers;
  readonly connectUrl: string;
  readonly brokers: string;
  /** Runs the command line against these servers; `env` replaces what it is told of them, undefined takes it away. */
  cli(args: readonly string[], env?: Readonly<Record<string, string | undefined>>): Promise<CliRun>;
  /** Kills the worker and starts another in its place, with the plugins of a folder of one's own if need be. */
  restartWorker(pluginsDir?: string): Promise<void>;
  close(): Promise<void>;
}

/** @throws Error of what did not start; its folder is left for whoever looks for the reason in the logs */
export async function startConnectServers(
  options: Partial<Pick<ServersOptions, 'mongodArgs' | 'enableTestCommands' | 'brokerSettings'>> = {},
): Promise<ConnectServers> {
  const { cacheDir, javaHome, systemBinary } = systemSettings();
  const dataDir = await mkdtemp(join(tmpdir(), 'foldline-e2e-connect-'));
  const servers = await startServers({ ...options, dataDir, cacheDir, javaHome, systemBinary, kafka: true });
  const { connectUrl, brokers, folders, mongodbUri } = servers;
  if (connectUrl === null || brokers === null) throw new Error('Kafka was asked for and not started');
  let worker: WorkerHandle | undefined = servers.worker;

  return {
    servers,
    connectUrl,
    brokers,
    async cli(args, env = {}) {
      const { output, said } = keptOutput();
      const code = await runCli(args, {
        env: {
          CONNECT_URL: connectUrl,
          KAFKA_BROKERS: brokers,
          MONGODB_URI: mongodbUri,
          CONNECT_SECRETS_DIR: folders.secrets,
          ...env,
        },
        ...output,
        confirm: undefined,
      });
      return { code, ...said() };
    },
    async restartWorker(pluginsDir) {
      worker?.kill('SIGKILL');
      await worker?.exited;
      const jars = await assembledJars(cacheDir);
      if (jars === null) throw new Error('the jars were assembled for the first start');
      worker = await startConnectWorker({
        brokers,
        java: await findJava({ javaHome }),
        dataDir: folders.connect,
        pidsDir: folders.pids,
        secretsDir: folders.secrets,
        logFile: join(folders.logs, 'connect-again.log'),
        jars: pluginsDir === undefined ? jars : { ...jars, pluginsDir },
      });
      if (worker.url !== connectUrl) throw new Error(`the worker came back at ${worker.url}, not at ${connectUrl}`);
    },
    async close() {
      await worker?.close();
      await servers.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
