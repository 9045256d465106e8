// One generation of a model as a collection: made with the indexes that its readers need, read in order of ids, and dropped.
import type { Collection, Db, Document, IndexDescription } from 'mongodb';
import { Failure, type StoredDocument } from '../../../engine/index.ts';
import type { GenerationCollection } from '../../../operations/ports.ts';
import { documentsForm } from '../collection-forms.ts';
import { assertOwnCollections, ForeignCollection, openCollections } from '../own-collections.ts';
import { type DecodedModel, findModels, isReadableId } from '../raw-documents.ts';
import { mongoDocuments } from './documents.ts';

/** A document that cannot be decoded is missing for every reader. */
async function* readable(found: AsyncIterable<DecodedModel>): AsyncGenerator<StoredDocument> {
  for await (const { document, isReadable } of found) if (isReadable && isReadableId(document)) yield document;
}

/** A document whose `_id` is no text was stored by hand, and is never read. */
const named = { _id: { $type: 'string' } } as Document;
const inOrder = { sort: { _id: 1 }, hint: { _id: 1 }, batchSize: 1000 } as const;

export function mongoGeneration(db: Db, name: string, indexes: readonly IndexDescription[]): GenerationCollection {
  const collection: Collection<StoredDocument> = db.collection(name);
  const form = documentsForm(name, indexes);
  return {
    documents: mongoDocuments(collection),
    async prepare() {
      await openCollections(db, [form]).catch(asRefusal);
    },
    async drop() {
      await assertOwnCollections(db, [form]).catch(asRefusal);
      await collection.drop();
    },
    scan: () => readable(findModels(collection, named, inOrder)),
    scanVersions: () => readable(findModels(collection, named, { ...inOrder, projection: { version: 1 } })),
    estimate: () => collection.estimatedDocumentCount(),
    countOfOtherFolds: (foldVersion, countMax) =>
      collection.countDocuments({ version: { $gt: 0 }, foldVersion: { $ne: foldVersion } }, { limit: countMax }),
  };
}

/** Somebody made a collection under the name of a generation, which must be neither filled nor dropped. */
function asRefusal(error: unknown): never {
  if (!(error instanceof ForeignCollection)) throw error;
  throw new Failure('rebuild-refused', `${error.message} Rename that collection, or move it to another database.`, {
    cause: error,
  });
}
