// The routes by which operators see the generations of a service's models and take the steps of a rebuild. Each step is decided by the
// records that all processes share, so any process may be asked; a comparison belongs to the process that was asked.
import { z } from 'zod';
import type { HttpApp } from '../../http/index.ts';
import type { DifferenceKind } from '../verification/compare.ts';
import type { Comparison } from './compare.ts';
import {
  comparisonBody,
  type generationBody,
  generationsOfModels,
  type modelBody,
  switchoverBody,
} from './model-answers.ts';
import type { ModelRecord } from './model-record.ts';
import type { KnownModel, Rebuilds } from './rebuilds.ts';
import type { SwitchoverResult } from './switchover.ts';

function presentGenerations({ live, other }: ModelRecord): z.output<typeof generationBody>[] {
  const shown = { name: live, state: 'live' as const, former: false, since: null, fill: null };
  if (!other) return [shown];
  const { name, state, former, since, backfill } = other;
  if (!backfill) return [shown, { name, state, former, since, fill: null }];
  const { from, unit, done, of = null, aligned, trouble = null } = backfill;
  return [shown, { name, state, former, since, fill: { from, unit, done, of, aligned, trouble } }];
}

/** A `forked` difference between generations, which only a change by hand can cause, is shown as `different`. */
const kindShown = (kind: DifferenceKind) => (kind === 'forked' ? 'different' : kind);

function presentComparison(comparison: Comparison): z.output<typeof comparisonBody> {
  const { live, other, state, detail, startedAt, endedAt, figures, findings } = comparison;
  const { forked, different, ...found } = figures.found;
  return {
    live,
    other,
    // A comparison repairs nothing, so it never shows `repaired`.
    state: state === 'repaired' ? 'equal' : state,
    detail,
    startedAt,
    endedAt: endedAt ?? null,
    documents: figures.comparedDocuments,
    estimated: figures.estimatedDocuments,
    moving: figures.moving,
    found: { ...found, different: different + forked },
    listed: findings.map(({ kind, subject, sourceVersion, copyVersion }) => ({
      kind: kindShown(kind),
      subject,
      liveVersion: sourceVersion ?? null,
      otherVersion: copyVersion ?? null,
    })),
  };
}

function presentModel({ record, sources, comparison }: KnownModel): z.output<typeof modelBody> {
  const { model, live, revision } = record;
  const generations = presentGenerations(record);
  return {
    model,
    live,
    revision,
    generations,
    sources: [...sources],
    comparison: comparison ? presentComparison(comparison) : null,
  };
}

function presentSwitchover({ record, stoodStillMs }: SwitchoverResult): z.output<typeof switchoverBody> {
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
        response: { 200: generationsOfModels },
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
        response: { 202: switchoverBody },
      },
    },
    async (request, reply) =>
      reply.code(202).send(presentSwitchover(await rebuilds.start(request.params.model, request.body.from))),
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
          response: { 200: switchoverBody },
        },
      },
      async (request) => presentSwitchover(await rebuilds[step](request.params.model, request.body.generation)),
    );
  }

  app.post(
    '/admin/models/:model/compare',
    {
      config: { policy: 'admin', problems: ['not-found', 'rebuild-refused'] },
      schema: {
        tags,
        summary: 'Begin to compare the other generation with the live one; `GET /admin/models` shows the progress',
        params,
        body: z.strictObject({}),
        response: { 202: comparisonBody },
      },
    },
    async (request, reply) => reply.code(202).send(presentComparison(rebuilds.compare(request.params.model))),
  );
}
