// What the services answer about proofs: only what is shown is looked at, so that a newer service may say more.
import { z } from 'zod';

const findingBody = z.looseObject({
  kind: z.string(),
  subject: z.string(),
  copyVersion: z.int().nullable(),
  sourceVersion: z.int().nullable(),
  held: z.string().nullable(),
  repair: z.looseObject({ outcome: z.string(), detail: z.string() }).nullable(),
});

const verificationBody = z.looseObject({
  id: z.string(),
  model: z.string(),
  state: z.enum(['running', 'equal', 'mended', 'different', 'failed']),
  detail: z.string(),
  figures: z.looseObject({
    scannedDocuments: z.int(),
    estimatedDocuments: z.int(),
    buckets: z.int(),
    differingBuckets: z.int(),
    comparedBuckets: z.int(),
    comparedDocuments: z.int(),
    moving: z.int(),
    ofOtherFolds: z.int(),
    mended: z.int(),
    found: z.record(z.string(), z.int()),
  }),
  findings: z.array(findingBody),
});

export const verifyBodies = {
  models: z.looseObject({
    models: z.array(
      z.looseObject({
        name: z.string(),
        source: z.string(),
        equalAt: z.string().nullable(),
        last: z.looseObject({ state: z.string() }).nullable(),
      }),
    ),
  }),
  verification: verificationBody,
} as const;

export type ModelBody = z.output<typeof verifyBodies.models>['models'][number];
export type FindingBody = z.output<typeof findingBody>;
export type VerificationBody = z.output<typeof verificationBody>;
