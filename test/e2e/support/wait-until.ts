// Waits for a state of the system, never for a time. What was missing last is in the error.
import { setTimeout as pause } from 'node:timers/promises';

const lookEveryMs = 100;

/**
 * Asks `missing` until it says undefined.
 *
 * @throws Error with its last word after `limitMs`
 */
export async function waitUntil(
  what: string,
  limitMs: number,
  missing: () => Promise<string | undefined>,
): Promise<void> {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    const last = await missing();
    if (last === undefined) return;
    if (performance.now() > untilMs) throw new Error(`${what}: not within ${limitMs} ms. ${last}`);
    await pause(lookEveryMs);
  }
}
