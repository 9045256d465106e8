// The generations of a service's models: what this process knows of them, its part in moving between them, and the rebuilds that an
// operator asks for.
import { openMongoModelStore } from '../adapters/mongodb/index.ts';
import { feedLimits, keeperLimits, rebuildLimits } from '../config/index.ts';
import { createProjector, Failure, type FeedItem, readEnvelope, readModel } from '../engine/index.ts';
import {
  createRebuilds,
  type FillSource,
  firstRecord,
  generationMetrics,
  holdingNothing,
  type Keeper,
  openKeeper,
  type Rebuilds,
  type RebuiltModel,
  type SnapshotRecord,
} from '../operations/index.ts';
import type { Models } from './declaration.ts';
import { type OpenModel, type OpenModels, openModels, rebuildable } from './models.ts';
import type { Origin } from './origins/origin.ts';
import type { Parts } from './parts.ts';

export interface Generations<Name extends string> {
  readonly keeper: Keeper;
  readonly models: OpenModels<Name>;
  /** To be called once the origins are known, and before anything is fed. */
  rebuildsFrom(originOf: (model: OpenModel) => Origin): Rebuilds;
  /** The generations that are being filled. */
  filling(): readonly string[];
  /** To be called once nothing is written any more: others wait for this process no longer. */
  close(): Promise<void>;
}

const nowMs = () => performance.now();

export async function openGenerations<M extends Models>(
  parts: Parts,
  declared: M,
): Promise<Generations<keyof M & string>> {
  const { config, name, db, gate, held, metrics, logger: log, crashPoint, clock, ids } = parts;
  const store = await openMongoModelStore(db);
  const measured = generationMetrics(metrics);
  let rebuilds: Rebuilds | undefined;
  const id = `${config.KAFKA_GROUP ?? name}/${ids.next()}`;
  const rebuiltNames = rebuildable(declared);
  const openOne = rebuiltNames.length > 0 ? openKeeper : async () => unmoved(id);
  const keeper = await openOne({
    id,
    models: rebuiltNames,
    store,
    gate,
    nowMs,
    log,
    limits: keeperLimits(config),
    taking: async (record) => rebuilds?.taking(record),
    stoodStill: (model, kind, ms) => {
      measured.stoodStill(model, ms);
      log.info({ model, kind, ms }, 'stood still for a move between generations');
    },
  });
  const models = await openModels(parts, declared, keeper);
  const all: OpenModel[] = Object.values(models);

  return {
    keeper,
    models,
    rebuildsFrom(originOf) {
      const rebuilt = all.flatMap((model): RebuiltModel[] => {
        const { published, projection } = model.declaration;
        if (published) return [];
        const { name: modelName, foldVersion } = projection;
        const sources = sourcesOf(parts, originOf(model), model);
        return [{ name: modelName, foldVersion, sources, collection: model.generation }];
      });
      const limits = { ...rebuildLimits(config), retry: feedLimits(config).retry };
      const ports = { keeper, store, models: rebuilt, gate, held, clock, ids, nowMs, limits, log, crashPoint };
      rebuilds = createRebuilds(ports);
      return withPublished(rebuilds, all);
    },
    filling: () =>
      all.flatMap(({ record }) => {
        const { other } = record();
        return other?.state === 'filling' ? other.name : [];
      }),
    async close() {
      await rebuilds?.close();
      await keeper.close();
    },
  };
}

/** For a service whose models have one collection each for good: there is nothing to look at. */
function unmoved(id: string): Keeper {
  const nothing = async () => {};
  return {
    id,
    record: firstRecord,
    look: nothing,
    assertFresh() {},
    whenFresh: nothing,
    stoodStillMs: () => 0,
    close: nothing,
  };
}

/** A store of this service comes before its topic; the snapshots of another service come after. */
function sourcesOf(parts: Parts, origin: Origin, model: OpenModel): readonly FillSource[] {
  const others = origin.sources(model);
  if (!parts.broker) return others;
  const published = fromTopic(parts, parts.broker, model, origin);
  return origin.foreign ? [published, ...others] : [...others, published];
}

/** From its beginning to the end that it has at opening, by a consumer of its own. */
function fromTopic(
  { clock, logger: log }: Parts,
  broker: NonNullable<Parts['broker']>,
  { model: { projection } }: OpenModel,
  { topic, read }: Pick<Origin, 'topic' | 'read'>,
): FillSource {
  return {
    name: 'topic',
    unit: 'records',
    async unusable() {
      const cut = (await broker.places.of(topic)).filter(({ start }) => start > 0n).length;
      return cut > 0 ? `${cut} partitions of ${topic} do not hold their first records any more` : undefined;
    },
    async fill(into, { signal, report }) {
      const { apply } = createProjector({ models: [readModel(projection, into)], held: holdingNothing, clock, log });
      const handle = async (records: readonly SnapshotRecord[]) => {
        await apply(records.flatMap((record) => itemOf(topic, record)));
      };
      await broker.snapshots(topic, read).read({ signal, report, handle, enough: () => true });
    },
  };
}

/** What cannot be read is held where the feed met it. */
function itemOf(source: string, { position, value }: SnapshotRecord): FeedItem[] {
  const reading = readEnvelope(value);
  return 'event' in reading ? [{ source, position, event: reading.event }] : [];
}

/** Published models are listed with the others, and have one generation for good. */
function withPublished(rebuilds: Rebuilds, models: readonly OpenModel[]): Rebuilds {
  const published = new Map(
    models.flatMap(({ declaration: { published: collection, projection } }) =>
      collection ? [[projection.name, collection] as const] : [],
    ),
  );
  const names = models.map(({ declaration }) => declaration.projection.name);
  const refusing =
    <Rest extends unknown[], R>(work: (model: string, ...rest: Rest) => R) =>
    (model: string, ...rest: Rest): R => {
      if (!names.includes(model))
        throw new Failure('not-found', `There is no model ${model} here. There are: ${names.join(', ')}.`);
      const collection = published.get(model);
      if (collection === undefined) return work(model, ...rest);
      throw new Failure(
        'rebuild-refused',
        `${model} is published from its collection ${collection}, which a connector follows by its name: no generation can take its place. Repair it where it is, with verify ${model} --repair.`,
      );
    };
  const own = [...published].map(([name, live]) => ({
    record: { ...firstRecord(name), live },
    sources: [],
    comparison: undefined,
  }));
  return {
    ...rebuilds,
    models: async () => [...own, ...(await rebuilds.models())],
    start: refusing(rebuilds.start),
    switch: refusing(rebuilds.switch),
    rollback: refusing(rebuilds.rollback),
    discard: refusing(rebuilds.discard),
    compare: refusing(rebuilds.compare),
  };
}
