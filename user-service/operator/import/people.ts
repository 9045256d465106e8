// The people of an export: what the store knows of them, and the events of those that are new, which say who they are and under which
// identity they came.
import type { EventStore, StoredEvent } from 'foldline/engine';
import { identityClaim } from '../../src/identities/identity.ts';
import { emailClaim } from '../../src/users/user.ts';
import type { Known } from '../open-users.ts';
import { inBatches, storeBatch } from './batches.ts';
import type { Group, Person } from './identity-map.ts';
import { type Import, personEvents, subjectIn } from './imported-events.ts';

interface StoringLimits {
  readonly batchMax: number;
  readonly triesMax: number;
}

/** @param people that were looked up @param onStored told after each batch how many of them were dealt with */
export async function storePeople(
  store: EventStore,
  of: Import,
  people: Iterable<Person>,
  { batchMax, triesMax }: StoringLimits,
  onStored: (count: number) => void,
): Promise<void> {
  let done = 0;
  for (const batch of inBatches(people, batchMax)) {
    let tries = 0;
    await storeBatch(store, triesMax, async () => {
      tries += 1;
      // They were looked up before; only a conflict says that this is not so any more.
      if (tries > 1) await lookUpPeople(store, of, batch);
      return eventsOfNew(of, batch);
    });
    settle(batch);
    done += batch.length;
    onStored(done);
  }
}

/** The first new one of a group whose address nobody holds carries it. */
function eventsOfNew(of: Import, batch: readonly Person[]): StoredEvent[] {
  const carried = new Set<Group>();
  return batch
    .filter(({ standing }) => standing === 'new')
    .flatMap((person) => {
      const { group } = person;
      const address = group !== undefined && group.holder === undefined && !carried.has(group);
      if (address) carried.add(group);
      return personEvents(of, person, { address });
    });
}

function settle(batch: readonly Person[]): void {
  for (const person of batch) {
    if (person.standing !== 'new') continue;
    person.standing = 'stored';
    if (person.group) person.group.holder ??= person.subject;
  }
}

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
