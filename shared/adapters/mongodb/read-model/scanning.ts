// Passes on the documents of a scan, reports their number now and then, and ends when its signal is aborted.
import type { Scan } from '../../../operations/ports.ts';

/** Documents between two looks at the signal, and between two pauses of a scan that must not hurry. */
export const documentsPerStep = 1000;

/** @throws the signal's reason once it is aborted */
export async function* scanning<T>(found: AsyncIterable<T>, { signal, scanned }: Scan): AsyncGenerator<T> {
  let since = 0;
  for await (const one of found) {
    yield one;
    since += 1;
    if (since < documentsPerStep) continue;
    signal.throwIfAborted();
    await scanned?.(since);
    since = 0;
  }
  signal.throwIfAborted();
  await scanned?.(since);
}
