// What every service answers about verifications. The routes declare it strictly; the command line for operators reads the same
// declaration leniently.
import { z } from 'zod';
import { instantField } from '../../http/fields.ts';

const kind = z.enum(['missing', 'extra', 'behind', 'ahead', 'forked', 'different']);

const findingBody = z.strictObject({
  kind,
  subject: z.string(),
  copyVersion: z.int().nullable(),
  sourceVersion: z.int().nullable(),
  held: z.string().nullable().describe('Why the subject is held here; null when it is not held'),
  repair: z
    .strictObject({ outcome: z.enum(['repaired', 'held', 'left']), detail: z.string() })
    .nullable()
    .describe('null unless a repair was asked for'),
});

export const verificationBody = z.strictObject({
  id: z.string(),
  model: z.string(),
  repair: z.boolean(),
  state: z.enum(['running', 'equal', 'repaired', 'different', 'failed']),
  detail: z.string().describe('Why it failed'),
  startedAt: instantField,
  endedAt: instantField.nullable(),
  figures: z.strictObject({
    scannedDocuments: z.int(),
    estimatedDocuments: z.int().describe('The estimated number of documents to scan on both sides'),
    buckets: z.int(),
    differingBuckets: z.int(),
    comparedBuckets: z.int().describe('Of the differing ones'),
    comparedDocuments: z.int().describe('Subjects that were compared one by one'),
    moving: z
      .int()
      .describe('Documents that differed at the first comparison, and no longer or differently at the second'),
    ofOtherFolds: z.int().describe('Documents of another fold, which need a rebuild and were not compared'),
    repaired: z.int(),
    found: z.record(kind, z.int()),
  }),
  findings: z.array(findingBody).describe('The first findings; the figures count all of them'),
});

export const verifiedModelBody = z.strictObject({
  name: z.string(),
  source: z.string().describe('What it is held against'),
  equalAt: instantField.nullable().describe('When its live collection was last verified equal'),
  doubt: z
    .strictObject({ reason: z.string(), since: instantField })
    .nullable()
    .describe('Why it may lack something; null when it was verified equal since'),
  last: verificationBody.nullable(),
});

export const verifiedModels = z.strictObject({ models: z.array(verifiedModelBody) });
