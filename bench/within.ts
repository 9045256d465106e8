// A bench waits for what it measures, but not for ever: what does not come fails it by name.

/** @param what asked when the time is over, so that it can say how much is missing. @throws Error after `limitMs` */
export async function within<T>(limitMs: number, what: () => string, wait: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${limitMs / 1000} s there is no ${what()}`)), limitMs);
  });
  return Promise.race([wait, over]).finally(() => clearTimeout(timer));
}
