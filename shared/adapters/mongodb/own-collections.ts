// Every collection that Foldline writes to is opened here. Each carries a mark in its validator, which the server keeps with the
// collection through a dump, a restore and a rename. All collections of a service are looked at before anything in the database
// is changed; if one of them belongs to somebody else, the whole start is refused.
import { BSON, type Db, type Document, type IndexDescription } from 'mongodb';
import { backoffMs, pause } from '../../running/index.ts';
import { extendedJson } from './backup.ts';
import type { MongoUse } from './given-client.ts';
import { lackOfRights } from './server-errors.ts';

/** The `$comment` of the validator; it refuses no write. Never change this text: Foldline recognises its collections by it. */
export const collectionMark = 'Foldline keeps this collection; write to it through its services.';

/** What a collection of Foldline is: what the server refuses there, its indexes, and how one without a mark is recognised. */
export interface CollectionForm {
  readonly name: string;
  /** What the server refuses, besides the mark. */
  readonly validator?: Document;
  readonly indexes: readonly IndexDescription[];
  /** A filter that matches every document of every release. */
  readonly documents: Document;
  /** The key of an index. If the collection holds foreign documents, one is the first or the last of this index. */
  readonly order: Readonly<Record<string, 1>>;
  /** Whether a validator without a mark is that of an earlier release. */
  readonly isFormerValidator?: (validator: Document) => boolean;
}

/** A collection that is there and that Foldline did not make. The message is one sentence, without the remedy. */
export class ForeignCollection extends Error {
  override readonly name = 'ForeignCollection';
}

interface Found {
  readonly name: string;
  readonly type?: string;
  readonly options?: Document;
}

const namespaceExists = 48;
/** The error codes for an index build that runs in the database or in the collection. */
const indexBuildRuns: ReadonlySet<unknown> = new Set([12586, 12587]);
/** How long a start waits for an index that others build. */
const indexBuildWaitMs = 60_000;
const betweenTries = { initialMs: 50, maxMs: 1000 };
/** Options that change how documents are compared or kept. Foldline never makes a collection with one of them. */
const foreignOptions = ['capped', 'collation', 'clusteredIndex', 'expireAfterSeconds', 'encryptedFields'];

/** Looks at all of them, and changes nothing. @throws ForeignCollection naming each one that is not Foldline's */
export async function assertOwnCollections(db: Db, forms: readonly CollectionForm[]): Promise<void> {
  await lookAt(db, forms);
}

/**
 * Makes what is missing of these collections, their validators and their indexes, and marks those of earlier releases. All are looked
 * at before the first is changed; the second call changes nothing, and several processes may call at once.
 * @throws ForeignCollection naming each one that is not Foldline's; then nothing was changed
 */
export async function openCollections(db: Db, forms: readonly CollectionForm[]): Promise<void> {
  const found = await lookAt(db, forms);
  for (const form of forms) await make(db, form, found.get(form.name), true);
}

/**
 * The same for a command line, or for another part of a service: a collection that has the mark keeps its validator, because the
 * service decides on the limits in the validator, and a command line may not have the settings of the service.
 */
export async function makeMissingCollections(db: Db, forms: readonly CollectionForm[]): Promise<void> {
  const found = await lookAt(db, forms);
  for (const form of forms) await make(db, form, found.get(form.name), false);
}

/**
 * The same at the start of a service. The message to the operator names the remedy, and the right if one is missing. The
 * client is closed when the start is refused.
 */
export async function openServiceCollections(
  client: Pick<MongoUse, 'close'>,
  db: Db,
  forms: readonly CollectionForm[] | Promise<readonly CollectionForm[]>,
  wayOut: string,
): Promise<void> {
  try {
    await openCollections(db, await forms);
  } catch (cause) {
    await client.close();
    if (cause instanceof ForeignCollection) throw new ForeignCollection(`${cause.message} ${wayOut}`, { cause });
    const denied = lackOfRights(cause);
    if (denied === undefined) throw cause;
    // The role readWrite is enough to make a collection; to alter the validator of an existing one needs dbAdmin.
    throw new Error(
      `MongoDB does not let the user of MONGODB_URI open the collections of ${db.databaseName}: ${denied}. Give that user the roles readWrite and dbAdmin on ${db.databaseName}, or name another user in MONGODB_URI.`,
      { cause },
    );
  }
}

async function lookAt(db: Db, forms: readonly CollectionForm[]): Promise<ReadonlyMap<string, Found>> {
  const filter = { name: { $in: forms.map(({ name }) => name) } };
  const list = (await db.listCollections(filter).toArray()) as Found[];
  const found = new Map(list.map((one) => [one.name, one]));
  const reasons: string[] = [];
  for (const form of forms) {
    const there = found.get(form.name);
    const reason = there && (await strangenessOf(db, form, there));
    if (reason !== undefined) reasons.push(`${form.name} ${reason}`);
  }
  if (reasons.length > 0)
    throw new ForeignCollection(
      `The database ${db.databaseName} has collections that Foldline did not make, and nothing was changed: ${reasons.join('; ')}.`,
    );
  return found;
}

/** Why the collection is somebody else's; undefined for one of Foldline's, and for an empty one without a foreign validator or index. */
async function strangenessOf(db: Db, form: CollectionForm, { type, options = {} }: Found): Promise<string | undefined> {
  if (type !== undefined && type !== 'collection') return `is a ${type}`;
  const { validator = {} } = options as { validator?: Document };
  if (isMarked({ options })) return options.capped ? 'is capped' : undefined;
  const option = foreignOptions.find((one) => one in options);
  if (option !== undefined) return `was made with the option ${option}`;
  const isOfNobody = Object.keys(validator).length === 0 || form.isFormerValidator?.(validator) === true;
  if (!isOfNobody) return 'has a validator of its own';
  const collection = db.collection(form.name);
  const indexes = await collection.listIndexes().toArray();
  const strange = await strangeDocument(db, form, indexes);
  if (strange) return `holds documents that Foldline did not write, one with the _id ${idText(strange)}`;
  const isEmpty = (await collection.findOne({}, { projection: { _id: 1 }, raw: true })) === null;
  const others = indexes.filter(({ key }) => !isSameKey(key, { _id: 1 }));
  const strangers = others.filter(({ key }) => !isIndexOf(form, key));
  // If one index is Foldline's, the others prove nothing: an earlier release or an operator may have made them.
  const foreign = isEmpty && strangers.length === others.length ? strangers[0] : undefined;
  return foreign ? `is empty and has an index ${foreign.name}, which Foldline did not make` : undefined;
}

/**
 * BSON sorts by type, so a document with another type of key stands at an end of the index, and two reads find it at any size. Where
 * the index is missing, all documents are read once; building the index afterwards reads them all too.
 */
async function strangeDocument(
  db: Db,
  form: CollectionForm,
  indexes: readonly Document[],
): Promise<Document | undefined> {
  const { order, documents } = form;
  const strange = { $match: { $nor: [documents] } };
  const id = { $project: { _id: 1 } };
  // An `_id` may be text that is no UTF-8.
  const options = { enableUtf8Validation: false };
  const read = async (...stages: Document[]) =>
    (
      await db
        .collection(form.name)
        .aggregate([...stages, id], options)
        .toArray()
    )[0];
  if (!indexes.some(({ key }) => isSameKey(key, order))) return read(strange, { $limit: 1 });
  const backwards = Object.fromEntries(Object.keys(order).map((field) => [field, -1]));
  const first = await read({ $sort: order }, { $limit: 1 }, strange);
  return first ?? (await read({ $sort: backwards }, { $limit: 1 }, strange));
}

async function make(db: Db, form: CollectionForm, found: Found | undefined, altersMarked: boolean): Promise<void> {
  const validation = validationOf(form);
  if (!found) {
    try {
      await db.createCollection(form.name, validation);
    } catch (error) {
      if ((error as { code?: number }).code !== namespaceExists) throw error;
      // Another process was faster: what is there now is looked at as well.
      return make(db, form, (await lookAt(db, [form])).get(form.name), altersMarked);
    }
  } else if ((altersMarked || !isMarked(found)) && !hasValidation(found, validation))
    await setValidation(db, form, validation);
  if (form.indexes.length > 0) await db.collection(form.name).createIndexes([...form.indexes]);
}

/** The server alters no collection while an index is built there, by another process that starts or by an operator. */
async function setValidation(db: Db, form: CollectionForm, validation: Validation): Promise<void> {
  const endMs = Date.now() + indexBuildWaitMs;
  for (let n = 1; ; n += 1) {
    try {
      await db.command({ collMod: form.name, ...validation });
      return;
    } catch (error) {
      if (!indexBuildRuns.has((error as { code?: unknown }).code)) throw error;
      if (Date.now() >= endMs)
        throw new Error(
          `An index is being built on ${db.databaseName}.${form.name}, so that its validator cannot be set: start again once it is built.`,
          { cause: error },
        );
      await pause(backoffMs(betweenTries, n));
    }
  }
}

interface Validation {
  readonly validator: Document;
  readonly validationLevel: string;
  readonly validationAction: string;
}

/** `moderate`: a document of an earlier release that this release would refuse can still be updated, or lose a claim. */
function validationOf({ validator = {} }: CollectionForm): Validation {
  return {
    validator: { $comment: collectionMark, ...validator },
    validationLevel: 'moderate',
    validationAction: 'error',
  };
}

function isMarked({ options }: Pick<Found, 'options'>): boolean {
  return options?.validator?.$comment === collectionMark;
}

function hasValidation({ options = {} }: Found, wanted: Validation): boolean {
  const { validator, validationLevel = 'strict', validationAction = 'error' } = options;
  return isSame({ validator: validator ?? {}, validationLevel, validationAction }, wanted);
}

function isSame(a: object, b: object): boolean {
  return Buffer.from(BSON.serialize(a)).equals(BSON.serialize(b));
}

function isIndexOf({ indexes }: CollectionForm, key: Document): boolean {
  return indexes.some((index) => isSameKey(key, Object(index.key)));
}

function isSameKey(a: Document, b: Document): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const idCharactersMax = 80;

function idText({ _id }: Document): string {
  const text = extendedJson(_id);
  return text.length > idCharactersMax ? `${text.slice(0, idCharactersMax)}…` : text;
}
