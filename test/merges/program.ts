// A random program of commands, deliveries and races over a few users. Indices name users and merges by their order.
import type { SeededRandom } from 'foldline/testing';

export type Command =
  | { readonly kind: 'create' | 'import'; readonly user: number; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'change'; readonly user: number; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'delete'; readonly user: number }
  /** Somebody else's event for a user, merged or not: late news, or something that no fold of users knows. */
  | { readonly kind: 'note'; readonly user: number; readonly firstName?: string }
  | { readonly kind: 'merge'; readonly survivor: number; readonly absorbed: number }
  /** Of the merges that were made so far. */
  | { readonly kind: 'retract'; readonly merge: number };

export type Turn =
  /** One command alone, or several at once. */
  | { readonly kind: 'commands'; readonly commands: readonly Command[] }
  /** The projectors take the next events of some users, some of them again. */
  | { readonly kind: 'deliver'; readonly users: readonly number[]; readonly back: number }
  /** The clock of the next writer is behind that of the last one. */
  | { readonly kind: 'clock'; readonly ms: number };

export interface Program {
  readonly users: number;
  readonly turns: readonly Turn[];
}

const names = ['Ada', 'Bea', 'Cleo'];

export function randomProgram(random: SeededRandom): Program {
  const users = 2 + random.below(6);
  const beginning = Array.from({ length: users }, (_, user) => alone(beginningOf(user, random)));
  const turns = Array.from({ length: 5 + random.below(30) }, () => randomTurn(users, random));
  return { users, turns: [...beginning, ...turns] };
}

function beginningOf(user: number, random: SeededRandom): Command {
  const lastName = random.below(2) === 0 ? '' : random.pick(names);
  const firstName = random.pick(names);
  const kinds: readonly Command[] = [
    { kind: 'create', user, fields: { firstName, lastName, email: `${user}@example.org` } },
    { kind: 'import', user, fields: { email: `${user}@example.org` } },
    { kind: 'import', user, fields: { firstName } },
  ];
  return kinds[Math.min(random.below(5), 2)] as Command;
}

function randomTurn(users: number, random: SeededRandom): Turn {
  const chance = random.below(20);
  if (chance < 4) return { kind: 'deliver', users: several(users, random, 1 + random.below(4)), back: random.below(3) };
  if (chance < 6) return { kind: 'clock', ms: random.below(200) - 100 };
  if (chance < 14) return alone(randomCommand(users, random));
  // Rings and opposite orders at once are what could close a circle.
  const [a, b, c] = several(users, random, 3) as [number, number, number];
  const rings: readonly Command[] = [merge(a, b), merge(b, a), merge(b, c), merge(c, a)];
  const others = Array.from({ length: random.below(3) }, () => randomCommand(users, random));
  return { kind: 'commands', commands: [...rings.slice(random.below(3)), ...others] };
}

function randomCommand(users: number, random: SeededRandom): Command {
  const user = random.below(users);
  const chance = random.below(20);
  if (chance < 9) return merge(user, random.below(users));
  if (chance < 13) return { kind: 'retract', merge: random.below(1 + users) };
  if (chance < 15) return { kind: 'change', user, fields: { firstName: random.pick(names) } };
  if (chance < 16) return { kind: 'change', user, fields: { email: `${random.below(users)}@example.org` } };
  if (chance < 17) return { kind: 'delete', user };
  return random.below(2) === 0 ? { kind: 'note', user } : { kind: 'note', user, firstName: random.pick(names) };
}

const merge = (survivor: number, absorbed: number): Command => ({ kind: 'merge', survivor, absorbed });
const alone = (command: Command): Turn => ({ kind: 'commands', commands: [command] });
const several = (users: number, random: SeededRandom, count: number) =>
  Array.from({ length: count }, () => random.below(users));
