// The models of a service with their collections. Each model is read from its live generation and written to both; a model that a
// connector publishes has one collection for good.
import type { Collection, Document } from 'mongodb';
import { mongoDocuments, mongoGeneration } from '../adapters/mongodb/index.ts';
import {
  type CommandPorts,
  type Documents,
  type DomainEvent,
  type ReadModel,
  readModel,
  type StoredDocument,
  type View,
} from '../engine/index.ts';
import {
  firstRecord,
  type GenerationCollection,
  generationDocuments,
  type Membership,
  type ModelRecord,
} from '../operations/index.ts';
import { indexesOf } from './collections.ts';
import { isOwn, type ModelDeclaration, type Models } from './declaration.ts';
import type { Parts } from './parts.ts';

export interface OpenModel<V extends View = View> {
  readonly declaration: ModelDeclaration<V>;
  /** The collection of the generation that is live now. Do not keep the value, because another generation may become live. */
  readonly collection: Collection<StoredDocument>;
  /** Read from the live generation, written to both. */
  readonly documents: Documents;
  /** For folding: read from the generation that is behind, written to both. */
  readonly model: ReadModel;
  /** The same projection over the documents that readers see. */
  readonly shown: ReadModel;
  readonly record: () => Pick<ModelRecord, 'live' | 'other'>;
  /** @throws StaleGenerations when others may have moved the generations without this process */
  assertFresh(): void;
  generation(name: string): GenerationCollection;
}

export type OpenModels<Name extends string = string> = Readonly<Record<Name, OpenModel>>;

export function readModelsOf(models: OpenModels): ReadModel[] {
  return Object.values(models).map(({ model }) => model);
}

/** Creates the generations and their indexes when they are missing. */
export async function openModels<M extends Models>(
  { db }: Pick<Parts, 'db'>,
  declared: M,
  membership: Pick<Membership, 'record' | 'assertFresh'>,
): Promise<OpenModels<keyof M & string>> {
  const opened: Record<string, OpenModel> = {};
  for (const [key, declaration] of Object.entries(declared)) opened[key] = await openModel(db, declaration, membership);
  return opened as OpenModels<keyof M & string>;
}

async function openModel(
  db: Parts['db'],
  declaration: ModelDeclaration,
  membership: Pick<Membership, 'record' | 'assertFresh'>,
): Promise<OpenModel> {
  const { projection, published } = declaration;
  const { name } = projection;
  const generation = (one: string) => mongoGeneration(db, one, indexesOf(declaration));
  if (published) {
    const collection: Collection<StoredDocument> = db.collection(published);
    const documents = mongoDocuments(collection);
    const model = readModel(projection, documents);
    const record = () => ({ ...firstRecord(name), live: published });
    return { declaration, collection, documents, model, shown: model, record, assertFresh() {}, generation };
  }
  const record = () => membership.record(name);
  // Also the generation beside the live one, which may be older than an index of this code, and be read after a switchover.
  const { live, other } = record();
  for (const one of [live, ...(other ? [other.name] : [])]) await generation(one).prepare();
  const { assertFresh } = membership;
  const { shown, written } = generationDocuments({
    record,
    documentsOf: (one) => generation(one).documents,
    assertFresh,
  });
  return {
    declaration,
    get collection() {
      return db.collection<StoredDocument>(record().live);
    },
    documents: shown,
    model: readModel(projection, written),
    shown: readModel(projection, shown),
    record,
    assertFresh,
    generation,
  };
}

/** What commands on the subjects of a model need. @throws Error for a model whose events another service owns */
export function commandsOn<V extends View, E extends DomainEvent>(
  { stores, clock, ids }: Pick<Parts, 'stores' | 'clock' | 'ids'>,
  { projection, from }: ModelDeclaration<V, E>,
  { documents }: OpenModel,
): CommandPorts<V, E> {
  const own = isOwn(from) ? stores[from.store] : undefined;
  if (!own) throw new Error(`The model ${projection.name} has no store of this service: it takes no commands.`);
  return { projection, documents, store: own.store, clock, ids };
}

/** Whether a document of any model names a subject: then a placeholder must stand where nothing else does. */
export function isNamedIn(models: OpenModels): (subject: string) => Promise<boolean> {
  return async (subject) => {
    const found = Object.values(models).flatMap(({ collection, declaration: { projection, names } }) => {
      const filters: Document[] = projection.refersTo ? [{ 'references.target': subject }] : [];
      const otherwise = names?.(subject);
      if (otherwise) filters.push(otherwise);
      return filters.map((filter) => collection.findOne(filter, { projection: { _id: 1 } }));
    });
    return (await Promise.all(found)).some((one) => one !== null);
  };
}
