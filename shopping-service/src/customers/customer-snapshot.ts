// A user's snapshot, as user-service publishes it, as the customer that the events up to its version would have made.
import { userSnapshot_v1 } from '@foldline/contracts';
import { documentFromSnapshot } from 'foldline';
import { customerProjection } from './customer.ts';

export const customerFromSnapshot = documentFromSnapshot(
  customerProjection,
  { type: 'userSnapshot_v1', schema: userSnapshot_v1 },
  ({ state, data, mergedInto, mergeId }) => ({
    state: state === 'deleted' ? 'removed' : 'available',
    data,
    // What belongs to a survivor is found by index: its own side of a merge is not kept here.
    ...(mergedInto === undefined ? {} : { mergedInto }),
    ...(mergeId === undefined ? {} : { mergeId }),
  }),
);
