// Whoever refolds many subjects from their first event on reads them in parts, however long their histories are.
import type { Owner } from '../held/mender-ports.ts';
import type { EventStore } from '../ports.ts';

const eventsOfEachMax = 1000;

/** A store as an owner that gives each subject's next events only; who wants all asks until there are no more. */
export function ownerInPages(store: Pick<EventStore, 'readNext'>): Owner {
  return { readLater: (positions) => store.readNext(positions, eventsOfEachMax) };
}
