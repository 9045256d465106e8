// What is proved of users: the snapshots against a fold of their events, and, for others, a form of users to compare their copies
// with. Digests of buckets come from the snapshots, once these have every event of now; the entries of some buckets from the events.
import { userForm } from '@foldline/contracts';
import {
  type EventStore,
  Failure,
  type HeldSubjects,
  type Projector,
  type ProvedModel,
  type ReadModel,
  type StoredDocument,
  type StoredEvent,
  wholeForm,
} from 'foldline/engine';
import type { BucketSides } from 'foldline/fastify';
import { foldedEvents, mongoCopies } from 'foldline/mongodb';
import type { Collection } from 'mongodb';

export interface UserProofPorts {
  readonly events: Collection<StoredEvent>;
  readonly snapshots: Collection<StoredDocument>;
  readonly store: EventStore;
  readonly model: ReadModel;
  readonly held: HeldSubjects;
  readonly apply: Projector['apply'];
  readonly gate: ProvedModel['gate'];
  readonly settled: ProvedModel['settled'];
}

export function provedUsers({ events, snapshots, store, model, ...ports }: UserProofPorts): ProvedModel {
  const { projection } = model;
  return {
    ...ports,
    model,
    sourceName: 'a fold of UserEvents',
    form: wholeForm,
    copies: mongoCopies(snapshots, projection, wholeForm),
    source: foldedEvents(events, projection, wholeForm),
    owner: store,
  };
}

/**
 * What copies of users are compared with.
 *
 * @param current whether the snapshots have what is stored now: copies that are as far behind as they are would look right
 */
export function userBuckets(
  { events, snapshots, model: { projection } }: UserProofPorts,
  current: (signal: AbortSignal) => Promise<boolean>,
): BucketSides {
  const form = userForm({ absent: 'absent', active: 'active', deleted: 'deleted' });
  const copies = mongoCopies(snapshots, projection, form);
  return {
    digests: {
      async digests(bits, scan) {
        if (await current(scan.signal)) return copies.digests(bits, scan);
        throw new Failure('overloaded', `${behind} Look at the status of users, and ask again when it has caught up.`);
      },
    },
    entries: foldedEvents(events, projection, form),
  };
}

const behind = 'The snapshots of users are behind their events, so that digests of them would prove nothing.';
