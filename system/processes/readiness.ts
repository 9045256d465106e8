// Waits until a server that was just started answers, and says why when it never will.
// A process that died ends the wait at once, with the end of its log.

import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, reasonOf } from 'foldline/engine';
import { SystemFailure } from '../failure.ts';
import { lastLines } from './commands.ts';
import type { ProcessEnd, RunningProcess } from './processes.ts';

const TAIL_BYTES = 16 * 1024;

/** What to wait for: `probe` throws while the server is not ready; it is asked every `everyMs` for at most `limitMs`. */
export interface Readiness<T> {
  readonly server: RunningProcess;
  readonly probe: () => Promise<T>;
  readonly limitMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves with what the first successful probe returned. When it fails the process has been ended.
 *
 * @throws SystemFailure when the process died, or was not ready in time, or `signal` was aborted
 */
export const whenReady = async <T>(readiness: Readiness<T>): Promise<T> => {
  try {
    return await firstAnswer(readiness);
  } catch (error) {
    await readiness.server.close();
    throw error;
  }
};

const firstAnswer = async <T>({ server, probe, limitMs, everyMs = 50, signal }: Readiness<T>): Promise<T> => {
  const deadline = Date.now() + limitMs;
  for (;;) {
    if (signal?.aborted) throw new SystemFailure(`the start of ${server.name} was stopped`, { cause: signal.reason });
    const end = server.ended();
    if (end) throw new SystemFailure(`${server.name} ended with ${describeEnd(end)} ${await whatItSaid(server)}`);
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > deadline) {
        throw new SystemFailure(
          `${server.name} was not ready within ${limitMs} ms (${reasonOf(error)}) ${await whatItSaid(server)}`,
          { cause: error },
        );
      }
    }
    await delay(everyMs);
  }
};

/** "code 1" or "signal SIGKILL". */
export const describeEnd = ({ code, signal }: ProcessEnd): string =>
  signal === null ? `code ${code}` : `signal ${signal}`;

const whatItSaid = async ({ logFile, logFromBytes }: RunningProcess): Promise<string> => {
  const tail = await logTail(logFile, logFromBytes);
  return tail === '' ? `and wrote nothing to ${logFile}` : `and its log ${logFile} ends with:\n${tail}`;
};

/**
 * The last `count` lines of the file that are not blank; an empty text while there is no such file.
 *
 * @param fromBytes what stands before this place is left out
 */
export const logTail = async (file: string, fromBytes = 0, count = 12): Promise<string> => {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const from = Math.max(fromBytes, size - TAIL_BYTES);
      const bytes = Math.max(0, size - from);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, from);
      return lastLines(buffer.subarray(0, bytesRead).toString('utf8'), count);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
};
