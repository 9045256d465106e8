// The shop's projection as an operator sees it: how far it is behind each of its sources (in the topics by the places of its
// group, without a broker by its documents), and which collections it writes.
import { gapLimits, keptLimits } from 'foldline/config';
import {
  backlogOf,
  type GapSource,
  type Logger,
  missingIn,
  type ProjectionPorts,
  type RunningProjection,
  runningProjection,
  type StoredEvent,
} from 'foldline/engine';
import { projectionMetrics } from 'foldline/metrics';
import { countBehind } from 'foldline/mongodb';
import { placesOf } from 'foldline/service';
import type { ArrivalPorts } from './arrivals.ts';
import { type FeedPorts, topics } from './feeds.ts';
import type { ShopReadModel } from './read-model.ts';

export interface ShopProjectionPorts
  extends Pick<FeedPorts, 'config' | 'client'>,
    Pick<ArrivalPorts, 'held'>,
    Omit<ProjectionPorts, 'gaps' | 'collections' | 'limits' | 'nowMs' | 'held'> {
  readonly shop: ShopReadModel;
  readonly metrics: Parameters<typeof projectionMetrics>[0];
  readonly log: Logger;
}

/** Also shows it in the metrics. */
export function openShopProjection(ports: ShopProjectionPorts): RunningProjection {
  const { customers, categories, items, orders } = ports.shop;
  const projection = runningProjection({
    ...ports,
    ...{ gaps: gapsOf(ports), limits: keptLimits(ports.config), nowMs: Date.now },
    collections: () =>
      new Map(
        [customers, categories, items, orders].map((one) => [one.model.projection.name, one.collection.collectionName]),
      ),
  });
  projectionMetrics(ports.metrics, projection);
  return projection;
}

function gapsOf({ config, client, shop, held, log }: ShopProjectionPorts): GapSource[] {
  if (config.KAFKA_BROKERS) {
    const places = placesOf({ config, logger: log }, { name: 'shopping-service', group: config.KAFKA_GROUP });
    return topics.map((name) => ({
      ...{ name, countedBy: 'offsets' as const },
      count: async () => ({ events: backlogOf(await places.of(name)), isLeast: false }),
    }));
  }
  const missing = missingIn(shop.models, held);
  return (config.FEED_COLLECTIONS ?? []).map(({ source: name, database, collection }) => {
    const events = client.db(database).collection<StoredEvent>(collection);
    return { name, countedBy: 'documents', count: () => countBehind(events, missing, gapLimits(config)) };
  });
}
