// Subjects in buckets of about 25, so that two sides find what differs by comparing one digest for each bucket. Memory is bounded
// by the number of buckets, whatever the number of documents.
import { createHash } from 'node:crypto';
import type { DigestEntry } from './content.ts';

export const bucketBitsMax = 16;
const documentsPerBucket = 25;

/** How many bits of a subject's hash name its bucket, so that one holds about 25 of so many documents. From 0 to 16. */
export function bucketBitsFor(documents: number): number {
  const bits = Math.round(Math.log2(Math.max(1, documents / documentsPerBucket)));
  return Math.min(bucketBitsMax, bits);
}

/** The first `bits` bits of SHA-256(subject), as a number. */
export function bucketOf(subject: string, bits: number): number {
  return createHash('sha256').update(subject, 'utf8').digest().readUInt16BE(0) >> (16 - bits);
}

export interface BucketDigest {
  readonly documents: number;
  /** Hex SHA-256 of `digest so far \n subject \n content digest`, in order of subjects; the first digest so far is empty. */
  readonly digest: string;
}

/** One side of a comparison in short. A bucket that holds nothing is left out. */
export interface BucketDigests {
  readonly bits: number;
  readonly documents: number;
  readonly buckets: ReadonlyMap<number, BucketDigest>;
}

/** What a bucket is digested from. */
type Digested = Pick<DigestEntry, 'subject' | 'contentDigest'>;

export interface BucketSums {
  /** @throws Error unless the subjects of a bucket come in order: the digest would say nothing about what it holds */
  add(entry: Digested): void;
  digests(): BucketDigests;
}

/** Takes entries as they are scanned, and keeps none of them. */
export function createBucketSums(bits: number): BucketSums {
  const sums = new Map<number, { documents: number; digest: string; last: string }>();
  let documents = 0;
  return {
    add({ subject, contentDigest }) {
      const bucket = bucketOf(subject, bits);
      const { documents: before, digest, last } = sums.get(bucket) ?? { documents: 0, digest: '', last: '' };
      if (before > 0 && subject <= last) throw new Error(`${subject} came after ${last}; they must come in order.`);
      sums.set(bucket, { documents: before + 1, digest: nextSum(digest, subject, contentDigest), last: subject });
      documents += 1;
    },
    digests() {
      const buckets = [...sums].map(([bucket, { last: _, ...one }]) => [bucket, one] as const);
      return { bits, documents, buckets: new Map(buckets) };
    },
  };
}

function nextSum(before: string, subject: string, digest: string): string {
  return createHash('sha256').update(`${before}\n${subject}\n${digest}`, 'utf8').digest('hex');
}

/** The same from entries in any order, for the few that are in memory anyway. */
export function bucketDigestsOf(bits: number, entries: Iterable<Digested>): BucketDigests {
  const sums = createBucketSums(bits);
  for (const entry of [...entries].sort((a, b) => (a.subject < b.subject ? -1 : 1))) sums.add(entry);
  return sums.digests();
}

/** The buckets in which the two sides hold something else, in order. */
export function differingBuckets(one: BucketDigests, other: BucketDigests): number[] {
  const all = new Set([...one.buckets.keys(), ...other.buckets.keys()]);
  const differs = (bucket: number) => one.buckets.get(bucket)?.digest !== other.buckets.get(bucket)?.digest;
  return [...all].filter(differs).sort((a, b) => a - b);
}
