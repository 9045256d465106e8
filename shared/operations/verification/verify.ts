// One verification of a model: digests of buckets first, then the entries of those that differ, looked at twice. It changes
// nothing unless it is told to mend what it found.
import { bucketBitsFor, bucketOf, differingBuckets } from './buckets.ts';
import { confirmed, type Difference, differencesBetween } from './compare.ts';
import type { ProofEntry } from './content.ts';
import type { Finding, ProofFigures, ProofLimits, ProofSide, ProvedModel, Scan } from './proof-ports.ts';
import { createRepair } from './repair.ts';

/** Buckets whose entries are compared at once. */
const bucketsAtOnceMax = 50;

export interface VerifyOptions {
  readonly repair: boolean;
  readonly limits: ProofLimits;
  readonly scan: Scan;
  /** Kept up while it runs. */
  readonly figures: ProofFigures;
  /** Told of each finding, in order of buckets. */
  found(finding: Finding): void;
}

/** @throws what kept one of the two sides from answering */
export async function verify(proved: ProvedModel, options: VerifyOptions): Promise<void> {
  const { figures, limits, scan } = options;
  const { copies, source } = await digestsOfBoth(proved, options);
  const differing = differingBuckets(copies, source);
  const { bits } = copies;
  Object.assign(figures, { buckets: 2 ** bits, differingBuckets: differing.length, ofOtherFolds: copies.ofOtherFolds });
  const repair = options.repair ? createRepair(proved, limits, copies.documents - source.documents) : undefined;

  for (let from = 0; from < differing.length; from += bucketsAtOnceMax) {
    scan.signal.throwIfAborted();
    const buckets = differing.slice(from, from + bucketsAtOnceMax);
    const { findings, moving, compared } = await findIn(buckets);
    figures.comparedDocuments += compared;
    figures.moving += moving;
    await settle(findings);
    figures.comparedBuckets += buckets.length;
  }

  /** Looks once, and a second time at what differs. */
  async function findIn(buckets: readonly number[]) {
    const first = await look(proved, bits, buckets, scan);
    if (first.differences.length === 0) return { findings: [], moving: 0, compared: first.compared };
    await proved.settled(scan.signal);
    const second = await look(proved, bits, bucketsOf(first.differences, bits), scan);
    return { ...confirmed(first.differences, second.differences), compared: first.compared };
  }

  async function settle(findings: readonly Difference[]): Promise<void> {
    if (findings.length === 0) return;
    const held = await proved.held.among(findings.map(({ subject }) => subject));
    const repairs = repair && (await repair(findings, held));
    const mended = findings.filter(({ subject }) => repairs?.get(subject)?.outcome === 'mended');
    const still = mended.length > 0 ? (await findIn(bucketsOf(mended, bits))).findings : [];
    for (const { subject, kind } of still)
      if (repairs?.get(subject)?.outcome === 'mended')
        repairs.set(subject, { outcome: 'left', detail: `it was mended, and is ${kind} now` });
    for (const { kind, subject, copy, source } of findings) {
      const outcome = repairs?.get(subject);
      figures.found[kind] += 1;
      if (outcome?.outcome === 'mended') figures.mended += 1;
      const versions = { copyVersion: copy?.version, sourceVersion: source?.version };
      options.found({ kind, subject, ...versions, held: held.get(subject)?.reason, repair: outcome });
    }
  }
}

function bucketsOf(differences: readonly Difference[], bits: number): number[] {
  return [...new Set(differences.map(({ subject }) => bucketOf(subject, bits)))];
}

/** Both at once. The number of buckets follows the larger side, which is known only after a scan. */
async function digestsOfBoth({ copies, source }: ProvedModel, { figures, scan }: VerifyOptions) {
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
    // A bucket of up to 50 is as good; one of a hundred thousand is not.
    if (wanted <= bits + 1) return { copies: ofCopies, source: ofSource };
    bits = wanted;
  }
}

async function look({ copies, source }: ProvedModel, bits: number, buckets: readonly number[], scan: Scan) {
  const entriesOf = (side: ProofSide) => (own: Scan) => side.entries(bits, buckets, own);
  const [own, theirs] = await both<readonly ProofEntry[], readonly ProofEntry[]>(
    scan,
    entriesOf(copies),
    entriesOf(source),
  );
  const compared = new Set([...own, ...theirs].map(({ subject }) => subject)).size;
  return { differences: differencesBetween(own, theirs), compared };
}

/** When one fails the other is ended too, and has ended before the fault is thrown. */
async function both<A, B>(
  { signal, scanned }: Scan,
  one: (scan: Scan) => Promise<A>,
  other: (scan: Scan) => Promise<B>,
  figures?: Pick<ProofFigures, 'scannedDocuments'>,
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
