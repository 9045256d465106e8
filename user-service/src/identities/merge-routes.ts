// The routes of merges: a preview, the merge of two users, its retraction, and the log of merges.
import { Failure, idOf, type ProjectedDocument } from 'foldline/engine';
import {
  booleanQuery,
  commandContext,
  type HttpApp,
  idParams,
  ifMatchAllows,
  noContent,
  pageQuery,
  pageSchema,
  readPage,
  sendPage,
  setVersionHeaders,
} from 'foldline/fastify';
import { z } from 'zod';
import { fieldsOf, userFields } from '../users/user-schemas.ts';
import { mergeBody, mergePreviewBody, newMergeBody } from './identity-schemas.ts';
import { type IdentityPorts, mergeIdentities, retractMerge, type Sides, sidesOf } from './merge.ts';
import type { IdentityMerge, MergeLog } from './merge-log.ts';

export function previewOf({ survivor, absorbed }: Sides): z.output<typeof mergePreviewBody> {
  const members = [...survivor.members, ...absorbed.members];
  const { winners, alternatives } = fieldsOf(members);
  const before = fieldsOf(survivor.members).alternatives;
  const conflicts = userFields.flatMap((field) =>
    (alternatives[field] ?? [])
      .filter((loser) => !before[field]?.includes(loser))
      .map((loser) => ({ field, winner: winners[field], loser })),
  );
  const idIn = (side: Sides['survivor']) => idOf(side.survivor.document?._id ?? '');
  return {
    survivorId: idIn(survivor),
    absorbedId: idIn(absorbed),
    members: members.map(({ _id }) => idOf(_id)),
    events: { survivor: eventsOf(survivor.members), absorbed: eventsOf(absorbed.members) },
    conflicts,
  };
}

/** Versions have no gaps, so the last one counts the events. */
function eventsOf(members: readonly ProjectedDocument[]): number {
  return members.reduce((sum, { version }) => sum + version, 0);
}

export function addMergeRoutes(app: HttpApp, ports: IdentityPorts, log: MergeLog): void {
  const tags = ['identity merges'];

  app.post(
    '/identity-merges',
    {
      config: {
        policy: 'admin',
        keyed: true,
        problems: ['not-found', 'deleted', 'already-merged', 'merge-too-large', 'version-conflict', 'subject-held'],
      },
      schema: {
        tags,
        summary: 'Merge two users; with dryRun=true only show what would become of them',
        body: newMergeBody,
        querystring: z.strictObject({ dryRun: booleanQuery.optional().describe('`true`: nothing is written') }),
        response: { 201: mergeBody, 200: mergePreviewBody },
      },
    },
    async (request, reply) => {
      const { causation, keyed } = commandContext(request);
      if (request.query.dryRun) return reply.code(200).send(previewOf(await sidesOf(ports, request.body)));
      const { merge, replayed } = await mergeIdentities(ports, request.body, { causation, request: keyed });
      setVersionHeaders(reply, { version: merge.version, location: `/identity-merges/${merge.id}`, replayed });
      return reply.code(201).send(merge);
    },
  );

  app.delete(
    '/identity-merges/:id',
    {
      config: {
        policy: 'admin',
        keyed: true,
        problems: ['not-found', 'deleted', 'version-conflict', 'if-match-failed', 'subject-held'],
      },
      schema: { tags, summary: 'Take a merge back', params: idParams, response: { 204: noContent } },
    },
    async (request, reply) => {
      const { causation, ifMatch, keyed } = commandContext(request);
      const { document, replayed } = await retractMerge(ports, await find(request.params.id), {
        causation,
        request: keyed,
        allows: ifMatch === null ? undefined : (version) => ifMatchAllows(ifMatch, version),
      });
      setVersionHeaders(reply, { version: document.version, replayed });
      return reply.code(204).send();
    },
  );

  app.get(
    '/identity-merges/:id',
    {
      config: { policy: 'read', versioned: true, problems: ['not-found'] },
      schema: { tags, summary: 'Read a merge', params: idParams, response: { 200: mergeBody } },
    },
    async (request, reply) => {
      const merge = await find(request.params.id);
      setVersionHeaders(reply, { version: merge.version });
      return merge;
    },
  );

  app.get(
    '/identity-merges',
    {
      config: { policy: 'read' },
      schema: { tags, summary: 'List merges', querystring: pageQuery, response: { 200: pageSchema(mergeBody) } },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const found = await log.page(after, limit + 1);
      const merges = found.slice(0, limit);
      return sendPage(reply, request, merges, found.length > limit ? (merges.at(-1)?.id ?? null) : null);
    },
  );

  async function find(id: string): Promise<IdentityMerge> {
    const merge = await log.find(id);
    if (!merge) throw new Failure('not-found', 'There is no merge with this id.');
    return merge;
  }
}
