// What an owner has, as the source that copies are held against: digests of buckets over its narrow route, no content.
import { z } from 'zod';
import {
  type BucketDigests,
  bucketDigestsBody,
  bucketEntriesBody,
  bucketsPerRequestMax,
  type ComparedSide,
  type DigestEntry,
  type Scan,
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
