// A batch is never left out: it is tried until it is written, or until whoever feeds it is closed.

import { bounded, type FeedItem, reasonOf } from '../engine/index.ts';
import { type Backoff, backoffMs, pause } from './backoff.ts';

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
