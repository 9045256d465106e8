// What `/readyz` says of shopping-service: stored events arrive in its read model, or it is not ready; held subjects are shown.
import type { FeedHandle, HeldSubjects, Mender, PauseLever, ProgressWatch, Resync, Verifier } from 'foldline/engine';
import {
  heldCheck,
  pauseCheck,
  progressChecks,
  proofCheck,
  type Readiness,
  resyncCheck,
  shownMax,
  withoutAddresses,
} from 'foldline/fastify';
import type { IgnoredKinds } from './readiness-ignored.ts';
import type { References } from './references/open-references.ts';

export interface ReadinessPorts {
  readonly progress: ProgressWatch;
  readonly lever: Pick<PauseLever, 'name' | 'current' | 'reasons'>;
  readonly feed: Pick<FeedHandle, 'trouble'>;
  /** Undefined without a broker. */
  readonly resync: Pick<Resync, 'state' | 'isSettled'> | undefined;
  readonly held: HeldSubjects;
  readonly mender: Pick<Mender, 'trouble'>;
  readonly verifier: Pick<Verifier, 'models'>;
  readonly ignored: Pick<IgnoredKinds, 'check'>;
  readonly references: Pick<References, 'check'>;
}

export function readinessOf({
  progress,
  lever,
  feed,
  resync,
  held,
  mender,
  verifier,
  ignored,
  references,
}: ReadinessPorts): (verbose: boolean) => Promise<Readiness> {
  return async (verbose) => {
    const checks = [...progressChecks(progress.reports()), ...(resync ? [resyncCheck(resync)] : [])];
    const ready = checks.every((check) => check.ready);
    if (!verbose) return { ready, checks: [] };
    const trouble = feed.trouble();
    const [count, list, refers] = await Promise.all([held.count(), held.list(shownMax), references.check()]);
    return {
      ready,
      checks: [
        ...checks,
        { name: 'feed', ready: true, detail: trouble ? `last error: ${withoutAddresses(trouble)}` : 'no error' },
        pauseCheck(lever),
        heldCheck(count, list, mender.trouble()),
        proofCheck(verifier.models()),
        ignored.check(),
        refers,
      ],
    };
  };
}
