// The generations of a service's models: what this process knows of them, its part in moving between them, and the rebuilds that an
// operator asks for.
import { openMongoModelStore } from '../adapters/mongodb/index.ts';
import { feedLimits, membershipLimits, rebuildLimits } from '../config/index.ts';
import { createProjector, Failure, type FeedItem, readEnvelope, readModel } from '../engine/index.ts';
import {
  type BackfillSource,
  createRebuilds,
  firstRecord,
  type GenerationMetrics,
  generationMetrics,
  holdingNothing,
  type Membership,
  openMembership,
  type Rebuilds,
  type RebuiltModel,
  type SnapshotRecord,
} from '../operations/index.ts';
import { type Models, rebuildable } from './declaration.ts';
import { type OpenModel, type OpenModels, openModels } from './models.ts';
import type { Origin } from './origins/origin.ts';
import type { Parts } from './parts.ts';

export interface Generations<Name extends string> {
  readonly membership: Membership;
  readonly models: OpenModels<Name>;
  /** To be called once the origins are known, and before anything is fed. */
  rebuildsFrom(originOf: (model: OpenModel) => Origin): Rebuilds;
  /** The generations that are being filled. */
  backfilling(): readonly string[];
  /** To be called once nothing is written any more: others wait for this process no longer. */
  close(): Promise<void>;
}

const nowMs = () => performance.now();

export function openGenerations<M extends Models>(parts: Parts, declared: M): Promise<Generations<keyof M & string>> {
  const series = generationMetrics(parts.metrics);
  return rebuildable(declared).length > 0
    ? openWithGenerations(parts, declared, series)
    : openWithoutGenerations(parts, declared);
}

/** Each model has one collection for good: there is nothing to agree on with other processes, and nothing to look at. */
async function openWithoutGenerations<M extends Models>(
  parts: Parts,
  declared: M,
): Promise<Generations<keyof M & string>> {
  const nothing = async () => {};
  const membership: Membership = {
    id: parts.name,
    record: firstRecord,
    look: nothing,
    assertFresh() {},
    whenFresh: nothing,
    stoodStillMs: () => 0,
    close: nothing,
  };
  const models = await openModels(parts, declared, membership);
  const rebuildsFrom = () => withPublished(undefined, Object.values(models));
  return { membership, models, rebuildsFrom, backfilling: () => [], close: nothing };
}

async function openWithGenerations<M extends Models>(
  parts: Parts,
  declared: M,
  series: GenerationMetrics,
): Promise<Generations<keyof M & string>> {
  const { config, name, db, gate, held, logger: log, crashPoint, clock, ids } = parts;
  const store = await openMongoModelStore(db);
  let rebuilds: Rebuilds | undefined;
  const membership = await openMembership({
    id: `${config.KAFKA_GROUP ?? name}/${ids.next()}`,
    models: rebuildable(declared),
    store,
    gate,
    nowMs,
    log,
    limits: membershipLimits(config),
    taking: async (record) => rebuilds?.taking(record),
    stoodStill: (model, kind, ms) => {
      series.stoodStill(model, ms);
      log.info({ model, kind, ms }, 'the feed was paused for a switchover');
    },
  });
  const models = await openModels(parts, declared, membership);
  const all: OpenModel[] = Object.values(models);

  return {
    membership,
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
      const ports = { membership, store, models: rebuilt, gate, held, clock, ids, nowMs, limits, log, crashPoint };
      rebuilds = createRebuilds(ports);
      return withPublished(rebuilds, all);
    },
    backfilling: () =>
      all.flatMap(({ record }) => {
        const { other } = record();
        return other?.state === 'backfilling' ? other.name : [];
      }),
    async close() {
      await rebuilds?.close();
      await membership.close();
    },
  };
}

/** A store of this service comes before its topic; the snapshots of another service come after. */
function sourcesOf(parts: Parts, origin: Origin, model: OpenModel): readonly BackfillSource[] {
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
): BackfillSource {
  return {
    name: 'topic',
    unit: 'records',
    async unusable() {
      const cut = (await broker.offsets.of(topic)).filter(({ start }) => start > 0n).length;
      return cut > 0 ? `${cut} partitions of ${topic} do not hold their first records any more` : undefined;
    },
    async backfill(into, { signal, report }) {
      const { apply } = createProjector({ models: [readModel(projection, into)], held: holdingNothing, clock, log });
      const handle = async (records: readonly SnapshotRecord[]) => {
        await apply(records.flatMap((record) => itemOf(topic, record)));
      };
      await broker.snapshots(topic, read).read({ signal, report, handle, enough: () => true });
    },
  };
}

/** A record that cannot be read is left out, because the feed holds it already. */
function itemOf(source: string, { position, value }: SnapshotRecord): FeedItem[] {
  const reading = readEnvelope(value);
  return 'event' in reading ? [{ source, position, event: reading.event }] : [];
}

/** Published models are listed with the others, and have one generation for good. @param rebuilds of the others, if there are any */
function withPublished(rebuilds: Rebuilds | undefined, models: readonly OpenModel[]): Rebuilds {
  const published = new Map(
    models.flatMap(({ declaration: { published: collection, projection } }) =>
      collection ? [[projection.name, collection] as const] : [],
    ),
  );
  const names = models.map(({ declaration }) => declaration.projection.name);
  /** @throws Failure `not-found`, or `rebuild-refused` for a published one */
  function rebuildsOf(model: string): Rebuilds {
    const collection = published.get(model);
    if (collection !== undefined)
      throw new Failure(
        'rebuild-refused',
        `${model} is published from its collection ${collection}, which a connector follows by its name: no generation can take its place. Repair it where it is, with verify ${model} --repair.`,
      );
    if (rebuilds && names.includes(model)) return rebuilds;
    throw new Failure('not-found', `There is no model ${model} here. There are: ${names.join(', ')}.`);
  }
  const own = [...published].map(([name, live]) => ({
    record: { ...firstRecord(name), live },
    sources: [],
    comparison: undefined,
  }));
  return {
    models: async () => [...own, ...((await rebuilds?.models()) ?? [])],
    start: async (model, from) => rebuildsOf(model).start(model, from),
    switch: async (model, generation) => rebuildsOf(model).switch(model, generation),
    rollback: async (model, generation) => rebuildsOf(model).rollback(model, generation),
    discard: async (model, generation) => rebuildsOf(model).discard(model, generation),
    compare: (model) => rebuildsOf(model).compare(model),
    taking: async (record) => rebuilds?.taking(record),
    close: async () => rebuilds?.close(),
  };
}
