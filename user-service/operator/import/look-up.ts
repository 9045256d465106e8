// What the store knows of the people of an export: by their identities, by their addresses, and by the streams that this import
// would give them. Two questions for each batch of people.

import { identityClaim } from '../../src/identities/identity.ts';
import { emailClaim } from '../../src/users/user.ts';
import type { Known } from '../open-users.ts';
import type { Person } from './identity-map.ts';
import { type Import, subjectIn } from './imported-events.ts';

/** Writes into each person its subject and standing, and into its group who holds the address. */
export async function lookUpPeople(store: Known, of: Import, people: readonly Person[]): Promise<void> {
  const identities = people.map(({ distinctId }) => identityClaim(of.kind, distinctId));
  const groups = people.flatMap(({ group }) => group ?? []);
  const [holders, heads] = await Promise.all([
    store.holders([...identities, ...groups.map(({ address }) => emailClaim(address))]),
    store.heads(people.map(({ distinctId }) => subjectIn(of, distinctId))),
  ]);
  for (const person of people) {
    const own = subjectIn(of, person.distinctId);
    const holder = holders.get(identityClaim(of.kind, person.distinctId))?.subject;
    person.subject = holder ?? own;
    // A person who was deleted since holds nothing any more, and is not made again: the stream tells that it was there.
    person.standing = heads.has(own) ? 'ours' : holder ? 'known' : 'new';
  }
  for (const group of groups) group.holder = holders.get(emailClaim(group.address))?.subject;
}
