// When each held subject is tried next. The schedule keeps keys and times only: each try asks what is still held, and why.
import { backoffMs } from '../../running/index.ts';
import type { RetrierLimits } from './retry-ports.ts';

interface Waiting {
  /** The version of the document when it was put here: another one means another hole, which does not wait for this one's. */
  appliedVersion: number;
  /** Tried once, whatever holds it; holes are tried until they are filled. */
  readonly once: boolean;
  tries: number;
  atMs: number;
  /** Reported again while it was being tried. */
  again: boolean;
}

type Limits = Pick<RetrierLimits, 'trackedMax' | 'retryInitialMs' | 'retryMsMax' | 'ownerRetryMsMax'>;

const never = Number.POSITIVE_INFINITY;

export function createRetrySchedule(limits: Limits, nowMs: () => number) {
  const waiting = new Map<string, Waiting>();

  function add(key: string, appliedVersion: number, once: boolean): void {
    if (waiting.has(key) || waiting.size >= limits.trackedMax) return;
    waiting.set(key, { appliedVersion, once, tries: 0, atMs: nowMs(), again: false });
  }

  const room = () => limits.trackedMax - waiting.size;
  const isCrowded = () => room() < Math.max(1, limits.trackedMax / 10);

  function wait(one: Waiting, maxMs: number): void {
    one.tries += 1;
    one.atMs = nowMs() + backoffMs({ initialMs: limits.retryInitialMs, maxMs }, one.tries);
    one.again = false;
  }

  return {
    add,
    /** A hole: due at once, unless it is the one that waits already. */
    noticed(key: string, appliedVersion: number): void {
      const one = waiting.get(key);
      if (!one) {
        add(key, appliedVersion, false);
        return;
      }
      one.again = true;
      if (one.appliedVersion !== appliedVersion && one.atMs !== never)
        Object.assign(one, { appliedVersion, tries: 0, atMs: nowMs() });
    },
    /** Those that are due, at most `max`; each must be told one of the three ends below. */
    take(max: number): string[] {
      const due: string[] = [];
      for (const [key, one] of waiting) {
        if (due.length >= max) break;
        if (one.atMs > nowMs()) continue;
        Object.assign(one, { atMs: never, again: false });
        due.push(key);
      }
      return due;
    },
    isOnce: (key: string): boolean => waiting.get(key)?.once === true,
    /** Released, or not to be tried any more; tried again at once when it was reported meanwhile. */
    done(key: string): void {
      const one = waiting.get(key);
      waiting.delete(key);
      if (one?.again) add(key, one.appliedVersion, false);
    },
    /** Still a hole: later, and soon when it has come further. Where many wait in vain it makes room for others. */
    later(key: string, appliedVersion: number): void {
      const one = waiting.get(key);
      if (!one) return;
      if (one.appliedVersion !== appliedVersion) Object.assign(one, { appliedVersion, tries: 0 });
      else if (isCrowded()) return void waiting.delete(key);
      wait(one, limits.retryMsMax);
    },
    /** Nobody could be asked. */
    unanswered(key: string): void {
      const one = waiting.get(key);
      if (one) wait(one, Math.min(limits.ownerRetryMsMax, limits.retryMsMax));
    },
    /** How many more it takes. */
    room,
    /** It is nearly full: whoever looks for more should not hurry, and what it drops is found by a later look. */
    isCrowded,
    nextMs: (): number => Math.min(never, ...[...waiting.values()].map(({ atMs }) => atMs)),
  };
}
