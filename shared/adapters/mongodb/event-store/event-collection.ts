// The collection of events: what the server itself refuses, and the two indexes that every promise rests on.
import type { Collection, Db, Document, IndexDescription } from 'mongodb';
import type { StoredEvent } from '../../../engine/index.ts';
import { type CollectionForm, makeMissingCollections } from '../own-collections.ts';

/** The very end: in the server's expressions `$` also stands before a last line break. */
const end = '\\z';
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const anyUuid = uuid.replaceAll('a-f', 'a-fA-F');
// Not `number`: that lets decimals in, which the driver does not read as a number.
const positiveInteger = {
  bsonType: ['int', 'long', 'double'],
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  multipleOf: 1,
};

/** The envelope only: what `data` must hold is the business of the contract of its type. Draft 4, as `$jsonSchema` wants it. */
export const envelopeSchema: Document = {
  bsonType: 'object',
  required: ['specversion', 'id', 'source', 'type', 'subject', 'version', 'time', 'data'],
  properties: {
    specversion: { enum: ['1.0'] },
    // A stranger's id may be any UUID, in either case; ours are in lower case.
    id: { bsonType: 'string', pattern: `^${anyUuid}${end}` },
    source: { bsonType: 'string', minLength: 1 },
    type: { bsonType: 'string', pattern: `^[a-z][A-Za-z0-9]*_v[1-9][0-9]{0,5}${end}` },
    subject: { bsonType: 'string', pattern: `^[a-z][a-z0-9-]*-${uuid}${end}` },
    version: positiveInteger,
    time: { bsonType: 'date' },
    correlationid: { bsonType: 'string', minLength: 1 },
    causationid: { bsonType: 'string', minLength: 1 },
    data: { bsonType: 'object' },
    claims: { bsonType: 'array', minItems: 1, uniqueItems: true, items: { bsonType: 'string' } },
    request: {
      bsonType: 'object',
      required: ['digest', 'lastVersion'],
      properties: { digest: { bsonType: 'string' }, lastVersion: positiveInteger },
    },
  },
};

/** What RFC 3339 can write: four digits of a year. Another time would be stored and never be shown. */
const writableTime = { $gte: new Date('0000-01-01T00:00:00.000Z'), $lt: new Date('+010000-01-01T00:00:00.000Z') };

/**
 * The API's limit counts neither `_id` nor what a stranger's driver writes as another type of number. So the server's limit is a
 * little higher, and the API always refuses first, with 413.
 */
const spareBytes = 256;
/** A claim repeats a text of the event, and the projector may put one on late: it must not be refused for the event's own size. */
const withClaimsFactor = 4;

/** The largest event, counted without its claims, which never travel; with them a few times as much. */
function sizeWithin(eventBytesMax: number): Document {
  const withoutClaims = { $unsetField: { field: 'claims', input: '$$ROOT' } };
  return {
    $and: [
      { $lte: [{ $bsonSize: withoutClaims }, eventBytesMax + spareBytes] },
      { $lte: [{ $bsonSize: '$$ROOT' }, withClaimsFactor * eventBytesMax + spareBytes] },
    ],
  };
}

const order = { subject: 1, version: 1 } as const;
const text = { $type: 'string' } as const;

/** As STORE_EVENT_BYTES_MAX has it unless it is set. */
const usualBytesMax = 262_144;

/** @param eventBytesMax as in the limits of the store @param indexes that the service needs besides */
export function eventsForm(
  name: string,
  eventBytesMax: number,
  indexes: readonly IndexDescription[] = [],
): CollectionForm {
  return {
    name,
    order,
    isFormerValidator,
    validator: { $jsonSchema: envelopeSchema, time: writableTime, $expr: sizeWithin(eventBytesMax) },
    indexes: [
      { key: order, name: 'subject_version', unique: true },
      { key: { claims: 1 }, name: 'claims', unique: true, partialFilterExpression: { claims: { $exists: true } } },
      ...indexes,
    ],
    documents: {
      specversion: '1.0',
      id: text,
      source: text,
      type: text,
      subject: text,
      version: { $type: 'number' },
      time: { $type: 'date' },
      data: { $type: 'object' },
    },
  };
}

/** Releases before the mark had the schema of the envelope alone, or with the bounds of `time`. */
function isFormerValidator({ $jsonSchema, time: _, ...others }: Document): boolean {
  const { required, properties } = ($jsonSchema ?? {}) as { required?: unknown; properties?: Document };
  return (
    Object.keys(others).length === 0 &&
    JSON.stringify(required) === JSON.stringify(envelopeSchema.required) &&
    JSON.stringify(Object.keys(properties ?? {})) === JSON.stringify(Object.keys(envelopeSchema.properties))
  );
}

/**
 * Creates the collection, its validator and its indexes where they are missing; one that has the mark keeps its validator.
 * @throws ForeignCollection when one of that name is there that Foldline did not make
 */
export async function ensureEventCollection(
  db: Db,
  name: string,
  eventBytesMax = usualBytesMax,
): Promise<Collection<StoredEvent>> {
  await makeMissingCollections(db, [eventsForm(name, eventBytesMax)]);
  return db.collection<StoredEvent>(name);
}
