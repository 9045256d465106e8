// A collection of documents, one per subject, on MongoDB. The version in the filter is the whole concurrency control:
// a stale write matches nothing, tries to insert, meets the newer document's `_id`, and is left at that.
import type { AnyBulkWriteOperation, Collection, MongoBulkWriteError } from 'mongodb';
import {
  type Documents,
  type DocumentWrite,
  notYetAvailable,
  type ProjectedDocument,
  type StoredDocument,
} from '../../../engine/index.ts';
import { findModels } from '../raw-documents.ts';

const duplicateKey = 11000;

/** A command of more than 16 MB is refused, and one batch may name some hundred thousand subjects. */
const idsPerQueryMax = 50_000;

export function mongoDocuments(collection: Collection<StoredDocument>): Documents {
  return {
    // A document that cannot be decoded is a cache that is lost: it is missing for every reader, and folded from its events.
    async read(ids) {
      const found = new Map<string, StoredDocument>();
      for (let from = 0; from < ids.length; from += idsPerQueryMax) {
        const some = ids.slice(from, from + idsPerQueryMax);
        const filter = some.length === 1 ? { _id: some[0] as string } : { _id: { $in: some } };
        for await (const { document, isReadable } of findModels(collection, filter))
          if (isReadable) found.set(document._id, document);
      }
      return found;
    },
    async write(writes) {
      if (writes.length === 0) return;
      const refused = await refusedAsDuplicates(() =>
        collection.bulkWrite(writes.map(operationOf), { ordered: false }),
      );
      // An upsert is also refused when somebody inserted the document at the same moment, possibly an older one. It exists
      // now, so the put is sent again without inserting, and only then does "no match" mean "already newer".
      const puts = refused.flatMap((i) => replacementOf(writes[i]) ?? []);
      if (puts.length > 0) await collection.bulkWrite(puts, { ordered: false });
    },
  };
}

function operationOf(write: DocumentWrite): AnyBulkWriteOperation<StoredDocument> {
  if ('placeholder' in write) {
    const $setOnInsert = { version: 0, state: notYetAvailable } as const;
    return { updateOne: { filter: { _id: write.placeholder }, update: { $setOnInsert }, upsert: true } };
  }
  return { replaceOne: { ...guarded(write.put), upsert: true } };
}

function replacementOf(write: DocumentWrite | undefined): AnyBulkWriteOperation<StoredDocument> | undefined {
  return write && 'put' in write ? { replaceOne: guarded(write.put) } : undefined;
}

/** Replaces only a lower version, and the same one of an older fold, which says something else about the same events. */
function guarded({ _id, ...replacement }: ProjectedDocument) {
  const { version, foldVersion } = replacement;
  const older = [{ version: { $lt: version } }, { version, foldVersion: { $lt: foldVersion } }];
  return { filter: { _id, $or: older }, replacement };
}

/** The members that met an existing `_id`, by index. @throws the error when it says anything else */
async function refusedAsDuplicates(write: () => Promise<unknown>): Promise<number[]> {
  try {
    await write();
    return [];
  } catch (error) {
    const { writeErrors, result } = error as Partial<MongoBulkWriteError>;
    if (writeErrors === undefined || result?.getWriteConcernError() !== undefined) throw error;
    const list = Array.isArray(writeErrors) ? writeErrors : [writeErrors];
    if (list.length === 0 || list.some(({ code }) => code !== duplicateKey)) throw error;
    return list.map(({ index }) => index);
  }
}
