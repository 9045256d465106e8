// The origins of a service's models, by the topics that carry their events.
import type { ReadMessage } from '../../adapters/kafka/index.ts';
import { isOwn, type RemoteOrigin } from '../declaration.ts';
import type { OpenModel, OpenModels } from '../models.ts';
import type { OpenStore, Parts } from '../parts.ts';
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

export function openOrigins(parts: Parts, models: OpenModels): Origins {
  const byTopic = new Map<string, { readonly origin: Origin; readonly models: OpenModel[] }>();
  const topics = new Map<OpenModel, string>();
  for (const model of Object.values(models)) {
    const { from } = model.declaration;
    const own = isOwn(from) ? (parts.stores[from.store] as OpenStore) : undefined;
    const { topic } = own ?? (from as RemoteOrigin);
    topics.set(model, topic);
    const known = byTopic.get(topic);
    if (known) known.models.push(model);
    else {
      const origin = own ? ownStoreOrigin(parts, own) : remoteOrigin(parts, from as RemoteOrigin);
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
