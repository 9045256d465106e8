// A team's own collection, as an adoption reads it: found by its name, looked at before anybody is asked, and read in batches. Nothing
// here writes.
import { AdminFailure } from 'foldline/admin';
import { type DecodedDocument, decodeDocument } from 'foldline/mongodb';
import type { Collection, Document, FindOptions } from 'mongodb';
import type { ImportConfig } from '../config.ts';
import type { Users } from '../open-users.ts';
import { type FieldMap, pathsOf, valueAt } from './field-map.ts';

interface CollectionName {
  readonly database: string;
  readonly name: string;
}

/** @returns undefined when it is no `<database>.<collection>` */
export function collectionNamed(from: string): CollectionName | undefined {
  const [, database = '', name = ''] = /^([^.]+)\.(.+)$/.exec(from) ?? [];
  return name === '' ? undefined : { database, name };
}

/** @throws AdminFailure `refused` when it is not there, or is Foldline's own */
export async function theirDocuments(
  users: Users,
  config: ImportConfig,
  { database, name }: CollectionName,
): Promise<Collection<Document>> {
  const from = `${database}.${name}`;
  if (database === config.USERS_DATABASE && (name === 'Users' || name === 'UserEvents'))
    throw new AdminFailure(
      'refused',
      `--from ${from}: user-service keeps its own ${name} there. Rename the collection, or give user-service another database by USERS_DATABASE.`,
    );
  const names = (await users.database(database).listCollections({}, { nameOnly: true }).toArray()).map(
    (one) => one.name,
  );
  if (names.includes(name)) return users.database(database).collection(name);
  const there = names.length > 0 ? `has: ${names.sort().join(', ')}` : 'has no collection at all';
  throw new AdminFailure('refused', `There is no collection ${from}; ${database} ${there}.`);
}

/**
 * @throws AdminFailure `refused` for a path that leads nowhere in every document: everybody would lack what it names, for good, or
 * nobody would be fit
 */
export async function assertFound(documents: Collection<Document>, map: FieldMap): Promise<void> {
  if ((await documents.findOne({}, { projection: { _id: 1 }, raw: true })) === null) return;
  const faults: string[] = [];
  for (const [field, path] of pathsOf(map)) {
    const fault = await pathFault(documents, path);
    if (fault !== undefined) faults.push(`${field}: ${fault}`);
  }
  if (faults.length > 0) throw new AdminFailure('refused', `--map, ${faults.join('; ')}.`);
}

/**
 * The server finds more than a path leads to, for it looks into every member of a list: what it found is followed here as well. It is
 * not asked for what is not null: by `emails.0.address` it looks for a key `0` in the members too, and the one that is missing is null.
 */
async function pathFault(documents: Collection<Document>, path: string): Promise<string | undefined> {
  let astray: string | undefined;
  const options = { projection: projectionOf([path]) };
  for await (const { document } of decoded(documents, { [path]: { $exists: true } }, options)) {
    const found = valueAt(document, path);
    if ('astray' in found) astray ??= found.astray;
    else if (found.value !== undefined) return undefined;
  }
  return astray ?? `no document of ${documents.namespace} has ${path}`;
}

/** In order of ids, so that of two documents with one address always the same one gets it. */
export async function* batchesOf(
  documents: Collection<Document>,
  map: FieldMap,
  max: number,
): AsyncGenerator<DecodedDocument[]> {
  const projection = projectionOf(['_id', ...pathsOf(map).map(([, path]) => path)]);
  let batch: DecodedDocument[] = [];
  for await (const document of decoded(documents, {}, { projection, sort: { _id: 1 }, batchSize: max })) {
    batch.push(document);
    if (batch.length < max) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Each by itself, so that one that cannot be decoded keeps nobody else from being read. */
function decoded(documents: Collection<Document>, filter: Document, options: FindOptions) {
  return documents
    .find(filter, { ...options, raw: true })
    .map((bytes) => decodeDocument(bytes as unknown as Uint8Array));
}

/** The parts before the first dots: two paths that begin alike would refuse each other. */
function projectionOf(paths: readonly string[]): Record<string, 1> {
  return Object.fromEntries(paths.map((path) => [path.split('.')[0], 1]));
}
