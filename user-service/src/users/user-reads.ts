// The routes that read users: current by default, stale and fast by choice, as of a version or a time. Who was merged into
// another is answered by that one; as of a version or a time each user is as it was by itself.

import { readAtLeast, type VersionWaiters } from 'foldline';
import {
  Failure,
  type ProjectedDocument,
  readSubjectAsOf,
  readSubjectAtVersion,
  type StoredDocument,
  type SubjectReading,
  subjectOf,
} from 'foldline/engine';
import {
  applyPreferWait,
  booleanQuery,
  type HttpApp,
  pageQuery,
  pageSchema,
  readPage,
  sendPage,
  setVersionHeaders,
  timeQuery,
  versionQuery,
} from 'foldline/fastify';
import { pageOfDocuments } from 'foldline/mongodb';
import type { Collection } from 'mongodb';
import { z } from 'zod';
import { currentUsers, membersOf, type Resolved, resolveUser, userSnapshots } from '../identities/members.ts';
import type { IdentityPorts } from '../identities/merge.ts';
import { presentUser, userBody, userParams } from './user-schemas.ts';

interface UserReadPorts extends IdentityPorts {
  readonly snapshots: Collection<StoredDocument>;
  readonly waiters: VersionWaiters;
}

const readQuery = z
  .strictObject({
    replay: booleanQuery.optional().describe('`false`: the snapshot as it stands, without later events'),
    minVersion: versionQuery.optional().describe('Answer at this version or later'),
    atVersion: versionQuery.optional().describe('As of this version'),
    at: timeQuery.optional().describe('As of this time'),
  })
  .superRefine((query, context) => {
    const past = query.atVersion !== undefined ? 'atVersion' : query.at !== undefined ? 'at' : undefined;
    const other = (['replay', 'minVersion'] as const).find((name) => query[name] !== undefined);
    if (past && other)
      context.addIssue({ code: 'custom', path: [other], message: `It does not go with ${past}; leave one out.` });
    if (query.atVersion !== undefined && query.at !== undefined)
      context.addIssue({ code: 'custom', path: ['at'], message: 'It does not go with atVersion; leave one out.' });
  });

export function addUserReads(app: HttpApp, ports: UserReadPorts): void {
  const tags = ['users'];
  const { membersMax } = ports;
  const now = currentUsers(ports);
  const snapshots = userSnapshots(ports.documents);

  app.get(
    '/users/:id',
    {
      config: {
        policy: 'read',
        problems: ['not-found', 'snapshot-not-yet', 'deleted', 'version-not-yet', 'subject-held'],
      },
      schema: { tags, summary: 'Read a user', params: userParams, querystring: readQuery, response: { 200: userBody } },
    },
    async (request, reply) => {
      const { replay = true, minVersion, atVersion, at } = request.query;
      const subject = subjectOf('user', request.params.id);
      const { self, survivor, members } =
        atVersion !== undefined
          ? alone(await readAtVersion(subject, atVersion))
          : at !== undefined
            ? alone(await readAsOf(subject, at))
            : await readAtLeast({
                waiters: ports.waiters,
                subject,
                minVersion,
                waitMs: applyPreferWait(request, reply),
                signal: AbortSignal.any([app.stopping, request.signal]),
                aside: (wait) => request.waitAside(wait),
                read: () => resolveUser(replay ? now : snapshots, subject, membersMax),
                versionOf: (resolved) => resolved.self.document?.version ?? 0,
              });
      if (!replay && !self.document)
        throw new Failure(
          'snapshot-not-yet',
          'There is no snapshot of this user yet; leave replay=false out to read the events.',
        );
      const user = presentUser(survivor.document, survivor.snapshotVersion, members);
      setVersionHeaders(reply, { version: user.version });
      if (user.id !== request.params.id) reply.header('Content-Location', `/users/${user.id}`);
      return user;
    },
  );

  app.get(
    '/users',
    {
      config: { policy: 'read' },
      schema: {
        tags,
        summary: 'List users, from snapshots, without those who were merged into others',
        querystring: pageQuery,
        response: { 200: pageSchema(userBody) },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const there = { state: 'active', mergedInto: null };
      const { documents, next } = await pageOfDocuments(ports.snapshots, there, { after, limit });
      const members = await membersOf(snapshots, documents, membersMax);
      const present = (document: ProjectedDocument) =>
        presentUser(document, document.version, members.get(document._id));
      return sendPage(reply, request, documents.map(present), next);
    },
  );

  async function readAtVersion(subject: string, version: number): Promise<SubjectReading> {
    const reading = await readSubjectAtVersion(ports, subject, version);
    if (reading) return reading;
    const currentVersion = (await ports.store.heads([subject])).get(subject);
    if (currentVersion === undefined) throw new Failure('not-found', 'There is no user with this id.');
    throw new Failure('not-found', `This user has no version ${version}; the last one is ${currentVersion}.`, {
      currentVersion,
    });
  }

  async function readAsOf(subject: string, instant: Date): Promise<SubjectReading> {
    const reading = await readSubjectAsOf(ports, subject, instant);
    if (!reading.document)
      throw new Failure('not-found', `There was no user with this id at ${instant.toISOString()}.`);
    return reading;
  }
}

function alone(reading: SubjectReading): Resolved {
  return { self: reading, survivor: reading, members: [] };
}
