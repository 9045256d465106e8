// The collections that every service may have beside its events: their indexes, and how those of earlier releases are recognised.
import type { IndexDescription } from 'mongodb';
import type { CollectionForm } from './own-collections.ts';

const byId = { _id: 1 } as const;
const text = { $type: 'string' } as const;
const number = { $type: 'number' } as const;
const date = { $type: 'date' } as const;
const subject = { $type: 'string', $regex: /^[a-z][a-z0-9-]*-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ } as const;

/** Snapshots, and documents of a read model or of one of its generations: one for each subject. */
export function documentsForm(name: string, indexes: readonly IndexDescription[] = []): CollectionForm {
  const documents = { _id: subject, version: number, state: text, $or: [{ version: 0 }, { lastEventId: text }] };
  return { name, indexes, documents, order: byId };
}

/** Instances of a saga, with an index on when they are due, and, for conversations, on their members. */
export function sagaInstancesForm(name: string): CollectionForm {
  return documentsForm(name, [
    // Most instances have ended and are never due again.
    {
      key: { 'data.progress.dueAt': 1, _id: 1 },
      name: 'due',
      partialFilterExpression: { 'data.progress.dueAt': { $type: 'string' } },
    },
    { key: { state: 1, _id: 1 }, name: 'state_id' },
    { key: { 'data.members': 1 }, name: 'members', sparse: true },
  ]);
}

export const heldForm: CollectionForm = {
  name: 'Held',
  indexes: [],
  order: byId,
  documents: { _id: text, reason: text, since: date, attempts: number },
};

export const checkpointsForm: CollectionForm = {
  name: 'Checkpoints',
  indexes: [],
  order: byId,
  documents: { _id: text, startedAt: { $type: 'timestamp' }, clusterTime: { $type: 'timestamp' } },
};

export const offsetsForm: CollectionForm = {
  name: 'Offsets',
  indexes: [],
  order: byId,
  documents: { _id: text, partitions: { $type: 'object' }, savedAt: date },
};

export const completenessForm: CollectionForm = {
  name: 'Completeness',
  indexes: [],
  order: byId,
  documents: { _id: text, openedAt: date },
};

export const pausesForm: CollectionForm = {
  name: 'Pauses',
  indexes: [],
  order: byId,
  documents: { _id: text, since: date, by: text, reason: text },
};

export const untoldEventsForm: CollectionForm = {
  name: 'UntoldEvents',
  order: byId,
  indexes: [{ key: { saga: 1, subject: 1, version: 1 }, name: 'saga_subject_version', unique: true }],
  documents: { saga: text, subject, version: number, event: { $type: 'object' } },
};

export const modelsForm: CollectionForm = {
  name: 'Models',
  indexes: [],
  order: byId,
  documents: { _id: text, revision: number, live: text },
};

/** The record of a process that died is deleted after this time. */
const forgottenAfterSeconds = 3600;

export const processesForm: CollectionForm = {
  name: 'Processes',
  order: byId,
  indexes: [{ key: { seenAt: 1 }, expireAfterSeconds: forgottenAfterSeconds, name: 'seenAt_1' }],
  documents: { _id: text, leaseMs: number, seenAt: date },
};
