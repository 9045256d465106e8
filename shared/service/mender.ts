// The kit's part in mending what is held: the read models of a service and its sagas, each from the store that has its events.
import { menderLimits, systemClock } from '../config/index.ts';
import { createMender, type FeedItem, kindOf, type Mender, type Owner, type ReadModel } from '../engine/index.ts';
import type { OpenService } from './open-service.ts';

/** Read models of one projector, and who has their events. */
export interface Mendable {
  readonly models: readonly ReadModel[];
  readonly owner: Owner;
  /** The projector's. Whoever else has to hear of the events hears of them in its `afterWriting`, else a crash may forget them. */
  readonly apply: (items: readonly FeedItem[]) => Promise<unknown>;
}

/** Begins at once with what is held already; a feed tells it of what is held from then on. */
export function startMender(
  { config, logger: log, held, heldPages: pages }: Pick<OpenService, 'config' | 'logger' | 'held' | 'heldPages'>,
  mendable: readonly Mendable[],
): Mender {
  const byKind = new Map(
    mendable.flatMap((one) => one.models.map(({ projection }) => [projection.kind, one] as const)),
  );
  return createMender({
    ...{ held, pages, log, clock: systemClock, limits: menderLimits(config) },
    models: mendable.flatMap(({ models }) => models),
    ownerOf: (subject) => byKind.get(kindOf(subject))?.owner,
    // Each passes over the kinds that it does not fold.
    apply: (items) => Promise.all(mendable.map(({ apply }) => apply(items))),
  });
}
