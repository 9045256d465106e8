// The collection of events: what the server itself refuses, and the two indexes that every promise rests on.
import type { Collection, Db, Document } from 'mongodb';
import type { StoredEvent } from '../../engine/index.ts';

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

const namespaceExists = 48;

/** Creates or updates the collection, its validator and its indexes; the second call changes nothing. */
export async function ensureEventCollection(db: Db, name: string): Promise<Collection<StoredEvent>> {
  const validation = {
    validator: { $jsonSchema: envelopeSchema, time: writableTime },
    validationLevel: 'strict',
    validationAction: 'error',
  };
  try {
    await db.createCollection(name, validation);
  } catch (error) {
    if ((error as { code?: number }).code !== namespaceExists) throw error;
    await db.command({ collMod: name, ...validation });
  }
  const collection = db.collection<StoredEvent>(name);
  await collection.createIndexes([
    { key: { subject: 1, version: 1 }, name: 'subject_version', unique: true },
    { key: { claims: 1 }, name: 'claims', unique: true, partialFilterExpression: { claims: { $exists: true } } },
  ]);
  return collection;
}
