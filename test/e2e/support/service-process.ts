// One more process of a service on servers that run: a second consumer of its group, or one that is killed at a named place.
// Unlike those of a stack it may end at any moment, and how it ended can be asked.
import { resolve } from 'node:path';
import {
  freePort,
  type RunningProcess,
  type Servers,
  type ServiceSpec,
  startProcess,
  systemSettings,
  whenReady,
} from '@foldline/system';

const stopGraceMs = 20_000;
const readyLimitMs = 60_000;

export interface ServiceProcessOptions extends Pick<ServiceSpec, 'script' | 'args' | 'portVariable'> {
  /** Of its log and its pid file. */
  readonly name: string;
  /** Default: any free one. */
  readonly port?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface ServiceProcess {
  readonly url: string;
  readonly process: RunningProcess;
  /** Resolves once it answers. @throws SystemFailure with the end of its log when it ended, or did not within a minute */
  whenReady(): Promise<void>;
}

/** Returns as soon as it runs, not when it answers. */
export async function startServiceProcess(
  { folders, mongodbUri, brokers }: Pick<Servers, 'folders' | 'mongodbUri' | 'brokers'>,
  { name, script, args = [], portVariable, port, env }: ServiceProcessOptions,
): Promise<ServiceProcess> {
  const { host, env: inherited } = systemSettings();
  const { API_TOKENS: _, FEED_COLLECTIONS: __, ...around } = inherited;
  const chosen = port ?? (await freePort());
  const url = `http://${host}:${chosen}`;
  const server = await startProcess({
    name,
    role: 'service',
    stopGraceMs,
    pidsDir: folders.pids,
    logFile: resolve(folders.logs, `${name}.log`),
    command: process.execPath,
    args: ['--enable-source-maps', script, ...args],
    env: {
      ...around,
      MONGODB_URI: mongodbUri,
      KAFKA_BROKERS: brokers ?? '',
      HOST: host,
      [portVariable]: String(chosen),
      ...env,
    },
  });
  const probe = async () => {
    const response = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2000) });
    if (!response.ok) throw new Error(`/livez answers ${response.status}`);
  };
  return { url, process: server, whenReady: () => whenReady({ server, probe, limitMs: readyLimitMs }) };
}
