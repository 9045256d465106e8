// What a process does with the events that it follows: it folds them, delivers them to sagas, retries what is held, verifies, resyncs and
// rebuilds. Of the processes of a service some do without: see `follows` of a declaration.
import { createResync, type Resync, type ResyncMetrics, resyncMetrics } from '../operations/index.ts';
import type { HandleItems, ProgressSource, ProgressWatch } from '../running/index.ts';
import type { OwnParts } from './definition.ts';
import { type ServiceFeed, startFeed } from './feed.ts';
import type { OpenModel } from './models.ts';
import type { Origins } from './origins/index.ts';
import type { ResyncInto } from './origins/origin.ts';
import type { Parts } from './parts.ts';
import { openProjecting } from './projecting.ts';
import type { FollowingChecks } from './readiness.ts';
import type { Generations } from './rebuild.ts';
import { resyncLimits } from './resync.ts';
import { startRetrier } from './retrier.ts';
import { type OpenSaga, type RunningSaga, startSagas } from './sagas.ts';
import type { Operations } from './service-app.ts';
import { openStatus } from './status.ts';
import { openVerification } from './verification.ts';

/** Undefined without a broker: change streams find by a scan what they do not bring. */
export function openResync(
  { broker, metrics, clock, logger: log, crashPoint }: Parts,
  { all }: Origins,
  into: ResyncInto,
  doubt: (topic: string, reason: string) => Promise<void>,
): Resync | undefined {
  if (!broker) return undefined;
  // What the service has itself comes first: it needs nobody else.
  const inOrder = [...all.filter(({ origin }) => !origin.foreign), ...all.filter(({ origin }) => origin.foreign)];
  const topics = inOrder.map(({ origin }) => origin.topic);
  const series: ResyncMetrics = resyncMetrics(metrics, topics, () => resync.state());
  const resync = createResync({
    offsets: broker.offsets,
    topics: inOrder.map(({ origin, models }) => origin.resync(models, broker, into)),
    limits: resyncLimits(broker.config),
    clock,
    begun: series.begun,
    ended: (topic, reason) => doubt(topic, `${topic} was resynced (${reason})`),
    log,
    crashPoint,
  });
  return resync;
}

export interface FollowingWork {
  readonly generations: Generations<string>;
  readonly origins: Origins;
  readonly sagas: readonly OpenSaga[];
  readonly own: OwnParts;
  readonly progress: ProgressWatch;
  readonly arrivalOf: (model: OpenModel) => ProgressSource;
  readonly hears: readonly string[];
}

export interface Following extends Operations, Omit<FollowingChecks, keyof Operations> {
  readonly feed: ServiceFeed;
  readonly sagas: readonly RunningSaga[];
  /** The pause gate must be closed before. */
  close(): Promise<void>;
}

/** Resolves once the feed has begun. */
export async function startFollowing(parts: Parts, work: FollowingWork): Promise<Following> {
  const { waiters } = parts;
  const { generations, origins, own, progress, arrivalOf, hears } = work;
  const { models } = generations;
  const rebuilds = generations.rebuildsFrom(origins.of);
  const sagas = await startSagas(parts, work.sagas);
  const { apply, restore, watch, counted, ignored } = openProjecting(parts, models, own, sagas);

  const repaired = origins.all.map(({ origin, models: ofOrigin }) => ({
    models: ofOrigin.map(({ model }) => model),
    owner: origin,
    apply,
  }));
  const retrier = startRetrier({ ...parts, tried: counted.tried }, [...repaired, ...sagas]);
  const busy = () => {
    const running = resync?.state();
    if (running) return `${running.topic} is resyncing`;
    return resync?.isSettled() === false ? 'the offsets are not known yet' : undefined;
  };
  const verifier = openVerification(parts, { models, originOf: origins.of, arrivalOf, apply, busy });
  const doubt = (topic: string, reason: string) => {
    const ofTopic = origins.all.filter(({ origin }) => origin.topic === topic).flatMap((one) => one.models);
    return verifier.doubt(
      ofTopic.map(({ model }) => model.projection.name),
      reason,
    );
  };

  const handle: HandleItems = watch.watched(async (items) => {
    const outcome = await apply(items);
    for (const source of new Set(items.map((item) => item.source))) progress.moved(source);
    if (outcome.ignored > 0) ignored.saw(items.filter(({ source }) => !hears.includes(source)));
    retrier.noticed(outcome.held);
  });
  const reached = (source: string, versions: ReadonlyMap<string, number>) => {
    waiters.reached(versions);
    progress.moved(source);
  };
  const resync = openResync(parts, origins, { handle, reached }, doubt);
  const topics = [...new Set([...origins.all.map(({ origin }) => origin.topic), ...hears])];
  const feed = await startFeed(parts, models, topics, { handle, restore, resync, doubt, read: origins.read });
  const rebuilding = generations.backfilling;
  const status = openStatus(parts, { models, topics, progress, watch, verifier, resync, rebuilding });
  return {
    feed,
    resync,
    retrier,
    verifier,
    ignored,
    sagas,
    status,
    rebuilds,
    async close() {
      await feed.close();
      await retrier.close();
      await verifier.close();
      for (const saga of sagas) await saga.close();
    },
  };
}
