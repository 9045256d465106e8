// Whether news arrives: the shop's own events in its read model, and the newest user event that user-service knows of.
import {
  arrivedIn,
  type HeldSubjects,
  type ProgressSource,
  type ReadModel,
  type StoredEvent,
} from '@foldline/shared/engine';
import { newestIn } from '@foldline/shared/mongodb';
import type { Collection } from 'mongodb';
import { z } from 'zod';
import type { ShoppingServiceConfig } from './config.ts';

export interface ArrivalPorts {
  readonly config: ShoppingServiceConfig;
  readonly models: readonly ReadModel[];
  readonly held: HeldSubjects;
  readonly catalogEvents: Collection<StoredEvent>;
  readonly orderEvents: Collection<StoredEvent>;
}

/** The part of user-service's verbose readiness that names its newest event. */
const ownersReadiness = z.object({
  checks: z.array(
    z.object({
      name: z.string(),
      data: z
        .object({ newest: z.object({ subject: z.string(), version: z.int() }).nullable() })
        .optional()
        .catch(undefined),
    }),
  ),
});

export function arrivalsOf({ config, models, held, catalogEvents, orderEvents }: ArrivalPorts): ProgressSource[] {
  const arrived = arrivedIn(models, held);
  return [
    { name: 'user-events', foreign: true, newest: () => newestUserEvent(config), arrived },
    { name: 'catalog-events', newest: () => newestIn(catalogEvents), arrived },
    { name: 'order-events', newest: () => newestIn(orderEvents), arrived },
  ];
}

/** @throws whatever kept user-service from answering */
export async function newestUserEvent(config: ShoppingServiceConfig) {
  const response = await fetch(new URL('/readyz?verbose', config.USER_SERVICE_URL), {
    headers: config.USER_SERVICE_TOKEN ? { authorization: `Bearer ${config.USER_SERVICE_TOKEN}` } : {},
    signal: AbortSignal.timeout(config.USER_SERVICE_TIMEOUT_MS),
  });
  const { checks } = ownersReadiness.parse(await response.json());
  return checks.find(({ name }) => name === 'user-events')?.data?.newest ?? undefined;
}
