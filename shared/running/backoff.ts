// Waiting between tries: exponential, half of it by chance, capped, and ended at once by an AbortSignal.
// "Equal jitter" after Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).

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
