// The shop's part in mending held subjects: where they are listed, who has their events, and what hears of a repair.
import { menderLimits, systemClock } from '@foldline/shared/config';
import {
  createMender,
  type HeldSubjects,
  type Logger,
  type Mender,
  type Projector,
  type ReadModel,
} from '@foldline/shared/engine';
import type { ProjectorMetrics } from '@foldline/shared/metrics';
import { type HeldDocument, heldPagesOf } from '@foldline/shared/mongodb';
import type { Collection } from 'mongodb';
import type { ShoppingServiceConfig } from './config.ts';
import { type OwnStores, ownersOf } from './owners.ts';

export interface ShopMenderPorts extends OwnStores {
  readonly config: ShoppingServiceConfig;
  readonly models: readonly ReadModel[];
  readonly held: HeldSubjects;
  readonly heldCollection: Collection<HeldDocument>;
  readonly apply: Projector['apply'];
  readonly metrics: ProjectorMetrics;
  readonly log: Logger;
}

export function startShopMender({ config, heldCollection, metrics, ...ports }: ShopMenderPorts): Mender {
  return createMender({
    ...ports,
    ownerOf: ownersOf(config, ports),
    pages: heldPagesOf(heldCollection),
    tried: metrics.tried,
    clock: systemClock,
    limits: menderLimits(config),
  });
}
