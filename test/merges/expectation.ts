// How a command that is alone must end, as far as the oracle has an opinion.
import { type Person, pageOf, rootOf } from './oracle.ts';
import type { World } from './play.ts';
import type { Command } from './program.ts';

/** `done`, or the code that it must be refused with; undefined where the oracle has no opinion. */
export function expectation(
  { subjects, merges }: Pick<World, 'subjects' | 'merges'>,
  people: ReadonlyMap<string, Person>,
  command: Command,
): string | undefined {
  const subject = (user: number) => subjects[user % subjects.length] as string;
  if (command.kind === 'merge') {
    const [survivor, absorbed] = [subject(command.survivor), subject(command.absorbed)];
    if (survivor === absorbed) return 'invalid-request';
    for (const one of [survivor, absorbed]) {
      const page = pageOf(people, one);
      if (typeof page === 'string') return page;
    }
    return rootOf(people, survivor) === rootOf(people, absorbed) ? 'already-merged' : 'done';
  }
  if (command.kind === 'retract') {
    const merge = merges[command.merge % Math.max(merges.length, 1)];
    if (!merge) return 'done';
    const sides = [merge.absorbedId, merge.survivorId].map((id) => people.get(`user-${id}`));
    return sides[0]?.edge?.merge === merge.id && sides.every((one) => one?.state !== 'deleted') ? 'done' : 'deleted';
  }
  if (command.kind === 'delete') {
    const person = people.get(subject(command.user));
    if (!person || person.state === 'absent') return 'not-found';
    return person.state === 'deleted' ? 'deleted' : person.edge ? 'identity-absorbed' : 'done';
  }
  return undefined;
}
