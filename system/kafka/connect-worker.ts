// Starts one Kafka Connect worker (distributed mode) with the MongoDB connector, its REST interface on loopback only.
// May be started before its broker listens: it waits for it. Connectors are deployed by the command line, not here.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SystemFailure } from '../failure.ts';
import { choosePort } from '../processes/ports.ts';
import { type ServerHandle, type ServerPlace, startProcess } from '../processes/processes.ts';
import { whenReady } from '../processes/readiness.ts';
import type { Java } from './java.ts';
import { jvmArguments, propertiesText } from './java.ts';
import type { KafkaJars } from './kafka-jars.ts';

const HEAP_MB = 512;
const READY_LIMIT_MS = 120_000;
const STOP_GRACE_MS = 15_000;
const PROBE_LIMIT_MS = 5_000;
const DIRECTORY_PROVIDER = 'org.apache.kafka.common.config.provider.DirectoryConfigProvider';

/** Where and how; `secretsDir` is the one folder that `${dir:…}` in a connector may name. */
export interface WorkerOptions extends ServerPlace {
  readonly jars: KafkaJars;
  readonly java: Java;
  readonly brokers: string;
  readonly secretsDir: string;
}

/** A worker that runs; `url` is its REST interface. */
export interface WorkerHandle extends ServerHandle {
  readonly url: string;
}

/**
 * Starts the worker and resolves when it can take connectors.
 *
 * @throws SystemFailure when it dies, with the end of its log, when it is not healthy within two minutes, or when the
 *   given port is taken
 */
export const startConnectWorker = async (options: WorkerOptions): Promise<WorkerHandle> => {
  const { jars, java, dataDir, logFile, pidsDir = join(dataDir, 'pids'), signal } = options;
  await mkdir(dataDir, { recursive: true });
  const port = await choosePort({ what: 'Kafka Connect', file: join(dataDir, 'port'), given: options.port });
  const settingsFile = join(dataDir, 'connect.properties');
  await writeFile(settingsFile, propertiesText(workerSettings({ ...options, port })));
  const server = await startProcess({
    name: 'connect',
    role: 'worker',
    command: java.path,
    args: [
      ...jvmArguments(jars.workerDir, HEAP_MB, securityProperties),
      'org.apache.kafka.connect.cli.ConnectDistributed',
      settingsFile,
    ],
    logFile,
    pidsDir,
    stopGraceMs: STOP_GRACE_MS,
  });
  const url = `http://127.0.0.1:${port}`;
  await whenReady({ server, probe: () => probeConnect(url), limitMs: READY_LIMIT_MS, everyMs: 100, signal });
  const { pid, exited, kill, close } = server;
  return { url, port, pid, exited, kill, close };
};

/**
 * Asks once whether the worker can take connectors: `GET /health` (KIP-1017), or for a worker before 3.9 its list of them.
 * While it starts, every route answers 404.
 *
 * @throws SystemFailure while it cannot
 */
export const probeConnect = async (url: string): Promise<void> => {
  const health = await statusOf(new URL('/health', url));
  if (health === 200) return;
  if (health === 404 && (await statusOf(new URL('/connectors', url))) === 200) return;
  throw new SystemFailure(`its GET /health answers ${health}`);
};

const statusOf = async (url: URL): Promise<number> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
  await response.arrayBuffer();
  return response.status;
};

// Whoever may deploy a connector may name classes: these two take the known ways from there to running code
// (CVE-2023-25194, CVE-2025-27818) and to reading files (CVE-2024-31141).
const securityProperties = {
  'org.apache.kafka.disallowed.login.modules':
    'com.sun.security.auth.module.JndiLoginModule,com.sun.security.auth.module.LdapLoginModule',
  'org.apache.kafka.automatic.config.providers': DIRECTORY_PROVIDER,
};

/** The worker's settings. */
export const workerSettings = ({
  brokers,
  port,
  jars,
  secretsDir,
}: Pick<WorkerOptions, 'brokers' | 'jars' | 'secretsDir'> & { port: number }): Record<string, string | number> => ({
  'bootstrap.servers': brokers,
  'group.id': 'foldline-connect',
  'config.storage.topic': 'connect-configs',
  'config.storage.replication.factor': 1,
  'offset.storage.topic': 'connect-offsets',
  'offset.storage.replication.factor': 1,
  'offset.storage.partitions': 1,
  'status.storage.topic': 'connect-status',
  'status.storage.replication.factor': 1,
  'status.storage.partitions': 1,
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  listeners: `http://127.0.0.1:${port}`,
  'rest.advertised.host.name': '127.0.0.1',
  // The routes that change log levels stay off.
  'admin.listeners': '',
  'plugin.path': jars.pluginsDir,
  // By the manifests that the assembly wrote.
  'plugin.discovery': 'service_load',
  // How far back a killed worker starts again: with the default of a minute, thousands of events come twice.
  'offset.flush.interval.ms': 1_000,
  // How long a lost worker's tasks wait for its return; the default is five minutes.
  'scheduled.rebalance.max.delay.ms': 10_000,
  'task.shutdown.graceful.timeout.ms': 3_000,
  'config.providers': 'dir',
  'config.providers.dir.class': DIRECTORY_PROVIDER,
  'config.providers.dir.param.allowed.paths': secretsDir,
  'connector.client.config.override.policy': 'Allowlist',
  'connector.client.config.override.allowlist': 'enable.idempotence,max.request.size',
});
