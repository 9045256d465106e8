// A user's snapshot, as user-service publishes it, as the customer that the events up to its version would have made.
import { userSnapshot_v1 } from '@foldline/contracts';
import type { SnapshotAsDocument } from 'foldline';
import { isSubject, kindOf, mergingOf, shown, subjectOf } from 'foldline/engine';
import { customerProjection } from './customer.ts';

export function customerFromSnapshot(value: unknown): SnapshotAsDocument {
  const reading = userSnapshot_v1.safeParse(value);
  if (!reading.success) {
    const [issue] = reading.error.issues;
    return { fault: `it is no userSnapshot_v1: ${issue?.path.join('.')}: ${issue?.message}` };
  }
  const { _id, version, state, createdAt, time, data, mergedInto, mergeId, lastEventId, eventsDigest } = reading.data;
  // The contract has any text there; a placeholder of what can have no events would stay for ever.
  const survivor = mergedInto === undefined ? [] : [subjectOf('user', mergedInto)];
  for (const subject of [_id, ...survivor])
    if (!isSubject(subject) || kindOf(subject) !== 'user')
      return { fault: `it is no userSnapshot_v1: ${shown(subject)} is no user-<uuid>` };
  return {
    document: {
      _id,
      version,
      state: state === 'deleted' ? 'removed' : 'available',
      createdAt,
      time,
      data,
      // What belongs to a survivor is found by index: its own side of a merge is not kept here.
      ...mergingOf({ mergedInto, mergeId } as { mergedInto?: string; mergeId?: string }),
      lastEventId,
      eventsDigest,
      foldVersion: customerProjection.foldVersion,
    },
    names: survivor,
  };
}
