// When each held subject is tried next. The schedule keeps keys and times only: each try asks what is still held, and why.
import { backoffMs } from '../../running/index.ts';
import type { RetrierLimits } from './retry-ports.ts';

interface Waiting {
  /** The document's version when the entry was added. Another version means another hole, with a waiting time of its own. */
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
    /** Adds a hole, which is due at once unless the same hole waits already. */
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
    /** Takes at most `max` due keys. The caller must report each key to `done`, `later` or `unanswered`. */
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
    /** The key was released or is not tried any more. A key that was reported meanwhile is tried again at once. */
    done(key: string): void {
      const one = waiting.get(key);
      waiting.delete(key);
      if (one?.again) add(key, one.appliedVersion, false);
    },
    /** The key is still a hole and is tried later, soon if its document moved on. If not, it leaves a crowded schedule. */
    later(key: string, appliedVersion: number): void {
      const one = waiting.get(key);
      if (!one) return;
      if (one.appliedVersion !== appliedVersion) Object.assign(one, { appliedVersion, tries: 0 });
      else if (isCrowded()) return void waiting.delete(key);
      wait(one, limits.retryMsMax);
    },
    /** The owner could not be asked, so the key is tried later. */
    unanswered(key: string): void {
      const one = waiting.get(key);
      if (one) wait(one, Math.min(limits.ownerRetryMsMax, limits.retryMsMax));
    },
    /** How many more keys the schedule takes. */
    room,
    /** Whether the schedule is nearly full. Then more keys should be looked for later; a later look finds dropped keys too. */
    isCrowded,
    nextMs: (): number => Math.min(never, ...[...waiting.values()].map(({ atMs }) => atMs)),
  };
}
