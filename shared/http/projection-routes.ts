// What an operator asks about the projections of a service: how far each is behind, and what it stands still for.
import { z } from 'zod';
import type { Gap, Pause, ProjectionStatus, RunningProjection } from '../engine/index.ts';
import type { HttpApp } from './app.ts';
import { instantField } from './fields.ts';
import { withoutAddresses } from './logging.ts';

const gapBody = z
  .strictObject({ events: z.int(), isLeast: z.boolean().describe('Counting stopped at its bound: there may be more') })
  .nullable()
  .describe('Events that are stored and not folded; null when they could not be counted');

const pauseBody = z.strictObject({ since: instantField, by: z.string(), reason: z.string() }).nullable();

const statusBody = z.strictObject({
  name: z.string(),
  state: z.enum(['running', 'paused', 'resyncing', 'stalled', 'behind', 'unknown']),
  detail: z.string().describe('Why it is in that state'),
  pause: pauseBody,
  gap: gapBody,
  lagMs: z
    .int()
    .nullable()
    .describe('How long the oldest event that waits in this process has waited; null when that is not known'),
  eventsPerSecond: z.number().describe('Events that this process folded in a second, over the last few'),
  held: z.int().describe('Subjects, and places in topics, that are held'),
  sources: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(['caught-up', 'behind', 'stalled', 'unknown']),
      detail: z.string(),
      countedBy: z
        .enum(['offsets', 'documents'])
        .describe('`offsets`: against the ends of the topic; `documents`: newest events without their documents'),
      gap: gapBody,
    }),
  ),
  models: z.array(
    z.strictObject({
      name: z.string(),
      collection: z.string().describe('The one that is read now'),
      equalAt: instantField.nullable().describe('When it was last proved equal, since this process began'),
      lastProof: z.string().nullable().describe('How its last verification ended'),
    }),
  ),
});

const gapOf = (gap: Gap | undefined) => gap ?? null;
const pauseOf = (pause: Pause | undefined) => pause ?? null;

function presentStatus({ detail, pause, gap, lagMs, sources, models, ...rest }: ProjectionStatus) {
  return {
    ...{ ...rest, detail: withoutAddresses(detail), pause: pauseOf(pause), gap: gapOf(gap), lagMs: lagMs ?? null },
    sources: sources.map((one) => ({ ...one, detail: withoutAddresses(one.detail), gap: gapOf(one.gap) })),
    models: models.map(({ equalAt, last, ...one }) => ({
      ...one,
      equalAt: equalAt ?? null,
      lastProof: last ?? null,
    })),
  };
}

/** Adds `/admin/projections` and what is below it. */
export function addProjectionRoutes(app: HttpApp, projections: readonly RunningProjection[]): void {
  app.get(
    '/admin/projections',
    {
      config: { policy: 'admin' },
      schema: {
        tags: ['operations'],
        summary: 'The projections of this service, and how far each is behind',
        response: { 200: z.strictObject({ projections: z.array(statusBody) }) },
      },
    },
    async () => ({ projections: (await Promise.all(projections.map((one) => one.status()))).map(presentStatus) }),
  );
}
