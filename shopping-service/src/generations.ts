// The generations of the shop's models: what this process knows of them and its part in moving between them, the read model that
// follows the pointers, and the rebuilds that an operator asks for.
import { feedLimits, keeperLimits, rebuildLimits, systemClock, systemIds } from 'foldline/config';
import {
  type CrashAt,
  createRebuilds,
  type FeedGate,
  type Keeper,
  openKeeper,
  type Rebuilds,
  type RebuiltModel,
} from 'foldline/engine';
import { generationMetrics } from 'foldline/metrics';
import { openMongoModelStore } from 'foldline/mongodb';
import { type FillPorts, fillSourcesOf } from './fill-sources.ts';
import { modelNames, openReadModel, type ShopReadModel } from './read-model.ts';

export interface ShopGenerationsPorts extends FillPorts {
  /** Everything that writes documents passes through it. */
  readonly gate: FeedGate;
  readonly metrics: Parameters<typeof generationMetrics>[0];
  readonly crashPoint: CrashAt;
}

export interface ShopGenerations {
  readonly keeper: Keeper;
  readonly shop: ShopReadModel;
  readonly rebuilds: Rebuilds;
  /** The generations that are being filled. */
  filling(): readonly string[];
  /** To be called once nothing is written any more: others wait for this process no longer. */
  close(): Promise<void>;
}

/** Where the events of each model are published. */
const topicOf = {
  customers: 'user-events',
  categories: 'catalog-events',
  items: 'catalog-events',
  orders: 'order-events',
} as const;

const nowMs = () => performance.now();

export async function openShopGenerations(ports: ShopGenerationsPorts): Promise<ShopGenerations> {
  const { config, db, gate, held, metrics, log, crashPoint } = ports;
  const store = await openMongoModelStore(db);
  const measured = generationMetrics(metrics);
  let rebuilds: Rebuilds | undefined;
  const keeper = await openKeeper({
    ...{ id: `${config.KAFKA_GROUP}/${systemIds.next()}`, models: modelNames, store, gate, nowMs, log },
    limits: keeperLimits(config),
    taking: async (record) => rebuilds?.taking(record),
    stoodStill: (model, kind, ms) => {
      measured.stoodStill(model, ms);
      log.info({ model, kind, ms }, 'stood still for a move between generations');
    },
  });
  const shop = await openReadModel(db, keeper);
  const models = modelNames.map(
    (name): RebuiltModel => ({
      name,
      foldVersion: shop[name].model.projection.foldVersion,
      sources: fillSourcesOf(ports, shop[name], topicOf[name]),
      collection: (generation) => shop[name].generation(generation),
    }),
  );
  const limits = { ...rebuildLimits(config), retry: feedLimits(config).retry };
  rebuilds = createRebuilds({
    ...{ keeper, store, models, gate, held, clock: systemClock, ids: systemIds, nowMs, limits, log, crashPoint },
  });
  return {
    ...{ keeper, shop, rebuilds },
    filling: () =>
      modelNames.flatMap((name) => {
        const { other } = keeper.record(name);
        return other?.state === 'filling' ? other.name : [];
      }),
    async close() {
      await rebuilds?.close();
      await keeper.close();
    },
  };
}
