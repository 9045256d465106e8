// The narrow route by which an owner lets others compare their copies with what it has: digests of buckets, then the entries of the
// few that differ. No content leaves, only digests of it.
import { z } from 'zod';
import { decimalText, type HttpApp } from '../../http/index.ts';
import { scansAtOnce } from '../scans-at-once.ts';
import { bucketBitsMax } from './buckets.ts';
import type { ComparedSide } from './verification-ports.ts';

/** Buckets whose entries one request may ask for. */
export const bucketsPerRequestMax = 50;

// 0 to 65535, without a leading zero.
const bucketPattern = '(?:[0-9]|[1-9][0-9]{1,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

const bucketsQuery = z
  .strictObject({
    bits: decimalText(0, bucketBitsMax).describe('How many bits of SHA-256(subject) name a bucket'),
    bucket: z
      .string({ error: 'It must be given once.' })
      .transform((text) => text.split(','))
      .refine((list) => list.length <= bucketsPerRequestMax, { error: `At most ${bucketsPerRequestMax} at once.` })
      .pipe(z.array(decimalText(0, 2 ** bucketBitsMax - 1)))
      .optional()
      .describe(`Numbers of buckets, up to ${bucketsPerRequestMax}: their entries instead of digests`)
      .meta({ type: 'string', pattern: `^${bucketPattern}(?:,${bucketPattern}){0,${bucketsPerRequestMax - 1}}$` }),
  })
  .superRefine(({ bits, bucket }, context) => {
    const beyond = bucket?.find((one) => one >= 2 ** bits);
    if (beyond === undefined) return;
    const message = `There is no bucket ${beyond}: ${bits} bits name the buckets 0 to ${2 ** bits - 1}.`;
    context.addIssue({ code: 'custom', path: ['bucket'], message });
  });

const digest = z.string();

export const bucketDigestsBody = z.strictObject({
  bits: z.int(),
  documents: z.int(),
  buckets: z
    .array(z.strictObject({ bucket: z.int(), documents: z.int(), digest }))
    .describe('The buckets that hold something'),
});
export const bucketEntriesBody = z.strictObject({
  bits: z.int(),
  entries: z.array(
    z.strictObject({ subject: z.string(), version: z.int(), eventsDigest: digest, contentDigest: digest }),
  ),
});

export interface BucketSides {
  /** One scan of what is stored, as it is stored. @throws Failure `overloaded` while the stored copies are behind their events */
  readonly digests: Pick<ComparedSide, 'digests'>;
  /** The entries of some buckets, as of all stored events. */
  readonly entries: Pick<ComparedSide, 'entries'>;
}

/** @param name of what the buckets hold, for example `things` */
export function addBucketRoute(
  app: HttpApp,
  name: string,
  sides: BucketSides,
  path: `/${string}` = `/verification/${name}`,
): void {
  const inBounds = scansAtOnce(`scan ${name}`);
  app.get(
    path,
    {
      config: { policy: 'verification' },
      schema: {
        tags: ['operations'],
        summary: `Digests of all ${name} in buckets, or with bucket= the entries of some buckets`,
        querystring: bucketsQuery,
        response: { 200: z.union([bucketDigestsBody, bucketEntriesBody]) },
      },
    },
    ({ query: { bits, bucket }, signal }) =>
      inBounds(async () => {
        const scan = { signal: AbortSignal.any([app.stopping, signal]) };
        if (bucket) return { bits, entries: [...(await sides.entries.entries(bits, bucket, scan))] };
        const { documents, buckets } = await sides.digests.digests(bits, scan);
        return { bits, documents, buckets: [...buckets].map(([bucket, one]) => ({ bucket, ...one })) };
      }),
  );
}
