// Merges among the users of a random world, woven into their lives as user-service decides them: the survivors of both are joined,
// each side gets its edge event, a retraction goes to both sides, and lives go on in between. Strangers merge as they like.
import type { Ids } from 'foldline/engine';
import { type SeededRandom, testIds } from 'foldline/testing';
import type { Happening, Life, World } from './lives.ts';

interface User {
  readonly subject: string;
  readonly done: Happening[];
  readonly left: Happening[];
}

interface Merge {
  readonly mergeId: string;
  readonly absorbed: User;
  readonly survivor: User;
}

const idIn = ({ subject }: Pick<Life, 'subject'>) => subject.slice(-36);

/** @param eventIds gives each edge event its id */
export function weaveMerges(world: World, eventIds: Ids, random: SeededRandom): World {
  const users = world.filter(isUser).map(({ subject, events }): User => ({ subject, done: [], left: [...events] }));
  const standing: Merge[] = [];
  const mergeIds = testIds(3);

  const happens = ({ done }: User, type: string, data: Happening['data']) =>
    done.push({ id: eventIds.next(), type, data, afterMs: random.below(3) });
  const survivorOf = (user: User): User => {
    const merge = standing.find(({ absorbed }) => absorbed === user);
    return merge ? survivorOf(merge.survivor) : user;
  };

  function merge(): void {
    const active = users.filter(isActive);
    if (active.length < 2) return;
    const [absorbed, survivor] = [survivorOf(random.pick(active)), survivorOf(random.pick(active))];
    if (absorbed === survivor) return;
    const mergeId = mergeIds.next();
    happens(absorbed, 'userAbsorbed_v1', { mergeId, survivorId: idIn(survivor), reason: 'one person' });
    happens(survivor, 'userMerged_v1', { mergeId, absorbedId: idIn(absorbed) });
    standing.push({ mergeId, absorbed, survivor });
  }

  function retract(which: number): void {
    for (const { mergeId, absorbed, survivor } of standing.splice(which, 1))
      for (const side of [absorbed, survivor]) happens(side, 'mergeRetracted_v1', { mergeId });
  }

  for (let decisions = random.below(1 + 5 * users.length); decisions > 0; decisions -= 1) {
    for (const { done, left } of users) done.push(...left.splice(0, random.below(3)));
    if (random.below(4) === 0) retract(random.below(1 + standing.length));
    else merge();
  }
  const woven = new Map(users.map(({ subject, done, left }) => [subject, [...done, ...left]]));
  return world.map(({ subject, events }) => ({ subject, events: woven.get(subject) ?? events }));
}

/** Strangers' merges: each of some users absorbed by the next, the last by the first again, or by somebody who never comes. */
export function mergeInRow(world: World, eventIds: Ids, random: SeededRandom): World {
  const row = world.filter((life) => isUser(life) && random.below(3) > 0);
  const nobody = world.filter(({ subject, events }) => subject.startsWith('user-') && events.length === 0);
  const end = random.below(2) === 0 ? nobody[0] : row[0];
  return world.map((life) => {
    const next = row[row.indexOf(life) + 1] ?? end;
    if (!row.includes(life) || !next) return life;
    const data = { mergeId: eventIds.next(), survivorId: idIn(next), reason: 'strange' };
    const edge = { id: eventIds.next(), type: 'userAbsorbed_v1', data, afterMs: 0 };
    return { ...life, events: life.events.toSpliced(random.below(1 + life.events.length), 0, edge) };
  });
}

function isUser({ subject, events }: Life): boolean {
  return subject.startsWith('user-') && events.length > 0;
}

/** What user-service merges: whoever exists by then and was not deleted. A change of a deleted one does not bring it back. */
function isActive({ done }: User): boolean {
  const fromTheEnd = done.slice(1 + done.findLastIndex(({ type }) => /Deleted/.test(type)));
  const wasDeleted = fromTheEnd.length < done.length;
  return fromTheEnd.some(({ type }) => (wasDeleted ? /Created|Imported/ : /Created|Imported|Changed/).test(type));
}
