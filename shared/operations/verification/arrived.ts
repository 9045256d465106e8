// Waits for events on their way: an event that was stored at the first comparison of a verification should have arrived by the second.
import { type ProgressSource, pause } from '../../running/index.ts';

export interface ArrivalLimits {
  /** The shortest wait, even when the newest event is there, because others may be on their way. 0: look once only. */
  readonly leastMs: number;
  /** The longest wait: a copy whose newest event has not arrived by then counts as behind. */
  readonly mostMs: number;
  readonly pollMs: number;
}

/** Resolves with whether the newest event of now arrived in time. @throws what keeps the source from being asked */
export function arrivedBy(
  source: Pick<ProgressSource, 'newest' | 'arrived'>,
  { leastMs, mostMs, pollMs }: ArrivalLimits,
) {
  return async (signal: AbortSignal): Promise<boolean> => {
    const newest = await source.newest();
    if (leastMs > 0) await pause(leastMs, signal);
    for (let waitedMs = leastMs; newest && waitedMs < mostMs; waitedMs += pollMs) {
      if (signal.aborted) return false;
      if (await source.arrived(newest)) return true;
      await pause(pollMs, signal);
    }
    return !newest;
  };
}
