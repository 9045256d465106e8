// The copies of a model as one side of a verification, and the only two writes that may put a document back: both are guarded by what
// was found, so that a live event always wins.
import type { Collection, Filter } from 'mongodb';
import type { ProjectedDocument, Projection, StoredDocument } from '../../../engine/index.ts';
import {
  bucketOf,
  type Copies,
  type CopyFigures,
  createBucketSums,
  type DigestEntry,
  entryOf,
  type SharedForm,
} from '../../../operations/ports.ts';
import { type DecodedModel, findModels, isReadableId } from '../raw-documents.ts';
import { documentsPerStep, scanning } from './scanning.ts';

/** Placeholders are no copies. A document that lost its version by hand is a copy; one whose `_id` is no text is not. */
const noPlaceholder = { version: { $ne: 0 }, _id: { $type: 'string' } } as const;

export function mongoCopies(
  collection: Collection<StoredDocument>,
  { foldVersion }: Pick<Projection, 'foldVersion'>,
  form: SharedForm,
): Copies {
  const documents = collection as unknown as Collection<ProjectedDocument>;
  const inOrder = { sort: { _id: 1 }, hint: { _id: 1 }, batchSize: documentsPerStep } as const;

  function entryFor({ document, isReadable }: DecodedModel): DigestEntry {
    const copy = document as ProjectedDocument;
    // An unreadable copy equals no result of a fold, and the version of its fold is not known.
    if (!isReadable) return { ...entryOf(form, copy), contentDigest: '', unreadable: true };
    const entry = entryOf(form, copy);
    return copy.foldVersion === foldVersion ? entry : { ...entry, otherFold: true };
  }

  return {
    estimate: () => collection.estimatedDocumentCount(),
    async digests(bits, scan) {
      const sums = createBucketSums(bits);
      let ofOtherFolds = 0;
      for await (const one of scanning(findModels(documents, noPlaceholder, inOrder), scan)) {
        if (!isReadableId(one.document)) continue;
        const entry = entryFor(one);
        if (entry.otherFold) ofOtherFolds += 1;
        sums.add(entry);
      }
      return { ...sums.digests(), ofOtherFolds };
    },
    async entries(bits, buckets, scan) {
      const wanted = new Set(buckets);
      const found: DigestEntry[] = [];
      const keys = findModels(documents, { _id: { $type: 'string' } } as object, {
        ...inOrder,
        projection: { _id: 1 },
      });
      const subjects: string[] = [];
      const readSome = async () => {
        const filter = { ...noPlaceholder, _id: { $in: subjects.splice(0) } };
        for await (const one of findModels(documents, filter)) found.push(entryFor(one));
      };
      for await (const { document } of keys) {
        scan.signal.throwIfAborted();
        const { _id } = document;
        if (!isReadableId(document) || !wanted.has(bucketOf(_id, bits))) continue;
        subjects.push(_id);
        if (subjects.length >= documentsPerStep) await readSome();
      }
      await readSome();
      return found;
    },
    async removeUnreadable(subjects) {
      const removed: string[] = [];
      for await (const { document, isReadable } of findModels(documents, { _id: { $in: [...subjects] } })) {
        if (isReadable) continue;
        const { _id, version, lastEventId } = document as ProjectedDocument;
        const { deletedCount } = await documents.deleteOne({ _id, version, lastEventId });
        if (deletedCount === 1) removed.push(_id);
      }
      return removed;
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

/**
 * The figures of a collection's documents, summed by the server in one scan: no document leaves it.
 *
 * @throws MongoServerError when it takes longer than `timeoutMs`
 */
export async function copyFiguresIn(
  collection: Collection<StoredDocument>,
  matching: Filter<StoredDocument>,
  timeoutMs: number,
): Promise<CopyFigures> {
  const sums = { $group: { _id: null, subjects: { $sum: 1 }, versions: { $sum: '$version' } } };
  const stages = [{ $match: matching }, sums, { $project: { _id: 0 } }];
  const [found] = await collection.aggregate<CopyFigures>(stages, { maxTimeMS: timeoutMs }).toArray();
  return found ?? { subjects: 0, versions: 0 };
}
