// What a team's document becomes: one event, whose id follows from the collection and the document. So a second run makes the same
// event, what is stored already is known by its id, and two documents that would be one user are told apart.

import { splitName } from '@foldline/contracts';
import { idOfName } from 'foldline/config';
import type { StoredEvent } from 'foldline/engine';
import { emailField, lowerCaseUuid, nameField, optionalNameField } from 'foldline/fastify';
import { extendedJson, hasLostText } from 'foldline/mongodb';
import type { Document } from 'mongodb';
import type { ZodType } from 'zod';
import { emailClaim } from '../../src/users/user.ts';
import { type FieldMap, pathsOf, valueAt } from './field-map.ts';

/** Where the event of a document is stored, and its id; both follow from the document's ids alone. */
export interface Place {
  readonly subject: string;
  readonly eventId: string;
}

export interface Adopted {
  readonly event: StoredEvent;
  readonly claim: string | undefined;
}

/** Why a document cannot become a user. Says nothing of what stands there, which may be personal. */
export interface Unfit {
  readonly field: keyof FieldMap | 'map';
  readonly detail: string;
}

export interface Origin {
  /** `<database>.<collection>`. */
  readonly from: string;
  readonly map: FieldMap;
  /** Of users whose documents do not say since when they are there; nobody is younger. */
  readonly now: Date;
}

export const conversationOf = ({ from }: Pick<Origin, 'from'>) => `adopt-${from}`;

/** How a report names a document: its `_id` as Extended JSON. */
export const idText = ({ _id }: Document) => extendedJson(_id);

export function placeOf(document: Document, { from, map }: Origin): Place | Unfit {
  // Without its very bytes nobody knows which document it is, and which user it would be.
  if (document._id === undefined || hasLostText(document._id))
    return { field: 'id', detail: 'the _id cannot be decoded; store the document under another one' };
  const found = valueAt(document, map.id);
  if ('astray' in found) return { field: 'id', detail: found.astray };
  if (found.value === undefined) return { field: 'id', detail: 'there is nothing' };
  if (hasLostText(found.value)) return { field: 'id', detail: 'is no valid UTF-8' };
  return {
    subject: `user-${userIdOf(found.value, from)}`,
    eventId: idOfName(JSON.stringify(['adopted', from, exactText(document._id)])),
  };
}

/** A document of which not everything could be decoded; told with the field of the map that lost its text, where it was one. */
export function unreadable(document: Document, fault: string, { map }: Pick<Origin, 'map'>): Unfit {
  const lost = pathsOf(map).find(([, path]) => {
    const found = valueAt(document, path);
    return 'value' in found && hasLostText(found.value);
  });
  return lost ? { field: lost[0], detail: 'is no valid UTF-8' } : { field: 'map', detail: fault };
}

export function adopted(document: Document, { subject, eventId }: Place, origin: Origin): Adopted | Unfit {
  const { map, now } = origin;
  const astray = pathAstray(document, map);
  if (astray) return astray;
  const data: Record<string, string> = {};
  for (const field of Object.keys(fields) as TextField[]) {
    const value = standsAt(document, map[field]);
    if (value === undefined) continue;
    if (typeof value !== 'string') return { field, detail: `is no text (${typeof value})` };
    if (value.trim() === '') continue;
    const { schema, into } = fields[field];
    const parsed = schema.safeParse(value);
    if (!parsed.success) return { field, detail: parsed.error.issues[0]?.message ?? 'is not valid' };
    Object.assign(data, into(parsed.data));
  }
  if (Object.keys(data).length === 0) return { field: 'map', detail: 'none of the fields that it names is there' };
  const time = timeOf(document, origin);
  if ('detail' in time) return time;
  const claim = data.email === undefined ? undefined : emailClaim(data.email);
  const event: StoredEvent = {
    specversion: '1.0',
    id: eventId,
    source: '/user-service',
    type: 'userImported_v1',
    subject,
    version: 1,
    time: time.at,
    data,
    correlationid: conversationOf(origin),
    ...(claim !== undefined && { claims: [claim] }),
  };
  return { event, claim };

  function timeOf(from: Document, { map: { createdAt } }: Origin): { readonly at: Date } | Unfit {
    const value = standsAt(from, createdAt);
    if (value === undefined) return { at: now };
    const at = value instanceof Date ? value : typeof value === 'string' ? instantIn(value) : undefined;
    if (!at || Number.isNaN(at.getTime()) || at.getTime() < earliestMs)
      return { field: 'createdAt', detail: 'is neither a date nor a text such as 2030-01-31T12:00:00Z' };
    return { at: at.getTime() > now.getTime() ? now : at };
  }
}

/** What RFC 3339 can write; an event before it is refused by the store. */
const earliestMs = Date.parse('0000-01-01T00:00:00Z');

type TextField = 'name' | 'firstName' | 'lastName' | 'email';

const fields: Record<TextField, { schema: ZodType<string>; into(text: string): Record<string, string> }> = {
  name: { schema: nameField, into: nameParts },
  firstName: { schema: nameField, into: (firstName) => ({ firstName }) },
  lastName: { schema: optionalNameField, into: (lastName) => ({ lastName }) },
  email: { schema: emailField, into: (email) => ({ email }) },
};

/** Left out for good is what an adoption did not find: whoever has it at another place must wait for another map. */
function pathAstray(document: Document, map: FieldMap): Unfit | undefined {
  for (const [field, path] of pathsOf(map)) {
    const found = valueAt(document, path);
    if ('astray' in found) return { field, detail: found.astray };
  }
  return undefined;
}

/** Of a document whose paths lead somewhere. */
function standsAt(document: Document, path: string | undefined): unknown {
  const found = path === undefined ? undefined : valueAt(document, path);
  return found && 'value' in found ? found.value : undefined;
}

function nameParts(name: string): Record<string, string> {
  const { firstName, lastName } = splitName(name);
  return lastName === '' ? { firstName } : { firstName, lastName };
}

/** Only a text with its offset says which instant it is. */
function instantIn(text: string): Date | undefined {
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i.test(text) ? new Date(text) : undefined;
}

/** A UUID stays what it is; anything else gets one that follows from it, two of different types two. */
function userIdOf(value: unknown, from: string): string {
  const text = String(value).toLowerCase();
  if (lowerCaseUuid.safeParse(text).success) return text;
  return idOfName(JSON.stringify(['adopt', from, exactText(value)]));
}

/** Two of different types stay two. */
const exactText = (value: unknown) => extendedJson(value, { relaxed: false });
