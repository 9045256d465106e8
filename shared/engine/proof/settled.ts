// The wait between the two looks of a proof: what was stored at the first one should have arrived by the second.
import { pause } from '../backoff.ts';
import type { ProgressSource } from '../progress.ts';

export interface SettleLimits {
  /** Also when the newest event is there: others may be on their way beside it. */
  readonly leastMs: number;
  /** A copy that is behind for longer is behind. */
  readonly mostMs: number;
  readonly pollMs: number;
}

/** Resolves when the newest event of now has arrived. @throws what keeps the source from being asked */
export function settledBy(
  source: Pick<ProgressSource, 'newest' | 'arrived'>,
  { leastMs, mostMs, pollMs }: SettleLimits,
) {
  return async (signal: AbortSignal): Promise<void> => {
    const newest = await source.newest();
    await pause(leastMs, signal);
    for (let waitedMs = leastMs; newest && waitedMs < mostMs; waitedMs += pollMs) {
      if (signal.aborted || (await source.arrived(newest))) return;
      await pause(pollMs, signal);
    }
  };
}
