// A verification is about one collection, the live one. Its result, and what a repair may write, concern no other generation.
import { Failure } from '../../engine/index.ts';
import type { ComparedModel } from './verification-ports.ts';

type Generations = Pick<ComparedModel, 'model' | 'generations'>;

/** The name of the collection that is verified. */
export function liveOf({ model, generations }: Generations): string {
  return generations?.().live ?? model.projection.name;
}

/**
 * A repair changes the live generation. A generation beside it would keep the damage, and a switch or a rollback would bring it back.
 *
 * @throws Failure `rebuild-refused` while another generation is there
 */
export function assertAlone({ model, generations }: Generations): void {
  const { live, other } = generations?.() ?? {};
  if (!other) return;
  throw new Failure(
    'rebuild-refused',
    `A repair changes the live generation ${live} only, and ${model.projection.name} also has ${other.name}. Discard ${other.name} first (rebuild discard ${model.projection.name}, in the admin command line), or switch to it and discard ${live}.`,
  );
}
