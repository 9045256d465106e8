// What an operator asks about the generations of a service's models: which is live and what stands beside it, and the steps of a
// rebuild. Each step is decided by what all processes agree on, so any of them may be asked; a comparison is the process's own.
import { z } from 'zod';
import { type HttpApp, instantField } from '../../http/index.ts';
import type { Comparison } from './compare.ts';
import type { ModelRecord } from './model-record.ts';
import type { Moved } from './move.ts';
import type { KnownModel, Rebuilds } from './rebuilds.ts';

const fillBody = z.strictObject({
  from: z.string(),
  unit: z.string().describe('What is counted'),
  done: z.int(),
  of: z.int().nullable().describe('null while nobody knows'),
  levelled: z.int().describe('Documents that one generation took over from the other behind the fill'),
  trouble: z.string().nullable().describe('Why the last try ended'),
});

const generationBody = z.strictObject({
  name: z.string().describe('The collection'),
  state: z.enum(['live', 'filling', 'following']),
  former: z.boolean().describe('It was live before the last switch'),
  since: instantField.nullable(),
  fill: fillBody.nullable(),
});

const kind = z.enum(['missing', 'extra', 'different', 'behind', 'ahead']);

const comparisonBody = z.strictObject({
  live: z.string(),
  other: z.string(),
  state: z.enum(['running', 'equal', 'different', 'failed']),
  detail: z.string().describe('Why it failed'),
  startedAt: instantField,
  endedAt: instantField.nullable(),
  documents: z.int(),
  estimated: z.int().describe('About how many there are'),
  moving: z.int().describe('What differed at the first look only'),
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
    .describe('The first ones; `found` counts all'),
});

const modelBody = z.strictObject({
  model: z.string(),
  live: z.string().describe('The collection that is read'),
  revision: z.int(),
  generations: z.array(generationBody),
  sources: z.array(z.string()).describe('What it can be filled from; the first one unless another is named'),
  comparison: comparisonBody.nullable().describe('The last one that this process was asked for'),
});

const movedBody = z.strictObject({
  model: z.string(),
  live: z.string(),
  generations: z.array(generationBody),
  stoodStillMs: z.number().describe('How long the process that was asked stood still'),
});

function presentGenerations({ live, other }: ModelRecord): z.output<typeof generationBody>[] {
  const shown = { name: live, state: 'live' as const, former: false, since: null, fill: null };
  if (!other) return [shown];
  const { name, state, former, since, fill } = other;
  if (!fill) return [shown, { name, state, former, since, fill: null }];
  const { from, unit, done, of = null, levelled, trouble = null } = fill;
  return [shown, { name, state, former, since, fill: { from, unit, done, of, levelled, trouble } }];
}

function presentComparison({ model: _, endedAt, listed, ...rest }: Comparison): z.output<typeof comparisonBody> {
  return {
    ...rest,
    endedAt: endedAt ?? null,
    listed: listed.map(({ liveVersion, otherVersion, ...one }) => ({
      ...one,
      ...{ liveVersion: liveVersion ?? null, otherVersion: otherVersion ?? null },
    })),
  };
}

function presentModel({ record, sources, comparison }: KnownModel): z.output<typeof modelBody> {
  const { model, live, revision } = record;
  const generations = presentGenerations(record);
  return {
    ...{ model, live, revision, generations, sources: [...sources] },
    comparison: comparison ? presentComparison(comparison) : null,
  };
}

function presentMoved({ record, stoodStillMs }: Moved): z.output<typeof movedBody> {
  return { model: record.model, live: record.live, generations: presentGenerations(record), stoodStillMs };
}

const params = z.strictObject({ model: z.string().min(1).max(100) });
const steps = {
  switch: 'Make the generation that follows the live one',
  rollback: 'Make the former generation live again',
  discard: 'End the generation that is not live, and drop its collection',
} as const;

/** Adds `/admin/models` and what is below it. */
export function addModelRoutes(app: HttpApp, rebuilds: Rebuilds): void {
  const tags = ['operations'];
  const config = { policy: 'admin', problems: ['not-found', 'rebuild-refused', 'pause-not-agreed'] } as const;

  app.get(
    '/admin/models',
    {
      config: { policy: 'admin' },
      schema: {
        tags,
        summary: 'The models, each with the generation that is live and the one beside it',
        response: { 200: z.strictObject({ models: z.array(modelBody) }) },
      },
    },
    async () => ({ models: (await rebuilds.models()).map(presentModel) }),
  );

  app.post(
    '/admin/models/:model/rebuild',
    {
      config,
      schema: {
        tags,
        summary: 'Begin a new generation beside the live one; it is filled after the answer',
        params,
        body: z.strictObject({ from: z.string().min(1).max(100).optional().describe('One of the sources') }),
        response: { 202: movedBody },
      },
    },
    async (request, reply) =>
      reply.code(202).send(presentMoved(await rebuilds.start(request.params.model, request.body.from))),
  );

  for (const step of ['switch', 'rollback', 'discard'] as const) {
    app.post(
      `/admin/models/:model/${step}`,
      {
        config,
        schema: {
          tags,
          summary: steps[step],
          params,
          body: z.strictObject({ generation: z.string().min(1).max(100).optional().describe('The one that is meant') }),
          response: { 200: movedBody },
        },
      },
      async (request) => presentMoved(await rebuilds[step](request.params.model, request.body.generation)),
    );
  }

  app.post(
    '/admin/models/:model/compare',
    {
      config: { policy: 'admin', problems: ['not-found', 'rebuild-refused'] },
      schema: {
        tags,
        summary: 'Begin to hold the other generation against the live one; `GET /admin/models` shows how far it is',
        params,
        body: z.strictObject({}),
        response: { 202: comparisonBody },
      },
    },
    async (request, reply) => reply.code(202).send(presentComparison(rebuilds.compare(request.params.model))),
  );
}
