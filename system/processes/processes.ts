// Starts long-lived processes: each in its own process group (Ctrl-C in the terminal does not reach it before its turn),
// its output appended to a log file, its pid file written at once. Ending is bounded: SIGTERM, a while, SIGKILL.

import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, reasonOf } from 'foldline/engine';
import { serverEnvironment } from '../config.ts';
import { SystemFailure } from '../failure.ts';
import { type ProcessRole, removePidFile, writePidFile } from './pid-files.ts';
import { processMark } from './process-mark.ts';

const KILL_LIMIT_MS = 5_000;
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

/** What to start; `stopGraceMs` is how long it may take to end by itself after SIGTERM. */
export interface ProcessSpec {
  readonly name: string;
  readonly role: ProcessRole;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the process; left out, what a server needs and nothing else. */
  readonly env?: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly pidsDir: string;
  readonly stopGraceMs: number;
}

/** Where a server keeps its files, and where it listens; `port` 0 or left out: the remembered one, else any free one. */
export interface ServerPlace {
  readonly dataDir: string;
  readonly logFile: string;
  /** Where its pid file lies; `<dataDir>/pids` when left out. */
  readonly pidsDir?: string | undefined;
  readonly port?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A server that runs; `close()` ends it in order, `kill` sends a signal. */
export interface ServerHandle extends Pick<RunningProcess, 'pid' | 'exited' | 'kill' | 'close'> {
  readonly port: number;
}

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that was started. */
export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Where its lines begin in the log, which earlier processes wrote to as well. */
  readonly logFromBytes: number;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ProcessEnd>;
  /** How it ended, or null while it runs. */
  ended(): ProcessEnd | null;
  /** Sends a signal to its group (SIGKILL, SIGSTOP, SIGCONT …); nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it: SIGTERM, `stopGraceMs`, SIGKILL. Resolves when it is gone; may be called again. */
  close(): Promise<void>;
}

/**
 * Starts a process and returns it as soon as it runs (not when it is ready).
 *
 * @throws SystemFailure when the command cannot be started
 */
export const startProcess = async (spec: ProcessSpec): Promise<RunningProcess> => {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const { child, logFromBytes } = spawnLogged(spec);
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new SystemFailure(`${spec.name} cannot be started: ${reasonOf(error)}`, { cause: error })),
    );
  });
  const pid = child.pid;
  if (pid === undefined) throw new SystemFailure(`${spec.name} was started without a pid`);

  let end: ProcessEnd | null = null;
  const settled = exited.then((how) => {
    end = how;
    removePidFile(spec.pidsDir, spec.name);
    return how;
  });
  await record(spec, pid);
  const kill = (signal: NodeJS.Signals) => {
    if (end === null) signalGroup(pid, signal);
  };
  const close = once(async () => {
    // A stopped process (SIGSTOP) takes SIGTERM only once it goes on.
    kill('SIGTERM');
    kill('SIGCONT');
    if (await within(settled, spec.stopGraceMs)) return;
    kill('SIGKILL');
    if (await within(settled, KILL_LIMIT_MS)) return;
    throw new SystemFailure(`${spec.name} (pid ${pid}) did not end within ${KILL_LIMIT_MS} ms after SIGKILL`);
  });
  return { name: spec.name, pid, logFile: spec.logFile, logFromBytes, exited: settled, ended: () => end, kill, close };
};

const spawnLogged = (spec: ProcessSpec) => {
  setAsideLongLog(spec.logFile);
  const log = openSync(spec.logFile, 'a');
  try {
    const logFromBytes = fstatSync(log).size;
    const child = spawn(spec.command, [...spec.args], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: spec.cwd,
      env: spec.env ?? serverEnvironment(),
    });
    return { child, logFromBytes };
  } finally {
    closeSync(log);
  }
};

/** A log that grew long moves to `<file>.1`, in place of the one before: two files bound what is kept. */
const setAsideLongLog = (logFile: string): void => {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.1`);
};

const record = async (spec: ProcessSpec, pid: number): Promise<void> => {
  const [mark, ownerMark] = [await processMark(pid), await processMark(process.pid)];
  // No mark: it has ended already, and the caller learns so from `exited`.
  if (mark === null || ownerMark === null) return;
  writePidFile(spec.pidsDir, { name: spec.name, role: spec.role, pid, mark, ownerPid: process.pid, ownerMark });
};

/** Sends a signal to a process group; a group that is gone is no error. */
export const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
};

/** Whether the promise settles within the time; the timer does not outlive it. */
const within = async (promise: Promise<unknown>, limitMs: number): Promise<boolean> => {
  const timer = new AbortController();
  const late = delay(limitMs, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    timer.abort();
  }
};

const once = (run: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
};
