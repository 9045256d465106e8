// Starts one mongod as a replica set of one, on loopback, with data that outlives it.
// Ready means: the writable primary. Does not set up users: whoever reaches the loopback of this machine may read and write.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { choosePort } from '../processes/ports.ts';
import { type ServerHandle, type ServerPlace, startProcess } from '../processes/processes.ts';
import { whenReady } from '../processes/readiness.ts';
import { ensureWritablePrimary, REPLICA_SET, replicaSetUri } from './replica-set.ts';

const READY_LIMIT_MS = 60_000;
const STOP_GRACE_MS = 15_000;

/** What runs, and where. */
export interface MongodOptions extends ServerPlace {
  readonly binary: string;
  /** Further arguments, such as `--oplogSize 64`. */
  readonly args?: readonly string[];
  /** Failpoints for tests; never for anything else. */
  readonly enableTestCommands?: boolean;
}

/** A mongod that runs. */
export interface MongodHandle extends ServerHandle {
  readonly uri: string;
}

/**
 * Starts mongod and resolves when it takes writes.
 *
 * @throws SystemFailure when it dies, with the end of its log, when it is not primary within a minute, or when the
 *   given port is taken
 */
export const startMongod = async (options: MongodOptions): Promise<MongodHandle> => {
  const { binary, dataDir, logFile, pidsDir = join(dataDir, 'pids'), signal } = options;
  const dbPath = join(dataDir, 'db');
  await mkdir(dbPath, { recursive: true });
  const port = await choosePort({ what: 'MongoDB', file: join(dataDir, 'port'), given: options.port });
  const server = await startProcess({
    name: 'mongod',
    role: 'server',
    command: binary,
    args: mongodArguments({ ...options, dbPath, port }),
    logFile,
    pidsDir,
    stopGraceMs: STOP_GRACE_MS,
  });
  await whenReady({ server, probe: () => ensureWritablePrimary(port), limitMs: READY_LIMIT_MS, signal });
  const { pid, exited, kill, close } = server;
  return { uri: replicaSetUri(port), port, pid, exited, kill, close };
};

/** The arguments that mongod is started with. */
export const mongodArguments = ({
  dbPath,
  port,
  args = [],
  enableTestCommands = false,
}: Pick<MongodOptions, 'args' | 'enableTestCommands'> & { dbPath: string; port: number }): string[] => [
  '--dbpath',
  dbPath,
  '--replSet',
  REPLICA_SET,
  '--bind_ip',
  '127.0.0.1',
  '--port',
  String(port),
  '--nounixsocket',
  '--quiet',
  // zlib is left out: CVE-2025-14847 reads memory through it without a login.
  '--networkMessageCompressors',
  'snappy,zstd',
  // An open transaction holds up unrelated inserts on its keys; the default lets a killed client do so for a minute.
  '--setParameter',
  'transactionLifetimeLimitSeconds=5',
  // On SIGTERM a primary waits for another node to take over; in a set of one there is nobody to wait for.
  '--setParameter',
  'shutdownTimeoutMillisForSignaledShutdown=100',
  // Nobody looks at these diagnostics here, and closing them takes a second at every end.
  '--setParameter',
  'diagnosticDataCollectionEnabled=false',
  ...(enableTestCommands ? ['--setParameter', 'enableTestCommands=1'] : []),
  ...args,
];
