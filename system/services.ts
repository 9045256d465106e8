// Services as processes of their own: started with what they need to know, watched until they answer, restarted on demand.
import { dirname, join } from 'node:path';
import { httpUrlAt } from 'foldline/config';
import type { DataFolders } from './data-folder.ts';
import { keepRunning, type ProcessEvent } from './processes/kept-running.ts';
import { choosePort } from './processes/ports.ts';
import { type RunningProcess, startProcess } from './processes/processes.ts';
import { whenReady } from './processes/readiness.ts';

const READY_LIMIT_MS = 60_000;
const STOP_GRACE_MS = 20_000;

export interface ServiceOptions {
  readonly name: string;
  /** Its built entry. */
  readonly script: string;
  readonly args?: readonly string[];
  /** The variable by which it is told its port. */
  readonly portVariable: string;
  readonly host: string;
  /** 0: any free one, kept between starts. */
  readonly port: number;
  readonly folders: DataFolders;
  /** The whole environment but for host and port. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Left out, a service that ends by itself is not started again. */
  readonly onProcess?: ((event: ProcessEvent) => void) | undefined;
}

export interface ServiceHandle {
  readonly name: string;
  readonly url: string;
  /** The process that runs now. */
  process(): RunningProcess;
  /** Ends it (by SIGTERM unless told otherwise), starts it again on the same port, and waits until it answers. */
  restart(options?: { signal?: NodeJS.Signals; env?: Readonly<Record<string, string>> }): Promise<void>;
  close(): Promise<void>;
}

/** @throws SystemFailure when its port is taken, or it does not answer in time; nothing is left running */
export async function startService(options: ServiceOptions): Promise<ServiceHandle> {
  const { name, script, args = [], portVariable, host, folders } = options;
  const port = await choosePort({
    what: name,
    file: join(dirname(folders.pids), 'services', `${name}.port`),
    given: options.port,
  });
  const url = httpUrlAt(host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, port);

  async function start(
    signal: AbortSignal | undefined,
    extra: Readonly<Record<string, string>> = {},
  ): Promise<RunningProcess> {
    const server = await startProcess({
      name,
      role: 'service',
      command: process.execPath,
      args: ['--enable-source-maps', script, ...args],
      env: { ...options.env, ...extra, HOST: host, [portVariable]: String(port) },
      logFile: join(folders.logs, `${name}.log`),
      pidsDir: folders.pids,
      stopGraceMs: STOP_GRACE_MS,
    });
    await whenReady({ server, probe: () => answers(url), limitMs: READY_LIMIT_MS, signal });
    return server;
  }

  const kept = await keepRunning({ name, start, signal: options.signal, onProcess: options.onProcess });
  return {
    name,
    url,
    process: kept.current,
    restart: ({ signal = 'SIGTERM', env } = {}) => kept.replace(signal, () => start(options.signal, env)),
    close: kept.close,
  };
}

async function answers(url: string): Promise<void> {
  const response = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`/livez answers ${response.status}`);
}
