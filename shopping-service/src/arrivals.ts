// Whether news arrives: the shop's own events in its read model, and the newest user event that user-service knows of.
import {
  arrivedIn,
  type CopyFigures,
  type HeldSubjects,
  type OwnerState,
  type ProgressSource,
  type ReadModel,
  type StoredEvent,
} from 'foldline/engine';
import { copyFiguresBody, shownMax } from 'foldline/fastify';
import { newestIn } from 'foldline/mongodb';
import { userServiceClient } from 'foldline/service';
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

const ownersReadiness = z.object({ checks: z.array(z.object({ name: z.string(), data: z.unknown().optional() })) });
const position = z.object({ subject: z.string(), version: z.int() });
const ownersProgress = z.object({
  newest: position.nullable(),
  newestUnheld: position.nullable(),
  complete: z.boolean().default(false),
});
const ownersHeld = z.array(z.object({ key: z.string(), seenVersion: z.int() }));

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
  return progressIn(await readinessOfUsers(config))?.newest ?? undefined;
}

/**
 * What user-service's verbose readiness says of its snapshots.
 *
 * @throws Error in one sentence with what to do
 */
export async function snapshotsOfUsers(config: ShoppingServiceConfig, signal: AbortSignal): Promise<OwnerState> {
  // First: what is stored afterwards may be on its way, and the newest event below is not older than any of these.
  const figures = await figuresOfUsers(config, signal);
  const checks = await readinessOfUsers(config);
  const progress = progressIn(checks);
  const held = ownersHeld.safeParse(checks.get('held-subjects')).data ?? [];
  return {
    newestUnheld: progress?.newestUnheld ?? undefined,
    complete: progress?.complete ?? false,
    held: held.filter(({ key }) => key.startsWith('user-')),
    moreHeld: held.length >= shownMax,
    figures,
  };
}

/** How many users are published as snapshots, and the sum of their versions. */
async function figuresOfUsers(config: ShoppingServiceConfig, signal: AbortSignal): Promise<CopyFigures> {
  const { ask, bodyOf, unanswered } = userServiceClient({
    url: config.USER_SERVICE_URL,
    token: config.USER_SERVICE_TOKEN,
    timeoutMs: config.USER_SERVICE_SCAN_TIMEOUT_MS,
  });
  const response = await ask('/figures/users', {}, signal);
  const read = copyFiguresBody.safeParse(await bodyOf(response));
  if (response.status === 200 && read.success) return read.data;
  const isOlder = response.status === 404 || response.status === 200;
  const wayOut = isOlder ? 'run the version of this service there too' : 'look into its log';
  throw unanswered(`answers ${response.status} when asked how many users it has; ${wayOut}`);
}

const progressIn = (checks: ReadonlyMap<string, unknown>) => ownersProgress.safeParse(checks.get('user-events')).data;

/** The data of each check. @throws Error in one sentence with what to do */
async function readinessOfUsers(config: ShoppingServiceConfig): Promise<ReadonlyMap<string, unknown>> {
  const response = await fetch(new URL('/readyz?verbose', config.USER_SERVICE_URL), {
    headers: config.USER_SERVICE_TOKEN ? { authorization: `Bearer ${config.USER_SERVICE_TOKEN}` } : {},
    signal: AbortSignal.timeout(config.USER_SERVICE_TIMEOUT_MS),
  });
  const said = ownersReadiness.safeParse(await response.json().catch(() => undefined));
  if (!said.success)
    throw new Error(
      `user-service at ${config.USER_SERVICE_URL} answers ${response.status}; correct USER_SERVICE_URL or USER_SERVICE_TOKEN`,
    );
  return new Map(said.data.checks.map(({ name, data }) => [name, data]));
}
