// An answer that is expensive and often asked for. The answer is reused for a while, one question is on its way at a time, and a caller
// waits for the answer for a bounded time.

export interface CacheLimits {
  /** How long an answer is good for. */
  readonly cachedMs: number;
  /** How long an answer may take before the caller gets an error instead. */
  readonly timeoutMs: number;
}

/** @throws what `ask` throws, or that it took too long; the next call asks anew, unless the question is still on its way */
export function cachedAnswer<T>(ask: () => Promise<T>, { cachedMs, timeoutMs }: CacheLimits, nowMs: () => number) {
  let last: { readonly atMs: number; readonly answer: Promise<T> } | undefined;
  let isAsking = false;

  function askNow(): Promise<T> {
    isAsking = true;
    const answer = ask().finally(() => {
      isAsking = false;
    });
    last = { atMs: nowMs(), answer };
    answer.catch(() => {
      last = undefined;
    });
    return answer;
  }

  return (): Promise<T> => {
    const isGood = last && (isAsking || nowMs() - last.atMs < cachedMs);
    return within(last && isGood ? last.answer : askNow(), timeoutMs);
  };
}

async function within<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
