// The origins of a service's models, and what those have in common whose events one topic carries.
import { groupBy } from '../../engine/index.ts';
import { isOwn } from '../declaration.ts';
import type { OpenModel, OpenModels } from '../models.ts';
import type { Parts } from '../parts.ts';
import { joinedOrigin } from './joined.ts';
import type { Origin, TopicOrigin } from './origin.ts';
import { ownStoreOrigin } from './own-store.ts';
import { remoteOrigin } from './remote.ts';

export interface Origins {
  /** By topic, each with its models, in the order in which the models are declared. */
  readonly all: readonly { readonly origin: TopicOrigin; readonly models: readonly OpenModel[] }[];
  of(model: OpenModel): Origin;
}

/** @throws Error for a model whose store the service does not have */
export function openOrigins(parts: Parts, models: OpenModels): Origins {
  const origins = new Map(Object.values(models).map((model) => [model, originOf(parts, model)]));
  const topics = [...groupBy(origins, ([, { topic }]) => topic).values()];
  return {
    all: topics.map((ofTopic) => ({ origin: joinedOrigin(ofTopic), models: ofTopic.map(([model]) => model) })),
    of: (model) => origins.get(model) as Origin,
  };
}

function originOf(parts: Parts, { declaration: { from, projection } }: OpenModel): Origin {
  if (!isOwn(from)) return remoteOrigin(parts, from);
  const store = parts.stores[from.store];
  if (store) return ownStoreOrigin(parts, store);
  throw new Error(
    `The model ${projection.name} of ${parts.name} names a store that is not declared: add it to stores.`,
  );
}
