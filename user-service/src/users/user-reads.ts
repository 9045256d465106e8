// The routes that read users: current by default, stale and fast by choice, as of a version or a time, and the events themselves.
import type { UserEvent } from '@foldline/shared/contracts';
import {
  Failure,
  readAtLeast,
  readSubject,
  readSubjectAsOf,
  readSubjectAtVersion,
  type StoredDocument,
  type SubjectReading,
  type SubjectSource,
  subjectOf,
  usableBase,
  type VersionWaiters,
} from '@foldline/shared/engine';
import {
  afterVersionQuery,
  applyPreferWait,
  booleanQuery,
  type HttpApp,
  pageFields,
  pageQuery,
  pageSchema,
  readPage,
  sendPage,
  setVersionHeaders,
  timeQuery,
  versionQuery,
} from '@foldline/shared/http';
import { pageOfDocuments } from '@foldline/shared/mongodb';
import type { Collection } from 'mongodb';
import { z } from 'zod';
import { type User, userProjection } from './user.ts';
import { eventBody, presentEvent, presentUser, userBody, userParams } from './user-schemas.ts';

export interface UserReadPorts extends SubjectSource<User, UserEvent> {
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
      const reading =
        atVersion !== undefined
          ? await readAtVersion(subject, atVersion)
          : at !== undefined
            ? await readAsOf(subject, at)
            : await readAtLeast({
                waiters: ports.waiters,
                subject,
                minVersion,
                waitMs: applyPreferWait(request, reply),
                signal: AbortSignal.any([app.stopping, request.signal]),
                read: () => (replay ? readSubject(ports, subject) : readSnapshot(subject)),
                versionOf: ({ document }) => document?.version ?? 0,
              });
      if (!replay && !reading.document)
        throw new Failure(
          'snapshot-not-yet',
          'There is no snapshot of this user yet; leave replay=false out to read the events.',
        );
      const user = presentUser(reading.document, reading.snapshotVersion);
      setVersionHeaders(reply, { version: user.version });
      return user;
    },
  );

  app.get(
    '/users',
    {
      config: { policy: 'read' },
      schema: {
        tags,
        summary: 'List users, from snapshots',
        querystring: pageQuery,
        response: { 200: pageSchema(userBody) },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const { documents, next } = await pageOfDocuments(ports.snapshots, { state: 'active' }, { after, limit });
      return sendPage(
        reply,
        request,
        documents.map((document) => presentUser(document, document.version)),
        next,
      );
    },
  );

  app.get(
    '/users/:id/events',
    {
      config: { policy: 'read', problems: ['not-found'] },
      schema: {
        tags,
        summary: "Read a user's events in order",
        params: userParams,
        querystring: z.strictObject({
          ...pageFields,
          afterVersion: afterVersionQuery.optional(),
          raw: booleanQuery.optional(),
        }),
        response: { 200: pageSchema(eventBody) },
      },
    },
    async (request, reply) => {
      const { raw = false, afterVersion = 0 } = request.query;
      const { limit, after = afterVersion } = readPage(request, 'number');
      const subject = subjectOf('user', request.params.id);
      const found = await ports.store.read(subject, { afterVersion: after, limit: limit + 1 });
      if (found.length === 0 && !(await ports.store.heads([subject])).has(subject))
        throw new Failure('not-found', 'There is no user with this id.');
      const events = found.slice(0, limit);
      const next = found.length > limit ? (events.at(-1)?.version ?? null) : null;
      return sendPage(
        reply,
        request,
        events.map((event) => presentEvent(event, raw)),
        next,
      );
    },
  );

  async function readSnapshot(subject: string): Promise<SubjectReading> {
    const document = usableBase(userProjection, (await ports.documents.read([subject])).get(subject));
    return { document, snapshotVersion: document?.version ?? 0, replayedEvents: 0, stop: undefined };
  }

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
