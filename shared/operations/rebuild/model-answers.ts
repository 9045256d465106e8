// What every service answers about the generations of its models. The routes declare it strictly; the command line for operators
// reads the same declaration leniently.
import { z } from 'zod';
import { instantField } from '../../http/fields.ts';

const backfillBody = z.strictObject({
  from: z.string(),
  unit: z.string().describe('What is counted'),
  done: z.int(),
  of: z.int().nullable().describe('null while nobody knows'),
  aligned: z.int().describe('Documents that one generation took over from the other after the backfill'),
  trouble: z.string().nullable().describe('Why the last try ended'),
});

export const generationBody = z.strictObject({
  name: z.string().describe('The collection'),
  state: z.enum(['live', 'backfilling', 'following']),
  former: z.boolean().describe('It was live before the last switch'),
  since: instantField.nullable(),
  fill: backfillBody.nullable(),
});

const kind = z.enum(['missing', 'extra', 'different', 'behind', 'ahead']);

export const comparisonBody = z.strictObject({
  live: z.string(),
  other: z.string(),
  state: z.enum(['running', 'equal', 'different', 'failed']),
  detail: z.string().describe('Why it failed'),
  startedAt: instantField,
  endedAt: instantField.nullable(),
  documents: z.int(),
  estimated: z.int().describe('About how many there are'),
  moving: z.int().describe('Documents that differed at the first comparison only'),
  found: z.record(kind, z.int()).describe('Of the other generation, as the live one sees it'),
  listed: z
    .array(
      z.strictObject({
        kind,
        subject: z.string(),
        liveVersion: z.int().nullable(),
        otherVersion: z.int().nullable(),
      }),
    )
    .describe('The first findings; `found` counts all of them'),
});

export const modelBody = z.strictObject({
  model: z.string(),
  live: z.string().describe('The collection that is read'),
  revision: z.int(),
  generations: z.array(generationBody),
  sources: z.array(z.string()).describe('The sources of a backfill; the first source is used unless another is named'),
  comparison: comparisonBody.nullable().describe('The last comparison that this process was asked for'),
});

export const switchoverBody = z.strictObject({
  model: z.string(),
  live: z.string(),
  generations: z.array(generationBody),
  stoodStillMs: z.number().describe('How long the process that answers was paused'),
});

export const generationsOfModels = z.strictObject({ models: z.array(modelBody) });
