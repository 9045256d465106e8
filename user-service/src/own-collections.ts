// The collections of user-service, for everything that opens its database: the service itself, imports and adoptions.
import {
  type CollectionForm,
  checkpointsForm,
  documentsForm,
  eventsForm,
  heldForm,
  pausesForm,
} from 'foldline/mongodb';
import type { IndexDescription } from 'mongodb';
import { mergesIndex } from './identities/merge-log.ts';
import { addressClashesForm } from './users/address-claims.ts';

export const eventsCollection = 'UserEvents';
export const eventsIndexes: readonly IndexDescription[] = [mergesIndex];

export const snapshotsCollection = 'Users';
export const snapshotsIndexes: readonly IndexDescription[] = [
  { key: { state: 1, mergedInto: 1, _id: 1 }, name: 'state_merged_id' },
];

/** The collection that keeps the rules with which each import and adoption began. */
const beginningsForm: CollectionForm = {
  name: 'Imports',
  indexes: [],
  order: { _id: 1 },
  // An operator may have written one by hand, as an adoption asks for.
  documents: { _id: { $type: 'string' }, rules: { $type: 'object' } },
};

/** Besides the events, the snapshots, and what every service has. */
export const otherCollections: readonly CollectionForm[] = [addressClashesForm, beginningsForm];

/** What an import or an adoption needs to be there. */
export function ownCollections(eventBytesMax: number): readonly CollectionForm[] {
  return [
    eventsForm(eventsCollection, eventBytesMax, eventsIndexes),
    documentsForm(snapshotsCollection, snapshotsIndexes),
    ...otherCollections,
    heldForm,
    pausesForm,
    checkpointsForm,
  ];
}

/** What an operator can do besides naming another database, where that one has collections of somebody else. */
export const otherWayOut = "A team's own users come in from where they are by `npm run admin -- adopt`.";

export const wayOut = `Name another database in USERS_DATABASE. ${otherWayOut}`;
