// A fold of all events that an owner has, as the source that copies are held against where both have no form in common. Exact for any
// fold, and as long as the history: an owner that declares a form is asked for digests instead.

import { fold, kindOf, type ProjectedDocument, type Projection, type StoredEvent } from '../../engine/index.ts';
import {
  bucketOf,
  type ComparedSide,
  createBucketSums,
  type DigestEntry,
  entryOf,
  type Scan,
  wholeForm,
} from '../../operations/index.ts';

/** @param pages all events of the kind, in order of subject and version */
export function foldOfAll(
  pages: (signal: AbortSignal) => AsyncIterable<readonly StoredEvent[]>,
  projection: Projection,
): ComparedSide {
  /** What the events of each subject make, as far as they can be folded; a page with its documents. */
  async function* documentsOf({ signal }: Scan): AsyncGenerator<readonly ProjectedDocument[]> {
    let document: ProjectedDocument | undefined;
    let subject = '';
    let stopped = false;
    for await (const page of pages(signal)) {
      signal.throwIfAborted();
      const ended: ProjectedDocument[] = [];
      for (const event of page) {
        if (event.subject !== subject) {
          if (document) ended.push(document);
          subject = event.subject;
          document = undefined;
          stopped = kindOf(subject) !== projection.kind;
        }
        if (stopped) continue;
        const folding = fold(projection, document, [event]);
        document = folding.document;
        stopped = folding.stop !== undefined;
      }
      yield ended;
    }
    if (document) yield [document];
  }

  return {
    async digests(bits, scan) {
      const sums = createBucketSums(bits);
      for await (const documents of documentsOf(scan)) {
        for (const document of documents) sums.add(entryOf(wholeForm, document));
        await scan.scanned?.(documents.length);
      }
      return sums.digests();
    },
    async entries(bits, buckets, scan) {
      const wanted = new Set(buckets);
      const found: DigestEntry[] = [];
      for await (const documents of documentsOf(scan)) {
        for (const document of documents)
          if (wanted.has(bucketOf(document._id, bits))) found.push(entryOf(wholeForm, document));
        await scan.scanned?.(documents.length);
      }
      return found;
    },
  };
}
