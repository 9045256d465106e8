// The origins of a service's models, by the topics that carry their events.
import type { ReadMessage } from '../../adapters/kafka/index.ts';
import { isOwn } from '../declaration.ts';
import type { OpenModel, OpenModels } from '../models.ts';
import type { Parts } from '../parts.ts';
import type { Origin } from './origin.ts';
import { ownStoreOrigin } from './own-store.ts';
import { remoteOrigin } from './remote.ts';

export interface Origins {
  /** Each with its models, in the order in which the models are declared. */
  readonly all: readonly { readonly origin: Origin; readonly models: readonly OpenModel[] }[];
  of(model: OpenModel): Origin;
  /** How messages are read, by topic, of those that are none of Foldline's own. */
  readonly read: Readonly<Record<string, ReadMessage>>;
}

/** @throws Error for a model whose store the service does not have */
export function openOrigins(parts: Parts, models: OpenModels): Origins {
  const byTopic = new Map<string, { readonly origin: Origin; readonly models: OpenModel[] }>();
  const topics = new Map<OpenModel, string>();
  for (const model of Object.values(models)) {
    const { from } = model.declaration;
    const { topic } = isOwn(from) ? storeOf(parts, model) : from;
    topics.set(model, topic);
    const known = byTopic.get(topic);
    if (known) known.models.push(model);
    else {
      const origin = isOwn(from) ? ownStoreOrigin(parts, storeOf(parts, model)) : remoteOrigin(parts, from);
      byTopic.set(topic, { origin, models: [model] });
    }
  }
  const origins = new Map([...byTopic].map(([topic, { origin }]) => [topic, origin]));
  const read = [...origins].flatMap(([topic, origin]) => (origin.read ? [[topic, origin.read] as const] : []));
  return {
    all: [...byTopic.values()],
    of: (model) => origins.get(topics.get(model) ?? '') as Origin,
    read: Object.fromEntries(read),
  };
}

function storeOf({ stores, name }: Parts, { declaration: { from, projection } }: OpenModel) {
  const found = isOwn(from) ? stores[from.store] : undefined;
  if (found) return found;
  throw new Error(`The model ${projection.name} of ${name} names a store that is not declared: add it to stores.`);
}
