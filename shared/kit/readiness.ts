// What `/readyz` says of a service: stored events arrive in its models, or it is not ready; what is held, paused or not verified is
// shown.

import { type Readiness, type ReadinessCheck, withoutAddresses } from '../http/index.ts';
import {
  heldCheck,
  pauseCheck,
  progressChecks,
  type Resync,
  type Retrier,
  resyncCheck,
  shownMax,
  type Verifier,
  verificationCheck,
} from '../operations/index.ts';
import type { ProgressWatch } from '../running/index.ts';
import type { OwnParts } from './definition.ts';
import type { ServiceFeed } from './feed.ts';
import type { NewestBody } from './origins/protocol.ts';
import type { Parts } from './parts.ts';
import type { IgnoredKinds } from './projecting.ts';
import type { RunningSaga } from './sagas.ts';

export interface ReadinessWork {
  readonly progress: Pick<ProgressWatch, 'reports'>;
  /** What follows the events in this process; undefined where another process does. */
  readonly following: FollowingChecks | undefined;
  /** By topic, for those that other services copy from. */
  readonly newest: ReadonlyMap<string, () => Promise<NewestBody>>;
  /** What the service itself has to say; it is asked for a verbose answer only, and never makes the service not ready. */
  readonly own: OwnParts['checks'];
}

export interface FollowingChecks {
  readonly feed: Pick<ServiceFeed, 'trouble'>;
  /** Undefined without a broker. */
  readonly resync: Pick<Resync, 'state' | 'isSettled'> | undefined;
  readonly retrier: Pick<Retrier, 'trouble'>;
  readonly verifier: Pick<Verifier, 'models'>;
  readonly ignored: Pick<IgnoredKinds, 'check'>;
  readonly sagas: readonly Pick<RunningSaga, 'name' | 'trouble' | 'countWaiting'>[];
}

export function readinessOf(
  { held, pauseGate }: Pick<Parts, 'held' | 'pauseGate'>,
  { progress, following, newest, own }: ReadinessWork,
): (verbose: boolean) => Promise<Readiness> {
  const feed = following?.feed ?? { trouble: () => undefined };
  return async (verbose) => {
    const resync = following?.resync;
    const checks = [...progressChecks(progress.reports()), ...(resync ? [resyncCheck(resync)] : [])];
    const ready = checks.every((check) => check.ready);
    if (!verbose) return { ready, checks: [] };
    const [shown, count, list, sagas, others] = await Promise.all([
      // Read by consumers of an earlier release; those of this one ask the origin.
      Promise.all(checks.map(async (check) => withData(check, await newest.get(check.name)?.()))),
      held.count(),
      held.list(shownMax),
      Promise.all((following?.sagas ?? []).map(sagaCheck)),
      own?.(feed) ?? [],
    ]);
    return {
      ready,
      checks: [
        ...shown,
        ...(following ? [{ name: 'feed', ready: true, detail: troubleOf(feed) }] : []),
        ...sagas,
        pauseCheck(pauseGate),
        heldCheck(count, list, following?.retrier.trouble()),
        ...(following ? [verificationCheck(following.verifier.models()), following.ignored.check()] : []),
        ...others,
      ],
    };
  };
}

function troubleOf({ trouble }: Pick<ServiceFeed, 'trouble'>): string {
  const last = trouble();
  return last ? `last error: ${withoutAddresses(last)}` : 'no error';
}

async function sagaCheck({ name, trouble, countWaiting }: FollowingChecks['sagas'][number]): Promise<ReadinessCheck> {
  const waiting = await countWaiting();
  const undelivered = waiting > 0 ? `; the inbox keeps ${waiting} events for instances that cannot be read` : '';
  return { name: `saga-${name}`, ready: true, detail: troubleOf({ trouble }) + undelivered };
}

function withData(check: ReadinessCheck, newest: NewestBody | undefined): ReadinessCheck {
  if (!newest) return check;
  const { held: _, moreHeld: __, ...data } = newest;
  return { ...check, data };
}
