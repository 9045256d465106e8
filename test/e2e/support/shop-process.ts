// One more process of shopping-service on the servers of a test system: a second consumer of its group, or one that is
// killed at a named place. Unlike the system's own it may end at any moment, and how it ended can be asked.
import { resolve } from 'node:path';
import { freePort, type RunningProcess, runtimeSettings, startProcess, whenReady } from '@foldline/connect/runtime';
import type { TestSystem } from './test-system.ts';

const stopGraceMs = 20_000;
const readyLimitMs = 60_000;

export interface ShopProcessOptions {
  /** Of its log and its pid file. */
  readonly name: string;
  /** Default: any free one. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ShopProcess {
  readonly url: string;
  readonly process: RunningProcess;
  /** Resolves once it answers. @throws RuntimeFailure with the end of its log when it ended, or did not within a minute */
  whenReady(): Promise<void>;
}

/** Returns as soon as it runs, not when it answers. */
export async function startShopProcess(system: TestSystem, options: ShopProcessOptions): Promise<ShopProcess> {
  const { host, env: inherited } = runtimeSettings();
  const { API_TOKENS: _, FEED_COLLECTIONS: __, ...around } = inherited;
  const { folders, mongodbUri, brokers } = system.servers;
  const port = options.port ?? (await freePort());
  const url = `http://${host}:${port}`;
  const server = await startProcess({
    name: options.name,
    role: 'service',
    command: process.execPath,
    args: ['--enable-source-maps', resolve('shopping-service', 'dist', 'src', 'server.js')],
    env: {
      ...around,
      ...{ MONGODB_URI: mongodbUri, KAFKA_BROKERS: brokers ?? '', USER_SERVICE_URL: system.ready.userService },
      ...{ HOST: host, SHOPPING_SERVICE_PORT: String(port) },
      ...options.env,
    },
    logFile: resolve(folders.logs, `${options.name}.log`),
    pidsDir: folders.pids,
    stopGraceMs,
  });
  const probe = async () => {
    const response = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2000) });
    if (!response.ok) throw new Error(`/livez answers ${response.status}`);
  };
  return { url, process: server, whenReady: () => whenReady({ server, probe, limitMs: readyLimitMs }) };
}
