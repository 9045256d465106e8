// The looks of a verification at two sides that may be far apart: digests of buckets first, then the entries of those that differ.
import { bucketBitsFor, bucketOf, differingBuckets } from './buckets.ts';
import { differencesBetween } from './compare.ts';
import type { DigestEntry } from './content.ts';
import type { ComparedModel, ComparedSide, Scan, VerificationFigures } from './verification-ports.ts';
import type { Looks } from './verify.ts';

/** Buckets whose entries are compared at once. */
const bucketsAtOnceMax = 50;

export interface BucketLooks extends Looks {
  /** How many more copies there are than the source has documents. */
  readonly surplus: number;
}

/** @throws what kept one of the two sides from answering */
export async function openBucketLooks(
  compared: ComparedModel,
  figures: VerificationFigures,
  scan: Scan,
): Promise<BucketLooks> {
  const { copies, source } = await digestsOfBoth(compared, figures, scan);
  const { bits } = copies;
  const differing = differingBuckets(copies, source);
  Object.assign(figures, { buckets: 2 ** bits, differingBuckets: differing.length, ofOtherFolds: copies.ofOtherFolds });

  async function look(buckets: readonly number[]) {
    const entriesOf = (side: ComparedSide) => (own: Scan) => side.entries(bits, buckets, own);
    return both<readonly DigestEntry[], readonly DigestEntry[]>(
      scan,
      entriesOf(compared.copies),
      entriesOf(compared.source),
    );
  }

  return {
    surplus: copies.documents - source.documents,
    async *first() {
      for (let from = 0; from < differing.length; from += bucketsAtOnceMax) {
        scan.signal.throwIfAborted();
        const buckets = differing.slice(from, from + bucketsAtOnceMax);
        const [own, theirs] = await look(buckets);
        figures.comparedDocuments += new Set([...own, ...theirs].map(({ subject }) => subject)).size;
        yield { differences: differencesBetween(own, theirs), mayPass: true };
        figures.comparedBuckets += buckets.length;
      }
    },
    async again(subjects) {
      const [own, theirs] = await look([...new Set(subjects.map((subject) => bucketOf(subject, bits)))]);
      return differencesBetween(own, theirs);
    },
    arrived: () => compared.arrived(scan.signal),
  };
}

/** Both at once. The number of buckets follows the larger side, which is known only after a scan. */
async function digestsOfBoth({ copies, source }: ComparedModel, figures: VerificationFigures, scan: Scan) {
  const estimate = await copies.estimate();
  for (let bits = bucketBitsFor(estimate); ; ) {
    Object.assign(figures, { scannedDocuments: 0, estimatedDocuments: 2 * estimate });
    const [ofCopies, ofSource] = await both(
      scan,
      (counted) => copies.digests(bits, counted),
      (counted) => source.digests(bits, counted),
      figures,
    );
    const wanted = bucketBitsFor(Math.max(ofCopies.documents, ofSource.documents));
    // Buckets of up to 50 subjects are good enough; buckets of a hundred thousand are not.
    if (wanted <= bits + 1) return { copies: ofCopies, source: ofSource };
    bits = wanted;
  }
}

/** When one side fails, the other side is aborted, and the error is thrown after both have ended. */
async function both<A, B>(
  { signal, scanned }: Scan,
  one: (scan: Scan) => Promise<A>,
  other: (scan: Scan) => Promise<B>,
  figures?: Pick<VerificationFigures, 'scannedDocuments'>,
): Promise<[A, B]> {
  const failed = new AbortController();
  const scan: Scan = {
    signal: AbortSignal.any([signal, failed.signal]),
    scanned(documents) {
      if (figures) figures.scannedDocuments += documents;
      return scanned?.(documents);
    },
  };
  const running = [one(scan), other(scan)] as const;
  try {
    return await Promise.all(running);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(running);
    throw error;
  }
}
