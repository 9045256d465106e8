// What an operator asks about the projections of a service, and does to them: how far each is behind; have it stand still, and go on.
import { z } from 'zod';
import { Failure } from '../../engine/index.ts';
import { type HttpApp, instantField, reasonField, withoutAddresses } from '../../http/index.ts';
import type { Gap, Pause, ProjectionStatus } from './lever-ports.ts';
import type { RunningProjection } from './projection-status.ts';

const gapBody = z
  .strictObject({ events: z.int(), isLeast: z.boolean().describe('Counting stopped at its bound: there may be more') })
  .nullable()
  .describe('Events that are stored and not folded; null when they could not be counted');

const pauseBody = z.strictObject({ since: instantField, by: z.string(), reason: z.string() }).nullable();

const statusBody = z.strictObject({
  name: z.string(),
  state: z.enum(['running', 'paused', 'resyncing', 'stalled', 'rebuilding', 'behind', 'unknown']),
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
      state: z.enum(['caught-up', 'behind', 'stalled', 'paused', 'unknown']),
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

const nameParams = z.strictObject({ name: z.string().min(1).max(100) });

const wantedBody = z.strictObject({ reason: reasonField.optional() }).nullish();

const pulledBody = z.strictObject({
  name: z.string(),
  isChanged: z.boolean().describe('Whether it was otherwise before'),
  pause: pauseBody,
});

/** Adds `/admin/projections` and what is below it. */
export function addProjectionRoutes(app: HttpApp, projections: readonly RunningProjection[]): void {
  const tags = ['operations'];

  function named(name: string): RunningProjection {
    const found = projections.find((one) => one.name === name);
    if (found) return found;
    const names = projections.map((one) => one.name).join(', ');
    throw new Failure('not-found', `There is no projection ${name} here. There are: ${names}.`);
  }

  app.get(
    '/admin/projections',
    {
      config: { policy: 'admin' },
      schema: {
        tags,
        summary: 'The projections of this service, and how far each is behind',
        response: { 200: z.strictObject({ projections: z.array(statusBody) }) },
      },
    },
    async () => ({ projections: (await Promise.all(projections.map((one) => one.status()))).map(presentStatus) }),
  );

  app.post(
    '/admin/projections/:name/pause',
    {
      config: { policy: 'admin', problems: ['not-found'] },
      schema: {
        tags,
        summary: 'Have a projection stand still in every process, over restarts, until it is resumed',
        params: nameParams,
        body: wantedBody,
        response: { 200: pulledBody },
      },
    },
    async (request) => {
      const projection = named(request.params.name);
      const { pause, isChanged } = await projection.pause(request.principal.name, request.body?.reason ?? '');
      return { name: projection.name, isChanged, pause: pauseOf(pause) };
    },
  );

  app.post(
    '/admin/projections/:name/resume',
    {
      config: { policy: 'admin', problems: ['not-found'] },
      schema: {
        tags,
        summary: 'Have a paused projection go on from where it stood',
        params: nameParams,
        response: { 200: pulledBody },
      },
    },
    async (request) => {
      const projection = named(request.params.name);
      const { pause, isChanged } = await projection.resume();
      return { name: projection.name, isChanged, pause: pauseOf(pause) };
    },
  );
}
