// The copies of a model in memory, for tests.

import {
  canonicalJson,
  isPlaceholder,
  type ProjectedDocument,
  type Projection,
  type StoredDocument,
} from '../../engine/index.ts';
import {
  bucketDigestsOf,
  bucketOf,
  type Copies,
  type DigestEntry,
  entryOf,
  type SharedForm,
} from '../../operations/ports.ts';

export function inMemoryCopies(
  documents: Map<string, StoredDocument>,
  { foldVersion }: Pick<Projection, 'foldVersion'>,
  form: SharedForm,
): Copies {
  const entries = (): DigestEntry[] =>
    [...documents.values()].flatMap((document) => {
      if (isPlaceholder(document)) return [];
      const entry = entryOf(form, document);
      return [document.foldVersion === foldVersion ? entry : { ...entry, otherFold: true as const }];
    });
  const isAsFound = (found: ProjectedDocument) => canonicalJson(documents.get(found._id)) === canonicalJson(found);
  return {
    estimate: async () => documents.size,
    async digests(bits) {
      const all = entries();
      const ofOtherFolds = all.filter(({ otherFold }) => otherFold).length;
      return { ...bucketDigestsOf(bits, all), ofOtherFolds };
    },
    entries: async (bits, buckets) => entries().filter(({ subject }) => buckets.includes(bucketOf(subject, bits))),
    // A document in memory was never bytes.
    removeUnreadable: async () => [],
    async replace(found, document) {
      if (!isAsFound(found)) return false;
      documents.set(document._id, structuredClone(document));
      return true;
    },
    remove: async (found) => isAsFound(found) && documents.delete(found._id),
  };
}
