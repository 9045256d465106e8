// What `/readyz` says of shopping-service: stored events arrive in its read model, or it is not ready; held subjects are shown.
import type { FeedHandle, HeldSubjects, ProgressWatch } from '@foldline/shared/engine';
import { progressChecks, type Readiness, shownMax, withoutAddresses } from '@foldline/shared/http';

export interface ReadinessPorts {
  readonly progress: ProgressWatch;
  readonly feed: Pick<FeedHandle, 'trouble'>;
  readonly held: HeldSubjects;
}

export function readinessOf({ progress, feed, held }: ReadinessPorts): (verbose: boolean) => Promise<Readiness> {
  return async (verbose) => {
    const checks = progressChecks(progress.reports());
    const ready = checks.every((check) => check.ready);
    if (!verbose) return { ready, checks: [] };
    const trouble = feed.trouble();
    const [count, list] = await Promise.all([held.count(), held.list(shownMax)]);
    return {
      ready,
      checks: [
        ...checks,
        { name: 'feed', ready: true, detail: trouble ? `last error: ${withoutAddresses(trouble)}` : 'no error' },
        { name: 'held-subjects', ready: true, detail: `${count} held`, data: list },
      ],
    };
  };
}
