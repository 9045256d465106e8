// Read models that one projector fills and a mender mends: whoever waits for a version in this service is told, whichever of the two
// brings it.
import { systemClock } from '../config/index.ts';
import { createProjector, type Projector, type ReadModel } from '../engine/index.ts';
import type { Mender, Owner } from '../operations/index.ts';
import { type MendingService, startMender } from './mender.ts';
import type { OpenService } from './open-service.ts';

export interface MendedModelsOptions {
  /** In order of dependence: a model may name subjects of the models before it. */
  readonly models: readonly ReadModel[];
  readonly owner: Owner;
}

export function mendedModels(
  service: MendingService & Pick<OpenService, 'waiters' | 'crashPoint'>,
  { models, owner }: MendedModelsOptions,
): { readonly apply: Projector['apply']; readonly mender: Mender } {
  const { held, waiters, logger: log, crashPoint } = service;
  const projector = createProjector({ models, held, clock: systemClock, log, crashPoint });
  const apply: Projector['apply'] = async (items) => {
    const outcome = await projector.apply(items);
    waiters.reached(outcome.versions);
    return outcome;
  };
  return { apply, mender: startMender(service, [{ models, owner, apply }]) };
}
