// What travels over HTTP about users, and how a document or an event becomes it.

import { type DomainEvent, Failure, idOf, type ProjectedDocument, type StoredEvent } from '@foldline/shared/engine';
import { emailField, idParams, instantField, lowerCaseUuid, nameField, optionalNameField } from '@foldline/shared/http';
import { z } from 'zod';
import { type UserData, userProjection } from './user.ts';

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
});

// Loose, because CloudEvents lets anybody add attributes, and what is stored is shown.
export const eventBody = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  version: z.int(),
  time: instantField,
  correlationid: z.string().optional(),
  causationid: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
});

/** @throws Failure `not-found` or `deleted` when the document shows no user */
export function presentUser(
  document: ProjectedDocument | undefined,
  snapshotVersion: number,
): z.output<typeof userBody> {
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
  };
}

/** As stored, or read as the newest version of its type; what cannot be read so is shown as it is stored. */
export function presentEvent(
  { claims: _, request: __, ...event }: StoredEvent,
  raw: boolean,
): z.output<typeof eventBody> {
  if (raw) return event;
  const decoded = userProjection.decode(event);
  const newest: DomainEvent = decoded.kind === 'known' ? decoded.event : event;
  return { ...event, type: newest.type, data: newest.data as Record<string, unknown> };
}
