// What `/readyz` says of a service: stored events arrive in its models, or the service is not ready. What is held, paused or not verified
// is shown. `/freshness` says besides whether completeness is known. Each check has a time limit of its own, so that one server that does not
// answer hides nothing that is known.

import { checkLimits } from '../config/index.ts';
import { reasonOf } from '../engine/index.ts';
import { type Readiness, type ReadinessCheck, withoutAddresses } from '../http/index.ts';
import {
  completenessChecks,
  heldAnswer,
  pauseCheck,
  progressChecks,
  type Resync,
  type Retrier,
  resyncCheck,
  shownMax,
  type Verifier,
  verificationCheck,
} from '../operations/index.ts';
import { cachedAnswer, type ProgressWatch } from '../running/index.ts';
import type { OwnCheck, OwnParts } from './definition.ts';
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
  /** What the service itself has to say. */
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
  { config, held, heldCount, pauseGate }: Pick<Parts, 'config' | 'held' | 'heldCount' | 'pauseGate'>,
  { progress, following, newest, own }: ReadinessWork,
): (verbose: boolean) => Promise<Readiness> {
  const feed = following?.feed ?? { trouble: () => undefined };
  const limits = checkLimits(config);
  const asked = <T>(ask: () => Promise<T>) => cachedAnswer(ask, limits, Date.now);
  const newestOf = new Map([...newest].map(([name, ask]) => [name, asked(ask)]));
  const sagas = (following?.sagas ?? []).map((saga) =>
    known(
      { name: `saga-${saga.name}`, ready: true },
      asked(() => sagaAnswer(saga)),
    ),
  );
  const heldSubjects = known(
    { name: 'held-subjects', ready: true },
    asked(async () => heldAnswer(await heldCount(), await held.list(shownMax), following?.retrier.trouble())),
  );
  const others = Object.entries(own ?? {}).map(([name, ask]) =>
    known(
      { name, ready: true },
      asked(() => ask(feed)),
    ),
  );

  /** Read by consumers of an earlier release; those of this one ask the origin. */
  async function withNewest(check: ReadinessCheck): Promise<ReadinessCheck> {
    const ask = newestOf.get(check.name);
    if (!ask) return check;
    return ask().then(
      ({ held: _, moreHeld: __, ...data }) => ({ ...check, data }),
      (error) => ({ ...check, detail: `${check.detail}; its newest event is not known: ${reasonFor(error)}` }),
    );
  }

  return async (verbose) => {
    const resync = following?.resync;
    const checks = [...progressChecks(progress.reports()), ...(resync ? [resyncCheck(resync)] : [])];
    const ready = checks.every((check) => check.ready);
    if (!verbose) return { ready, checks: [] };
    const all = await Promise.all([
      ...checks.map(withNewest),
      ...(following ? [{ name: 'feed', ready: true, detail: troubleOf(feed) }] : []),
      ...sagas.map((check) => check()),
      pauseCheck(pauseGate),
      heldSubjects(),
      ...(following ? [verificationCheck(following.verifier.models()), following.ignored.check()] : []),
      ...others.map((check) => check()),
    ]);
    return { ready, checks: all };
  };
}

/** Undefined in a process that follows nothing: another process knows. */
export function freshnessOf(
  { config, pauseGate }: Pick<Parts, 'config' | 'pauseGate'>,
  { progress, following }: Pick<ReadinessWork, 'progress' | 'following'>,
): (() => Promise<Readiness>) | undefined {
  if (!following) return undefined;
  return async () => {
    const { resync, verifier } = following;
    const isPaused = pauseGate.isPaused();
    const about = { withinMs: config.FRESHNESS_EQUAL_WITHIN_MS, nowMs: Date.now(), isPaused };
    const checks = [
      ...progressChecks(progress.reports(), true),
      ...(resync ? [resyncCheck(resync)] : []),
      ...completenessChecks(verifier.models(), about),
      pauseCheck(pauseGate),
    ];
    return { ready: checks.every(({ ready }) => ready), checks };
  };
}

/** The check with its answer, or with the reason why there is none: an operator asks just when a server is down. */
function known(check: Pick<ReadinessCheck, 'name' | 'ready'>, ask: () => ReturnType<OwnCheck>) {
  return async (): Promise<ReadinessCheck> => {
    try {
      return { ...check, ...(await ask()) };
    } catch (error) {
      return { ...check, detail: `not known: ${reasonFor(error)}` };
    }
  };
}

const reasonFor = (error: unknown): string => withoutAddresses(reasonOf(error));

function troubleOf({ trouble }: Pick<ServiceFeed, 'trouble'>): string {
  const last = trouble();
  return last ? `last error: ${withoutAddresses(last)}` : 'no error';
}

async function sagaAnswer({ trouble, countWaiting }: FollowingChecks['sagas'][number]) {
  const waiting = await countWaiting();
  const undelivered = waiting > 0 ? `; the inbox keeps ${waiting} events for instances that cannot be read` : '';
  return { detail: troubleOf({ trouble }) + undelivered };
}
