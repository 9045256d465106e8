// Merged customers by the oracle's own words, one line for how each reads: who is led where is found by closing the edges over all
// customers at once, and in which order they stand by comparing their whole ways. The shop goes step by step.
import { textOf } from './canonical-text.ts';
import type { Edge } from './oracle-fold.ts';

/** What a reader sees of a document at some version. */
export interface Shown {
  readonly state: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly edge?: Edge | undefined;
}

export interface ShownSubject extends Shown {
  readonly subject: string;
  readonly version: number;
}

/** How one customer reads; `asked` is the id that was asked for, the rest is the survivor's. */
export interface PersonLine {
  readonly asked: string;
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly firstName: unknown;
  readonly lastName: unknown;
  readonly email: unknown;
  readonly members: readonly string[];
  /** Ids of the items and the orders that are listed for it, in order. */
  readonly items: readonly string[];
  readonly orders: readonly string[];
}

export function peopleText(lines: readonly PersonLine[]): string {
  return lines.map(textOf).sort().join('\n    ');
}

export function peopleOf(all: readonly ShownSubject[]): string {
  const users = new Map(ofKind('user').map((one) => [idIn(one), one]));
  const led = ledTo(users);
  const survivors = new Map([...users.keys()].map((id) => [id, survivorAmong(id, led)]));
  const lines = [...survivors].map(([asked, id]): PersonLine => {
    const members = [...survivors.keys()].filter((one) => survivors.get(one) === id);
    members.sort((a, b) => (wayDown(users, id, a) < wayDown(users, id, b) ? -1 : 1));
    const survivor = users.get(id) as ShownSubject;
    const naming = survivor.state === 'removed' ? ['available', 'removed'] : ['available'];
    const known = members.map((one) => users.get(one) as ShownSubject).filter(({ state }) => naming.includes(state));
    const value = (field: string) =>
      survivor.state === 'notYetAvailable'
        ? null
        : (known.map(({ data }) => data[field]).find((text) => text !== '') ?? '');
    const listed = (kind: string, field: string) =>
      ofKind(kind)
        .filter(({ state, data }) => state === 'available' && members.includes(String(data[field])))
        .map(idIn)
        .sort();
    return {
      asked,
      id,
      members,
      state: survivor.state,
      version: survivor.version,
      firstName: value('firstName'),
      lastName: value('lastName'),
      email: value('email'),
      items: listed('item', 'sellerId'),
      orders: listed('order', 'customerId'),
    };
  });
  return peopleText(lines);

  function ofKind(kind: string): ShownSubject[] {
    return all.filter(({ subject }) => subject.startsWith(`${kind}-`));
  }
}

type Led = ReadonlyMap<string, ReadonlySet<string>>;

/** For each customer everybody it is led to, by one edge or more. */
function ledTo(users: ReadonlyMap<string, Shown>): Led {
  const led = new Map([...users].map(([id, { edge }]) => [id, new Set(edge ? [edge.mergedInto] : [])]));
  for (let grown = true; grown; ) {
    grown = false;
    for (const ends of led.values()) {
      const before = ends.size;
      for (const middle of [...ends]) for (const end of led.get(middle) ?? []) ends.add(end);
      grown ||= ends.size > before;
    }
  }
  return led;
}

/** The merges from the survivor down to it: whoever is above comes before it, and beside each other the earlier merge. */
function wayDown(users: ReadonlyMap<string, Shown>, survivorId: string, id: string): string {
  const edge = id === survivorId ? undefined : users.get(id)?.edge;
  return edge ? `${wayDown(users, survivorId, edge.mergedInto)} ${edge.mergeId} ${id}` : '';
}

/** Whoever is led nowhere; of those that are led to themselves, the smallest. */
function survivorAmong(id: string, led: Led): string {
  const ends = [id, ...(led.get(id) ?? [])];
  const free = ends.filter((one) => led.get(one)?.size === 0);
  return (free.length > 0 ? free : ends.filter((one) => led.get(one)?.has(one))).sort()[0] as string;
}

function idIn({ subject }: ShownSubject): string {
  return subject.slice(-36);
}
