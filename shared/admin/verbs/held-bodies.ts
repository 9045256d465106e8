// What the services answer about held subjects: only what is shown is looked at, so that a newer service may say more.
import { z } from 'zod';

const heldBody = z.looseObject({
  key: z.string(),
  kind: z.enum(['subject', 'place']),
  reason: z.string(),
  detail: z.string(),
  appliedVersion: z.int(),
  seenVersion: z.int(),
  since: z.string(),
  attempts: z.int(),
});
const documentBody = z.looseObject({ _id: z.string(), version: z.int() });
const retriedBody = z.looseObject({
  key: z.string(),
  outcome: z.string(),
  detail: z.string(),
  held: heldBody.nullable(),
});

export const bodies = {
  list: z.looseObject({ items: z.array(heldBody), nextCursor: z.string().nullable() }),
  shown: z.looseObject({
    held: heldBody,
    document: documentBody.nullable(),
    next: z.looseObject({ document: documentBody.nullable() }).nullable(),
    detail: z.string(),
  }),
  retried: retriedBody,
  retriedPage: z.looseObject({ items: z.array(retriedBody), nextCursor: z.string().nullable(), left: z.int() }),
} as const;

export type HeldBody = z.output<typeof heldBody>;
export type ShownBody = z.output<typeof bodies.shown>;
export type RetriedBody = z.output<typeof retriedBody>;
