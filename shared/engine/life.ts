// The life that most subjects have (not there yet, there, gone for ever), and what a command checks about it first.
import { Failure } from './failure.ts';

export type Life = 'none' | 'available' | 'deleted';

/** @throws Failure `id-taken` unless nothing ever had the id */
export function assertFree(what: string, life: Life): void {
  if (life !== 'none')
    throw new Failure('id-taken', `Another ${what} has or had this id; leave id out to get a new one.`);
}

/** @throws Failure `not-found` or `deleted` unless it can be changed */
export function assertThere(what: string, life: Life): void {
  if (life === 'none') throw new Failure('not-found', `There is no ${what} with this id.`);
  if (life === 'deleted') throw new Failure('deleted', `This ${what} was deleted.`);
}
