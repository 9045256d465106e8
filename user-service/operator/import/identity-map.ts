// Who is who in an export, by one pass over both files: every distinct id is a person, and people with one address are one group.
// It grows with the people, never with their events.
import { normaliseEmail } from '@foldline/contracts';
import type { Activity, Profile } from './mixpanel.ts';

export interface Person {
  readonly distinctId: string;
  /** The first that the export has of it; undefined for one that only events name. */
  readonly profile: Profile | undefined;
  /** Those with the same address; undefined without an address. */
  readonly group: Group | undefined;
  /** The earliest time known of it; infinite when none is. */
  sinceMs: number;
  /** The stream of its own; the rest is known once the store was asked. */
  subject: string;
  standing: Standing;
}

/** `new`: not in the store; `stored`: by this run; `ours`: by an earlier run of this import; `known`: the store knew the identity. */
export type Standing = 'new' | 'stored' | 'ours' | 'known';

/** The people that have one address, and so are one. */
export interface Group {
  /** Normalised. */
  readonly address: string;
  readonly members: Person[];
  /** The subject that holds the address in the store, whether it is in the export or not. */
  holder: string | undefined;
}

export interface IdentityMap {
  readonly people: ReadonlyMap<string, Person>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Counts a line of the people's file; false for a further profile of a distinct id, which says nothing. */
  addProfile(profile: Profile): boolean;
  addActivity(activity: Activity): void;
}

export function createIdentityMap(): IdentityMap {
  const people = new Map<string, Person>();
  const groups = new Map<string, Group>();

  function add(distinctId: string, profile: Profile | undefined, sinceMs: number): void {
    const group = profile?.email === undefined ? undefined : groupOf(normaliseEmail(profile.email));
    const person: Person = { distinctId, profile, group, sinceMs, subject: '', standing: 'new' };
    people.set(distinctId, person);
    group?.members.push(person);
  }

  function groupOf(address: string): Group {
    const group = groups.get(address) ?? { address, members: [], holder: undefined };
    groups.set(address, group);
    return group;
  }

  return {
    people,
    groups,
    addProfile(profile) {
      const { distinctId, createdMs = Number.POSITIVE_INFINITY } = profile;
      if (people.has(distinctId)) return false;
      add(distinctId, profile, createdMs);
      return true;
    },
    addActivity({ distinctId, timeMs }) {
      const person = people.get(distinctId);
      if (person) person.sinceMs = Math.min(person.sinceMs, timeMs);
      else add(distinctId, undefined, timeMs);
    },
  };
}

/** Who stands for the group: whoever holds the address, else its first member that is new, else its first. */
export function survivorOfGroup({ holder, members }: Group): string {
  const first = members.find(({ standing }) => standing === 'new') ?? members[0];
  return holder ?? first?.subject ?? '';
}

/** Who a person is for the comparison of events: one for all members of a group. */
export function samenessOf({ group, distinctId }: Person, kind: string): string {
  return group ? `email:${group.address}` : `${kind}:${distinctId}`;
}
