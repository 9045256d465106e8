// The origins of a service's models, by the topics that carry their events.
import type { ReadMessage } from '../../adapters/kafka/index.ts';
import { groupBy } from '../../engine/index.ts';
import { isOwn } from '../declaration.ts';
import type { OpenModel, OpenModels } from '../models.ts';
import type { OpenStore, Parts } from '../parts.ts';
import { joinedOrigin } from './joined.ts';
import type { Origin, TopicOrigin } from './origin.ts';
import { ownStoreOrigin } from './own-store.ts';
import { remoteOrigin } from './remote.ts';

export interface Origins {
  /** By topic, each with its models, in the order in which the models are declared. */
  readonly all: readonly { readonly origin: TopicOrigin; readonly models: readonly OpenModel[] }[];
  of(model: OpenModel): Origin;
  /** How messages are read, by topic, of those that are none of Foldline's own. */
  readonly read: Readonly<Record<string, ReadMessage>>;
}

export function openOrigins(parts: Parts, models: OpenModels): Origins {
  const origins = new Map(Object.values(models).map((model) => [model, originOf(parts, model)]));
  const topics = [...groupBy(origins, ([, { topic }]) => topic).values()];
  const read = [...origins.values()].flatMap((origin) => (origin.read ? [[origin.topic, origin.read] as const] : []));
  return {
    all: topics.map((ofTopic) => ({ origin: joinedOrigin(ofTopic), models: ofTopic.map(([model]) => model) })),
    of: (model) => origins.get(model) as Origin,
    read: Object.fromEntries(read),
  };
}

function originOf(parts: Parts, { declaration: { from } }: OpenModel): Origin {
  return isOwn(from) ? ownStoreOrigin(parts, parts.stores[from.store] as OpenStore) : remoteOrigin(parts, from);
}
