// What the services answer about their projections: only what is shown is looked at, so that a newer service may say more.
import { z } from 'zod';

const gapBody = z.looseObject({ events: z.int(), isLeast: z.boolean() }).nullable();
const pauseBody = z.looseObject({ since: z.string(), by: z.string(), reason: z.string() }).nullable();

const projectionBody = z.looseObject({
  name: z.string(),
  state: z.string(),
  detail: z.string(),
  pause: pauseBody,
  gap: gapBody,
  lagMs: z.number().nullable(),
  eventsPerSecond: z.number(),
  held: z.int(),
  models: z.array(
    z.looseObject({
      name: z.string(),
      collection: z.string(),
      equalAt: z.string().nullable(),
      lastProof: z.string().nullable(),
    }),
  ),
});

export const statusBodies = {
  projections: z.looseObject({ projections: z.array(projectionBody) }),
  pulled: z.looseObject({ name: z.string(), isChanged: z.boolean(), pause: pauseBody }),
} as const;

export type PauseBody = z.output<typeof pauseBody>;
export type GapBody = z.output<typeof gapBody>;
export type ProjectionBody = z.output<typeof projectionBody>;
export type ProjectedModelBody = ProjectionBody['models'][number];
