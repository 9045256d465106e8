// Lets a reader wait until a subject has reached a version: woken by whoever writes the documents in this process, and,
// because another process may be the one that writes, by a look at the document every `pollMs`. The number of waiters is bounded.
import { Failure } from '../engine/index.ts';

export interface VersionWaiters {
  /** Called after a batch was written. */
  reached(versions: ReadonlyMap<string, number>): void;
  /**
   * Resolves true once `look` answers `version` or more, false when `waitMs` is over or `signal` aborts.
   * @throws Failure `overloaded` when too many readers wait already.
   */
  wait(
    subject: string,
    version: number,
    waitMs: number,
    look: () => Promise<number>,
    signal?: AbortSignal,
  ): Promise<boolean>;
}

export interface WaiterLimits {
  readonly waitersMax: number;
  readonly pollMs: number;
}

export function createVersionWaiters({ waitersMax, pollMs }: WaiterLimits): VersionWaiters {
  const waiting = new Map<string, Set<() => void>>();
  let waiters = 0;

  /** Wakes once: on news of the subject, after `pollMs`, at the end of the wait, or on abort. `wake` also cleans up. */
  function nextNews(subject: string, untilMs: number, signal: AbortSignal | undefined) {
    const wakers = waiting.get(subject) ?? new Set();
    waiting.set(subject, wakers);
    let wake = () => {};
    const news = new Promise<void>((resolve) => {
      wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        wakers.delete(wake);
        if (wakers.size === 0 && waiting.get(subject) === wakers) waiting.delete(subject);
        resolve();
      };
      const timer = setTimeout(() => wake(), Math.max(0, Math.min(pollMs, untilMs - Date.now())));
      signal?.addEventListener('abort', wake, { once: true });
      wakers.add(wake);
    });
    return { news, wake };
  }

  return {
    reached(versions) {
      if (waiters === 0) return;
      for (const subject of versions.keys()) for (const wake of [...(waiting.get(subject) ?? [])]) wake();
    },
    async wait(subject, version, waitMs, look, signal) {
      if (waiters >= waitersMax)
        throw new Failure('overloaded', `${waitersMax} readers wait already; ask again without Prefer: wait.`);
      waiters += 1;
      try {
        const untilMs = Date.now() + waitMs;
        for (;;) {
          // Registered before looking, so that a write between the look and the wait is not missed.
          const { news, wake } = nextNews(subject, untilMs, signal);
          try {
            if ((await look()) >= version) return true;
            if (Date.now() >= untilMs || signal?.aborted) return false;
            await news;
          } finally {
            wake();
          }
        }
      } finally {
        waiters -= 1;
      }
    },
  };
}

export interface AtLeast<T> {
  readonly waiters: VersionWaiters;
  readonly subject: string;
  /** Undefined: as it is now. */
  readonly minVersion: number | undefined;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  /** What is counted while a caller only waits may be left out of the count. */
  readonly aside?: (wait: () => Promise<boolean>) => Promise<boolean>;
  read(): Promise<T>;
  versionOf(reading: T): number;
}

/**
 * Reads at `minVersion` or later, waiting for it when the caller would.
 * @throws Failure `version-not-yet` with the version that is there
 */
export async function readAtLeast<T>({
  waiters,
  subject,
  minVersion,
  waitMs,
  signal,
  aside = (wait) => wait(),
  read,
  versionOf,
}: AtLeast<T>): Promise<T> {
  let reading = await read();
  if (minVersion === undefined || versionOf(reading) >= minVersion) return reading;
  const look = async () => {
    reading = await read();
    return versionOf(reading);
  };
  const wait = () => waiters.wait(subject, minVersion, waitMs, look, signal);
  if (waitMs > 0 && (await aside(wait))) return reading;
  const currentVersion = versionOf(reading);
  throw new Failure(
    'version-not-yet',
    `${subject} is at version ${currentVersion} here; version ${minVersion} has not been reached yet.`,
    { currentVersion },
  );
}
