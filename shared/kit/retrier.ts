// The kit's part in repairing what is held: the read models of a service and its sagas, each from the store that has its events.
import { type commonSettings, retrierLimits, type Settings, systemClock } from '../config/index.ts';
import { type FeedItem, kindOf, type Logger, type ReadModel } from '../engine/index.ts';
import { createRetrier, type Owner, type Retrier, type RetrierPorts } from '../operations/index.ts';
import type { Parts } from './parts.ts';

/** Read models of one projector, and who has their events; several may have the same projector. */
export interface Mendable {
  readonly models: readonly ReadModel[];
  readonly owner: Owner;
  /** The projector's `apply`. Other receivers get the events in its `afterWriting`; otherwise a crash may lose events for them. */
  readonly apply: (items: readonly FeedItem[]) => Promise<unknown>;
}

export interface RetryingService extends Pick<Parts, 'held' | 'heldPages'> {
  readonly config: Settings<typeof commonSettings>;
  readonly logger: Logger;
  /** Told after each try how many subjects were tried and how many of them were released. */
  readonly tried?: NonNullable<RetrierPorts['tried']>;
}

/** Begins at once with what is held already; a feed tells it of what is held from then on. */
export function startRetrier(
  { config, logger: log, held, heldPages: pages, tried }: RetryingService,
  mendable: readonly Mendable[],
): Retrier {
  const byKind = new Map(
    mendable.flatMap((one) => one.models.map(({ projection }) => [projection.kind, one] as const)),
  );
  const projectors = new Set(mendable.map(({ apply }) => apply));
  return createRetrier({
    held,
    pages,
    log,
    clock: systemClock,
    limits: retrierLimits(config),
    ...(tried && { tried }),
    models: mendable.flatMap(({ models }) => models),
    ownerOf: (subject) => byKind.get(kindOf(subject))?.owner,
    async apply(items) {
      // Each projector ignores the kinds that it does not fold. All of them end before an error is thrown, so that none goes on writing.
      const ended = await Promise.allSettled([...projectors].map((apply) => apply(items)));
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    },
  });
}
