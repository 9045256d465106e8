// What handles a batch of a feed: the projector of the models, then the sagas and the readers that wait for a version. Subjects of a kind
// that no model has are counted and named.
import {
  type Change,
  createProjector,
  type FeedItem,
  kindOf,
  type Projector,
  type StoredEvent,
} from '../engine/index.ts';
import type { ReadinessCheck } from '../http/index.ts';
import { type ProjectorMetrics, projectorMetrics } from '../metrics/index.ts';
import { createFeedWatch, type FeedWatch } from '../operations/index.ts';
import type { HandleItems } from '../running/index.ts';
import { isOwn } from './declaration.ts';
import { type OpenModels, readModelsOf } from './models.ts';
import type { Parts } from './parts.ts';
import type { Mendable } from './retrier.ts';
import type { SagaInbox } from './saga-inbox.ts';

export interface IgnoredKinds {
  /** Told of every batch in which something was ignored. */
  saw(items: readonly FeedItem[]): void;
  check(): ReadinessCheck;
}

/** @param prefixesMax how many are told apart; what comes with yet another is counted together */
export function createIgnoredKinds(known: readonly string[], prefixesMax: number): IgnoredKinds {
  const kept = new Set(known);
  const seen = new Map<string, number>();
  let others = 0;
  return {
    saw(items) {
      for (const item of items) {
        if (!('event' in item)) continue;
        const prefix = kindOf(item.event.subject);
        if (kept.has(prefix)) continue;
        if (seen.has(prefix) || seen.size < prefixesMax) seen.set(prefix, (seen.get(prefix) ?? 0) + 1);
        else others += 1;
      }
    },
    check() {
      const prefixes = [...seen].map(([prefix, events]) => ({ prefix, events }));
      const events = prefixes.reduce((sum, one) => sum + one.events, others);
      const detail = `${events} events of subjects that nobody here keeps, since the start`;
      return { name: 'ignored-events', ready: true, detail, data: { prefixes, others } };
    },
  };
}

/** What a service of its own adds to the folding of events. */
export interface ProjectionHooks {
  /**
   * Must be done before the documents show the changes: once they do, a batch that is repeated changes nothing any more.
   *
   * @returns how many claims of events from around the API clash with those of others
   */
  beforeWriting?(changes: readonly Change[]): Promise<number>;
  /** Told of the events of each batch before its offset or checkpoint moves. */
  hear?(events: readonly StoredEvent[]): Promise<void>;
}

export interface Projecting {
  readonly apply: Projector['apply'];
  /** Only writes, for documents that are made again: nobody waits for them. */
  readonly restore: HandleItems;
  readonly watch: FeedWatch;
  readonly counted: ProjectorMetrics;
  readonly ignored: IgnoredKinds;
}

/** @param heardBy told of events as `hear` is; their kinds are kept as those of the models are */
export function openProjecting(
  parts: Parts,
  models: OpenModels,
  { beforeWriting, hear }: ProjectionHooks,
  heardBy: readonly (Pick<SagaInbox, 'receive'> & Pick<Mendable, 'models'>)[] = [],
): Projecting {
  const { config, gate, pauseGate, held, heldCount, waiters, metrics, clock, logger: log, crashPoint } = parts;
  const hearers = [...(hear ? [hear] : []), ...heardBy.map((one) => one.receive)];
  let clashes = 0;
  const projector = createProjector({
    models: readModelsOf(models),
    held,
    clock,
    log,
    crashPoint,
    ...ownerOfAll(parts, models),
    ...(beforeWriting && {
      async beforeWriting(changes: readonly Change[]) {
        clashes += await beforeWriting(changes);
      },
    }),
    ...(hearers.length > 0 && {
      async afterWriting(items: Parameters<HandleItems>[0]) {
        const events = items.flatMap((item) => ('event' in item ? [item.event] : []));
        await Promise.all(hearers.map((tell) => tell(events)));
      },
    }),
  });
  const counted = projectorMetrics(metrics, pauseGate.name, heldCount);
  const kept = [...readModelsOf(models), ...heardBy.flatMap((one) => one.models)];
  const kinds = kept.map(({ projection }) => projection.kind);
  const write: Projector['apply'] = (items) => gate.pass(() => projector.apply(items));
  return {
    async apply(items) {
      const outcome = await write(items);
      waiters.reached(outcome.versions);
      counted.batch(outcome, clashes);
      clashes = 0;
      return outcome;
    },
    async restore(items) {
      await write(items);
    },
    watch: createFeedWatch(Date.now),
    counted,
    ignored: createIgnoredKinds(kinds, config.IGNORED_PREFIXES_MAX ?? ignoredPrefixesMax),
  };
}

/** Where no topics are followed every subject that comes is of a store, whose kinds are few. */
const ignoredPrefixesMax = 20;

/** A service whose one store has the events of all models fills a hole at once, from the store. */
function ownerOfAll({ stores }: Parts, models: OpenModels) {
  const owners = new Set(
    Object.values(models).map(({ declaration: { from } }) => (isOwn(from) ? stores[from.store]?.store : undefined)),
  );
  const [owner] = owners;
  return owners.size === 1 && owner ? { owner } : {};
}
