// What a service owns, as the services that copy from it ask for it: each kind of each store, with the snapshots that are kept of it.
import { foldedEvents, mongoCopies } from '../../adapters/mongodb/index.ts';
import { arrivalLimits } from '../../config/index.ts';
import { Failure } from '../../engine/index.ts';
import { arrivedBy, type BucketSides, type SharedForm } from '../../operations/index.ts';
import type { ProgressSource } from '../../running/index.ts';
import { isOwn } from '../declaration.ts';
import type { ServiceFeed } from '../feed.ts';
import type { OpenModel, OpenModels } from '../models.ts';
import type { OpenStore, Parts } from '../parts.ts';
import type { OwnedKind } from './routes.ts';

export function ownedKinds(
  { stores, config, broker }: Parts,
  models: OpenModels,
  feed: Pick<ServiceFeed, 'hasScanned'>,
  arrivalOf: (model: OpenModel) => ProgressSource,
): readonly OwnedKind[] {
  return Object.entries(stores).flatMap(([key, store]) =>
    store.kinds.map((kind): OwnedKind => {
      const complete = () => feed.hasScanned(store.topic);
      const model = Object.values(models).find(
        ({ declaration: { from, projection } }) => isOwn(from) && from.store === key && projection.kind === kind,
      );
      const form = store.forms?.[kind];
      if (!model || !form) return { kind, store, model, complete, buckets: undefined };
      // With a broker it is not known whether the snapshots are complete, so the digests come from a costly fold of all events.
      if (broker) return { kind, store, model, complete, buckets: foldedBuckets(model, store, form) };
      const arrival = arrivalOf(model);
      const scanned = {
        ...arrival,
        arrived: async (at: Parameters<ProgressSource['arrived']>[0]) => complete() && arrival.arrived(at),
      };
      const isCurrent = arrivedBy(scanned, { ...arrivalLimits(config), leastMs: 0 });
      return { kind, store, model, complete, buckets: bucketsOf(model, store, form, isCurrent) };
    }),
  );
}

function foldedBuckets({ model: { projection } }: OpenModel, { events }: OpenStore, form: SharedForm): BucketSides {
  const folded = foldedEvents(events, projection, form);
  return { digests: folded, entries: folded };
}

/**
 * Digests of buckets come from the snapshots, once these have every stored event; the entries of some buckets come from the events.
 *
 * @param isCurrent whether the snapshots have every stored event: otherwise copies that are equally far behind would look right
 */
function bucketsOf(
  { model: { projection }, collection }: OpenModel,
  { events, collection: name }: OpenStore,
  form: SharedForm,
  isCurrent: (signal: AbortSignal) => Promise<boolean>,
): BucketSides {
  const copies = mongoCopies(collection, projection, form);
  return {
    digests: {
      async digests(bits, scan) {
        if (await isCurrent(scan.signal)) return copies.digests(bits, scan);
        throw new Failure(
          'overloaded',
          `The snapshots of ${projection.name} are behind their events in ${name}, so that digests of them would prove nothing. Look at the status of ${projection.name}, and ask again when it has caught up.`,
        );
      },
    },
    entries: foldedEvents(events, projection, form),
  };
}
