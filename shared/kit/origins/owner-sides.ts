// Two ways to compare a copy with its owner: the digests that the owner computes in a form both share, and a fold of the owner's events
// where they share none.
// The fold is exact for every projection, and takes as long as the history.
import { z } from 'zod';
import { fold, kindOf, type ProjectedDocument, type Projection, type StoredEvent } from '../../engine/index.ts';
import {
  type BucketDigests,
  bucketDigestsBody,
  bucketEntriesBody,
  bucketOf,
  bucketsPerRequestMax,
  type ComparedSide,
  createBucketSums,
  type DigestEntry,
  entryOf,
  type Scan,
  wholeForm,
} from '../../operations/index.ts';
import { type OwnerAddress, ownerClient } from './owner-client.ts';

const problem = z.object({ detail: z.string() });

/** @param options the time is that of a scan of all subjects of the kind */
export function ownerBuckets(options: OwnerAddress & { readonly kind: string }): ComparedSide {
  const { ask, bodyOf, unanswered, unexpected } = ownerClient(options);
  const { kind, plural, settings } = options;

  async function answer<T extends z.ZodType>(query: Record<string, string>, body: T, { signal }: Scan) {
    const response = await ask(`/origin/${kind}/digests`, query, signal);
    const said = await bodyOf(response);
    if (response.status === 404) throw unexpected(response, `for digests of ${plural}`);
    if (response.status !== 200) {
      const why = problem.safeParse(said).data?.detail ?? '';
      const what = `answers ${response.status} when asked for digests of ${plural}. ${why}`;
      throw unanswered(what.replace(/(?<![. ])[. ]+$/, ''));
    }
    const read = body.safeParse(said);
    if (read.success) return read.data;
    throw unanswered(`answers something that holds no digests of ${plural}; correct ${settings}_URL`);
  }

  return {
    async digests(bits, scan): Promise<BucketDigests> {
      const { documents, buckets } = await answer({ bits: String(bits) }, bucketDigestsBody, scan);
      await scan.scanned?.(documents);
      return { bits, documents, buckets: new Map(buckets.map(({ bucket, ...one }) => [bucket, one])) };
    },
    async entries(bits, buckets, scan) {
      const found: DigestEntry[] = [];
      for (let from = 0; from < buckets.length; from += bucketsPerRequestMax) {
        const bucket = buckets.slice(from, from + bucketsPerRequestMax).join(',');
        found.push(...(await answer({ bits: String(bits), bucket }, bucketEntriesBody, scan)).entries);
      }
      return found;
    },
  };
}

/** @param pages all events of the kind, in order of subject and version */
export function foldOfAll(
  pages: (signal: AbortSignal) => AsyncIterable<readonly StoredEvent[]>,
  projection: Projection,
): ComparedSide {
  /** Folds the events of each subject as far as possible, and yields the documents page by page. */
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
