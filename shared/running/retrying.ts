// Waiting between tries, and trying a batch until it is written: exponential, half of the wait by chance, capped, and ended at once by an
// AbortSignal. "Equal jitter" after Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
import { bounded, type FeedItem, reasonOf } from '../engine/index.ts';

export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Milliseconds to wait before try `attempt` + 1; `attempt` counts from 1. Never below half of the step, so that it does wait. */
export function backoffMs({ initialMs, maxMs }: Backoff, attempt: number, random: () => number = Math.random): number {
  const step = Math.min(maxMs, initialMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(step / 2 + (random() * step) / 2);
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}

export type HandleItems = (items: readonly FeedItem[]) => Promise<void>;

export interface RetryOptions {
  readonly retry: Backoff;
  readonly signal: AbortSignal;
  /** Told the error's message after each failure, and undefined once it went through. */
  report(trouble: string | undefined): void;
}

/** @throws the last error, only once `signal` is aborted */
export function retrying(handle: HandleItems, { retry, signal, report }: RetryOptions): HandleItems {
  return async (items) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await handle(items);
        return report(undefined);
      } catch (error) {
        if (signal.aborted) throw error;
        report(bounded(reasonOf(error)));
        await pause(backoffMs(retry, attempt), signal);
      }
    }
  };
}
