// The routes by which operators see how far each projection of a service is, pause a projection and resume it.
import { z } from 'zod';
import { Failure } from '../../engine/index.ts';
import { type HttpApp, reasonField, withoutAddresses } from '../../http/index.ts';
import { pulledBody, statusOfProjections } from './projection-answers.ts';
import type { Gap, Pause, ProjectionStatus } from './projection-ports.ts';
import type { RunningProjection } from './projection-status.ts';

const gapOf = (gap: Gap | undefined) => gap ?? null;
const pauseOf = (pause: Pause | undefined) => pause ?? null;

function presentStatus({ detail, pause, gap, lagMs, held, sources, models, ...rest }: ProjectionStatus) {
  return {
    ...rest,
    detail: withoutAddresses(detail),
    pause: pauseOf(pause),
    gap: gapOf(gap),
    lagMs: lagMs ?? null,
    held: held ?? null,
    sources: sources.map((one) => ({ ...one, detail: withoutAddresses(one.detail), gap: gapOf(one.gap) })),
    models: models.map(({ equalAt, doubt, last, ...one }) => ({
      ...one,
      equalAt: equalAt ?? null,
      doubt: doubt ?? null,
      lastVerification: last ?? null,
    })),
  };
}

const nameParams = z.strictObject({ name: z.string().min(1).max(100) });

const wantedBody = z.strictObject({ reason: reasonField.optional() }).nullish();

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
        summary: 'The projections of this service, each with its gap and lag',
        response: { 200: statusOfProjections },
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
        summary: 'Pause a projection in every process, across restarts, until it is resumed',
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
        summary: 'Resume a paused projection where it stopped',
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
