// What a service answers about the generations of its models: only what is shown is looked at, so that a newer one may say more.
import { z } from 'zod';

const generationBody = z.looseObject({
  name: z.string(),
  state: z.enum(['live', 'filling', 'following']),
  former: z.boolean(),
  fill: z
    .looseObject({
      from: z.string(),
      unit: z.string(),
      done: z.int(),
      of: z.int().nullable(),
      levelled: z.int(),
      trouble: z.string().nullable(),
    })
    .nullable(),
});

const comparisonBody = z.looseObject({
  live: z.string(),
  other: z.string(),
  state: z.enum(['running', 'equal', 'different', 'failed']),
  detail: z.string(),
  startedAt: z.string(),
  documents: z.int(),
  estimated: z.int(),
  moving: z.int(),
  found: z.record(z.string(), z.int()),
  listed: z.array(
    z.looseObject({
      kind: z.string(),
      subject: z.string(),
      liveVersion: z.int().nullable(),
      otherVersion: z.int().nullable(),
    }),
  ),
});

const modelBody = z.looseObject({
  model: z.string(),
  live: z.string(),
  generations: z.array(generationBody),
  sources: z.array(z.string()),
  comparison: comparisonBody.nullable(),
});

export const rebuildBodies = {
  models: z.looseObject({ models: z.array(modelBody) }),
  moved: z.looseObject({
    model: z.string(),
    live: z.string(),
    generations: z.array(generationBody),
    stoodStillMs: z.number(),
  }),
  comparison: comparisonBody,
} as const;

export type GenerationBody = z.output<typeof generationBody>;
export type RebuiltModelBody = z.output<typeof modelBody>;
export type MovedBody = z.output<typeof rebuildBodies.moved>;
export type ComparisonBody = z.output<typeof comparisonBody>;
