// One generation of a model as a collection: made with the indexes that its readers need, read in order of ids, and dropped.
import type { Collection, Db, Document, IndexDescription } from 'mongodb';
import type { GenerationCollection, StoredDocument } from '../../engine/index.ts';
import { mongoDocuments } from './documents.ts';
import { type DecodedModel, findModels, isReadableId } from './raw-documents.ts';

/** A document that cannot be decoded is missing for every reader. */
async function* readable(found: AsyncIterable<DecodedModel>): AsyncGenerator<StoredDocument> {
  for await (const { document, isReadable } of found) if (isReadable && isReadableId(document)) yield document;
}

/** What a hand stored under an `_id` that is no text nobody ever reads. */
const named = { _id: { $type: 'string' } } as Document;
const inOrder = { sort: { _id: 1 }, hint: { _id: 1 }, batchSize: 1000 } as const;

export function mongoGeneration(db: Db, name: string, indexes: readonly IndexDescription[]): GenerationCollection {
  const collection: Collection<StoredDocument> = db.collection(name);
  return {
    documents: mongoDocuments(collection),
    async prepare() {
      await collection.createIndexes([...indexes]);
    },
    async drop() {
      await collection.drop();
    },
    scan: () => readable(findModels(collection, named, inOrder)),
    scanVersions: () => readable(findModels(collection, named, { ...inOrder, projection: { version: 1 } })),
    estimate: () => collection.estimatedDocumentCount(),
    countOfOtherFolds: (foldVersion, countMax) =>
      collection.countDocuments({ version: { $gt: 0 }, foldVersion: { $ne: foldVersion } }, { limit: countMax }),
  };
}
