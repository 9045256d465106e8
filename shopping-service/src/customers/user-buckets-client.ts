// What user-service has, as the source that customers are held against: digests over its narrow route, no content.
import type { BucketDigests, ProofEntry, ProofSide, Scan } from 'foldline/engine';
import { bucketDigestsBody, bucketEntriesBody, bucketsPerRequestMax } from 'foldline/fastify';
import { type UserServiceOptions, userServiceClient } from 'foldline/service';
import { z } from 'zod';

const problem = z.object({ detail: z.string() });

/** @param options the time is that of a scan of all users */
export function userBucketsClient(options: UserServiceOptions): ProofSide {
  const { ask, bodyOf, unanswered } = userServiceClient(options);

  async function answer<T extends z.ZodType>(query: Record<string, string>, body: T, { signal }: Scan) {
    const response = await ask('/verification/users', query, signal);
    const said = await bodyOf(response);
    if (response.status !== 200) {
      const why = problem.safeParse(said).data?.detail ?? '';
      throw unanswered(
        `answers ${response.status} when asked for digests of users. ${why}`.replace(/(?<![. ])[. ]+$/, ''),
      );
    }
    const read = body.safeParse(said);
    if (read.success) return read.data;
    throw unanswered('answers something that holds no digests of users; correct USER_SERVICE_URL');
  }

  return {
    async digests(bits, scan): Promise<BucketDigests> {
      const { documents, buckets } = await answer({ bits: String(bits) }, bucketDigestsBody, scan);
      await scan.scanned?.(documents);
      return { bits, documents, buckets: new Map(buckets.map(({ bucket, ...one }) => [bucket, one])) };
    },
    async entries(bits, buckets, scan) {
      const found: ProofEntry[] = [];
      for (let from = 0; from < buckets.length; from += bucketsPerRequestMax) {
        const bucket = buckets.slice(from, from + bucketsPerRequestMax).join(',');
        found.push(...(await answer({ bits: String(bits), bucket }, bucketEntriesBody, scan)).entries);
      }
      return found;
    },
  };
}
