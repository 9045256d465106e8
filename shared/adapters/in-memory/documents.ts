// Documents in memory, for tests.
import { type Documents, notYetAvailable, type ProjectedDocument, type StoredDocument } from '../../engine/index.ts';

/** @param documents where they are kept, for a test that changes them by hand */
export function inMemoryDocuments(
  initially: readonly StoredDocument[] = [],
  documents = new Map<string, StoredDocument>(),
): Documents {
  for (const document of initially) documents.set(document._id, structuredClone(document));

  function put(document: ProjectedDocument): void {
    const there = documents.get(document._id);
    const isSame = there !== undefined && 'foldVersion' in there && there.version === document.version;
    const olderFold = isSame && there.foldVersion < document.foldVersion;
    if (!there || there.version < document.version || olderFold) documents.set(document._id, structuredClone(document));
  }

  return {
    async read(ids) {
      const found = ids.flatMap((id) => documents.get(id) ?? []);
      return new Map(found.map((document) => [document._id, structuredClone(document)]));
    },
    async write(writes) {
      for (const write of writes) {
        if ('put' in write) put(write.put);
        else if (!documents.has(write.placeholder)) {
          documents.set(write.placeholder, { _id: write.placeholder, version: 0, state: notYetAvailable });
        }
      }
    },
  };
}
