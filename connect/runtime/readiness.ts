// Waits until a server that was just started answers, and says why when it never will.
// A process that died ends the wait at once, with the end of its log.
import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '@foldline/shared/engine';
import { RuntimeFailure } from './failure.ts';
import { logTail } from './log-tail.ts';
import type { ProcessEnd, RunningProcess } from './processes.ts';

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
 * @throws RuntimeFailure when the process died, or was not ready in time, or `signal` was aborted
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
    if (signal?.aborted) throw new RuntimeFailure(`the start of ${server.name} was stopped`, { cause: signal.reason });
    const end = server.ended();
    if (end) throw new RuntimeFailure(`${server.name} ended with ${describeEnd(end)} ${await whatItSaid(server)}`);
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > deadline) {
        throw new RuntimeFailure(
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
