// Collections of events that a service can read: its own, or those of other services on the same machine in place of topics. The service
// scans them for events that its documents lack, and backfills a new generation from them.
import type { Collection } from 'mongodb';
import { type CatchUpOptions, catchUpByScanning, countOfKind } from '../adapters/mongodb/index.ts';
import { createProjector, type ReadModel, readModel, type StoredEvent } from '../engine/index.ts';
import { type BackfillSource, holdingNothing } from '../operations/index.ts';
import type { HandleItems } from '../running/index.ts';
import type { OpenModel } from './models.ts';
import type { Parts } from './parts.ts';

/** A collection of events, and the topic that carries them. */
export interface EventCollection {
  readonly topic: string;
  readonly events: Collection<StoredEvent>;
}

/** The collections that are followed in place of topics; without `FEED_COLLECTIONS` those of the service's own stores. */
export function followedCollections({ config, client, stores, broker }: Parts): readonly EventCollection[] {
  if (broker) return [];
  if (!config.FEED_COLLECTIONS) return Object.values(stores).map(({ topic, events }) => ({ topic, events }));
  return config.FEED_COLLECTIONS.map(({ source: topic, database, collection }) => ({
    topic,
    events: client.db(database).collection<StoredEvent>(collection),
  }));
}

export function scanOf(
  { config }: Pick<Parts, 'config'>,
  models: readonly ReadModel[],
  { topic: source, events }: EventCollection,
): CatchUpOptions {
  return {
    source,
    events,
    models,
    subjectsPerPage: config.CATCH_UP_SUBJECTS_PER_PAGE,
    batchEventsMax: config.FEED_BATCH_EVENTS_MAX,
  };
}

/** All events of the model's kind, folded anew. */
export function fromCollection(parts: Parts, { model }: OpenModel, collection: EventCollection): BackfillSource {
  const { clock, logger: log } = parts;
  const { projection } = model;
  return {
    name: 'store',
    unit: 'events',
    unusable: async () => undefined,
    async backfill(into, { signal, report }) {
      const models = [readModel(projection, into)];
      const { apply } = createProjector({ models, held: holdingNothing, clock, log });
      const of = await countOfKind(collection.events, projection.kind);
      const handle = reporting(apply, (done) => report(done, Math.max(done, of)), signal);
      await catchUpByScanning(scanOf(parts, models, collection), handle, signal);
    },
  };
}

/** Tells after each batch how many items were handled. @throws the signal's reason once it is aborted */
export function reporting(
  handle: (items: Parameters<HandleItems>[0]) => Promise<unknown>,
  report: (done: number) => void,
  signal?: AbortSignal,
): HandleItems {
  let done = 0;
  return async (items) => {
    signal?.throwIfAborted();
    await handle(items);
    done += items.length;
    report(done);
  };
}
