// Stores the people that are new: the event that says who they are, and the one that says under which identity they came.
import type { EventStore, StoredEvent } from 'foldline/engine';
import type { Group, Person } from './identity-map.ts';
import { type Import, personEvents } from './imported-events.ts';
import { inBatches } from './in-batches.ts';
import { lookUpPeople } from './look-up.ts';
import { storeBatch } from './store-batch.ts';

export interface StoringLimits {
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
