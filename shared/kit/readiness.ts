// What `/readyz` says of a service: stored events arrive in its models, or it is not ready; what is held, paused or not verified is
// shown.

import { type Readiness, type ReadinessCheck, withoutAddresses } from '../http/index.ts';
import {
  heldCheck,
  type Mender,
  pauseCheck,
  progressChecks,
  proofCheck,
  type Resync,
  resyncCheck,
  shownMax,
  type Verifier,
} from '../operations/index.ts';
import type { ProgressWatch } from '../running/index.ts';
import type { OwnParts } from './definition.ts';
import type { ServiceFeed } from './feed.ts';
import type { IgnoredKinds } from './ignored-kinds.ts';
import type { NewestBody } from './origins/protocol.ts';
import type { Parts } from './parts.ts';

export interface ReadinessWork {
  readonly progress: Pick<ProgressWatch, 'reports'>;
  readonly feed: Pick<ServiceFeed, 'trouble'>;
  /** Undefined without a broker. */
  readonly resync: Pick<Resync, 'state' | 'isSettled'> | undefined;
  readonly mender: Pick<Mender, 'trouble'>;
  readonly verifier: Pick<Verifier, 'models'>;
  readonly ignored: Pick<IgnoredKinds, 'check'>;
  /** By topic, for those that other services copy from. */
  readonly newest: ReadonlyMap<string, () => Promise<NewestBody>>;
  /** What the service itself has to say; it is asked for a verbose answer only, and never makes the service not ready. */
  readonly own: OwnParts['checks'];
}

export function readinessOf(
  { held, lever }: Pick<Parts, 'held' | 'lever'>,
  { progress, feed, resync, mender, verifier, ignored, newest, own }: ReadinessWork,
): (verbose: boolean) => Promise<Readiness> {
  return async (verbose) => {
    const checks = [...progressChecks(progress.reports()), ...(resync ? [resyncCheck(resync)] : [])];
    const ready = checks.every((check) => check.ready);
    if (!verbose) return { ready, checks: [] };
    const trouble = feed.trouble();
    const [shown, count, list, others] = await Promise.all([
      // Read by consumers of an earlier release; those of this one ask the origin.
      Promise.all(checks.map(async (check) => withData(check, await newest.get(check.name)?.()))),
      held.count(),
      held.list(shownMax),
      own?.(feed) ?? [],
    ]);
    return {
      ready,
      checks: [
        ...shown,
        { name: 'feed', ready: true, detail: trouble ? `last error: ${withoutAddresses(trouble)}` : 'no error' },
        pauseCheck(lever),
        heldCheck(count, list, mender.trouble()),
        proofCheck(verifier.models()),
        ignored.check(),
        ...others,
      ],
    };
  };
}

function withData(check: ReadinessCheck, newest: NewestBody | undefined): ReadinessCheck {
  if (!newest) return check;
  const { held: _, moreHeld: __, ...data } = newest;
  return { ...check, data };
}
