// The copies of a model as one side of a proof, and the only two writes that may put a document back: both are guarded by what
// was found, so that a live event always wins.
import type { Collection, Filter } from 'mongodb';
import {
  bucketOf,
  type Copies,
  createBucketSums,
  entryOf,
  type ProjectedDocument,
  type Projection,
  type ProofEntry,
  type SharedForm,
  type StoredDocument,
} from '../../engine/index.ts';
import { documentsPerStep, scanning } from './scanning.ts';

/** Placeholders are no copies. What a hand left without a version is one; under an `_id` that is no text nobody ever reads it. */
const noPlaceholder = { version: { $ne: 0 }, _id: { $type: 'string' } } as const;

export function mongoCopies(
  collection: Collection<StoredDocument>,
  { foldVersion }: Pick<Projection, 'foldVersion'>,
  form: SharedForm,
): Copies {
  const documents = collection as unknown as Collection<ProjectedDocument>;
  const inOrder = { sort: { _id: 1 }, hint: { _id: 1 }, batchSize: documentsPerStep } as const;

  function entryFor(document: ProjectedDocument): ProofEntry {
    const entry = entryOf(form, document);
    return document.foldVersion === foldVersion ? entry : { ...entry, otherFold: true };
  }

  return {
    estimate: () => collection.estimatedDocumentCount(),
    async digests(bits, scan) {
      const sums = createBucketSums(bits);
      let ofOtherFolds = 0;
      for await (const document of scanning(documents.find(noPlaceholder, inOrder), scan)) {
        const entry = entryFor(document);
        if (entry.otherFold) ofOtherFolds += 1;
        sums.add(entry);
      }
      return { ...sums.digests(), ofOtherFolds };
    },
    async entries(bits, buckets, scan) {
      const wanted = new Set(buckets);
      const found: ProofEntry[] = [];
      const keys = documents.find({ _id: { $type: 'string' } } as object, { ...inOrder, projection: { _id: 1 } });
      const subjects: string[] = [];
      const readSome = async () => {
        const filter = { ...noPlaceholder, _id: { $in: subjects.splice(0) } };
        for (const document of await documents.find(filter).toArray()) found.push(entryFor(document));
      };
      for await (const { _id } of keys) {
        scan.signal.throwIfAborted();
        if (!wanted.has(bucketOf(_id, bits))) continue;
        subjects.push(_id);
        if (subjects.length >= documentsPerStep) await readSome();
      }
      await readSome();
      return found;
    },
    async replace(found, { _id: _, ...document }) {
      const { matchedCount } = await documents.replaceOne(asFound(found), document);
      return matchedCount === 1;
    },
    async remove(found) {
      const { deletedCount } = await documents.deleteOne(asFound(found));
      return deletedCount === 1;
    },
  };
}

/** The whole document: neither an event nor a hand came between. */
function asFound(found: ProjectedDocument): Filter<ProjectedDocument> {
  return { _id: found._id, $expr: { $eq: ['$$ROOT', { $literal: found }] } };
}
