// The collections of user-service, for everything that opens its database: the service itself, imports and adoptions.
import {
  type CollectionForm,
  checkpointsForm,
  documentsForm,
  eventsForm,
  heldForm,
  pausesForm,
} from 'foldline/mongodb';
import { mergesIndex } from './identities/merge-log.ts';
import { addressClashesForm } from './users/address-claims.ts';

export const eventsCollection = 'UserEvents';

/** With what each import and adoption was begun. */
const beginningsForm: CollectionForm = {
  ...{ name: 'Imports', indexes: [], order: { _id: 1 } },
  // An operator may have written one by hand, as an adoption asks for.
  documents: { _id: { $type: 'string' }, rules: { $type: 'object' } },
};

export function ownCollections(eventBytesMax: number): readonly CollectionForm[] {
  return [
    eventsForm(eventsCollection, eventBytesMax, [mergesIndex]),
    documentsForm('Users', [{ key: { state: 1, mergedInto: 1, _id: 1 }, name: 'state_merged_id' }]),
    ...[heldForm, addressClashesForm, pausesForm, checkpointsForm, beginningsForm],
  ];
}

/** What an operator can do whose database has collections of somebody else. */
export const wayOut =
  "Name another database in USERS_DATABASE. A team's own users come in from where they are by `npm run admin -- adopt`.";
