// Progress as readiness checks: a stalled source makes the service not ready, and so does an own store that cannot be asked.

import type { ReadinessCheck } from '../../http/index.ts';
import type { ProgressReport } from '../../running/index.ts';

/** How many held subjects, clashes and the like an answer lists at most. */
export const shownMax = 100;

export function progressChecks(reports: readonly ProgressReport[]): ReadinessCheck[] {
  return reports.map(({ source, foreign, state, detail }) => {
    const ready = state !== 'stalled' && (state !== 'unknown' || foreign);
    return { name: source, ready, detail: `${state}: ${detail}` };
  });
}
