// What travels over HTTP about users, and how a document or an event becomes it.

import type { storedEventBody } from 'foldline';
import {
  type DomainEvent,
  Failure,
  idOf,
  lostTextOf,
  mergedFields,
  type ProjectedDocument,
  type StoredEvent,
} from 'foldline/engine';
import { emailField, idParams, instantField, lowerCaseUuid, nameField, optionalNameField } from 'foldline/fastify';
import { z } from 'zod';
import { type UserData, userProjection } from './user.ts';

export const userFields = ['firstName', 'lastName', 'email'] as const;

const fields = { firstName: nameField, lastName: optionalNameField, email: emailField };

export const userParams = idParams;
export const newUserBody = z.strictObject({ ...fields, id: lowerCaseUuid.optional() });
export const userChangesBody = z.strictObject(fields).partial();

export const userBody = z.strictObject({
  id: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string(),
  version: z.int(),
  createdAt: instantField,
  updatedAt: instantField,
  snapshot: z.strictObject({ version: z.int(), replayedEvents: z.int() }),
  versions: z
    .record(z.string(), z.int())
    .optional()
    .describe('Of a user who stands for others: the version of each, by subject'),
  alternatives: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .describe('Of a user who stands for others: the values that are not shown, by field'),
});

export type UserBody = z.output<typeof userBody>;

/**
 * A user as shown. When the user stands for others, the others fill the gaps, and their different values are listed as alternatives.
 * @param members in merge order, the user first
 * @throws Failure `not-found` or `deleted` when the document shows no user
 */
export function presentUser(
  document: ProjectedDocument | undefined,
  snapshotVersion: number,
  members: readonly ProjectedDocument[] = [],
): UserBody {
  if (!document || document.state === 'absent') throw new Failure('not-found', 'There is no user with this id.');
  if (document.state === 'deleted')
    throw new Failure('deleted', 'This user was deleted.', { currentVersion: document.version });
  const { firstName, lastName, email } = document.data as UserData;
  return {
    id: idOf(document._id),
    firstName,
    lastName,
    email,
    version: document.version,
    createdAt: document.createdAt,
    updatedAt: document.time,
    snapshot: { version: snapshotVersion, replayedEvents: document.version - snapshotVersion },
    ...(members.length > 1 && merged(document, members)),
  };
}

function merged(document: ProjectedDocument, members: readonly ProjectedDocument[]) {
  const others = members.filter(({ _id }) => _id !== document._id);
  const { winners, alternatives } = fieldsOf([document, ...others]);
  const versions = Object.fromEntries([document, ...others].map(({ _id, version }) => [_id, version]));
  return { ...winners, versions, alternatives };
}

/** The fields of several users who are one, in merge order. The fields of deleted users are left out. */
export function fieldsOf(members: readonly ProjectedDocument[]) {
  const living = members.filter(({ state }) => state !== 'deleted');
  return mergedFields(
    userFields,
    living.map(({ data }) => data as UserData),
  );
}

/**
 * As stored, or read as the newest version of its type; what cannot be read so is shown as it is stored. Of an event whose text is
 * lost only the envelope is shown: who folds it elsewhere must not take U+FFFD for data.
 */
export function presentEvent(
  { claims: _, request: __, ...event }: StoredEvent,
  raw: boolean,
): z.output<typeof storedEventBody> {
  const unreadable = lostTextOf(event);
  if (unreadable !== undefined) return { ...event, data: {}, unreadable };
  if (raw) return event;
  const decoded = userProjection.decode(event);
  const newest: DomainEvent = decoded.kind === 'known' ? decoded.event : event;
  return { ...event, type: newest.type, data: newest.data as Record<string, unknown> };
}
