// The route that shows the events of a user: its own, or with merged=true those of all users who are one with it.
import { storedEventBody } from 'foldline';
import { Failure, subjectOf } from 'foldline/engine';
import {
  afterVersionQuery,
  booleanQuery,
  type EdgeReply,
  type EdgeRequest,
  type HttpApp,
  pageFields,
  pageSchema,
  readPage,
  sendPage,
} from 'foldline/fastify';
import { z } from 'zod';
import { currentUsers, resolveUser } from '../identities/members.ts';
import type { IdentityPorts } from '../identities/merge.ts';
import { cursorOf, mergedEvents, shownBefore } from '../identities/merged-events.ts';
import { presentEvent, userParams } from './user-schemas.ts';

const eventsQuery = z
  .strictObject({
    ...pageFields,
    afterVersion: afterVersionQuery.optional(),
    raw: booleanQuery.optional().describe('`true`: as they are stored, not read as the newest version of their type'),
    merged: booleanQuery.optional().describe('`true`: of all users who are one with this one, by time'),
  })
  .superRefine(({ merged, afterVersion }, context) => {
    const message = 'It does not go with merged, for each user has versions of its own; leave one out.';
    if (merged && afterVersion !== undefined) context.addIssue({ code: 'custom', path: ['afterVersion'], message });
  });
type EventsRequest = EdgeRequest & { readonly query: z.output<typeof eventsQuery> };

export function addUserEvents(app: HttpApp, ports: IdentityPorts): void {
  app.get(
    '/users/:id/events',
    {
      config: { policy: 'read', problems: ['not-found', 'subject-held'] },
      schema: {
        tags: ['users'],
        summary: "Read a user's events in order",
        params: userParams,
        querystring: eventsQuery,
        response: { 200: pageSchema(storedEventBody) },
      },
    },
    async (request, reply) => {
      const subject = subjectOf('user', request.params.id);
      return request.query.merged ? ofAll(subject, request, reply) : ofOne(subject, request, reply);
    },
  );

  async function ofOne(subject: string, request: EventsRequest, reply: EdgeReply) {
    const { raw = false, afterVersion = 0 } = request.query;
    const { limit, after = afterVersion } = readPage(request, 'number');
    const found = await ports.store.read(subject, { afterVersion: after, limit: limit + 1 });
    if (found.length === 0 && !(await ports.store.heads([subject])).has(subject)) throw noSuchUser();
    const events = found.slice(0, limit);
    const next = found.length > limit ? (events.at(-1)?.version ?? null) : null;
    const items = events.map((event) => presentEvent(event, raw));
    return sendPage(reply, request, items, next);
  }

  async function ofAll(subject: string, request: EventsRequest, reply: EdgeReply) {
    const { raw = false } = request.query;
    const { limit, after } = readPage(request, 'string');
    const { members } = await resolveUser(currentUsers(ports), subject, ports.membersMax);
    if (members.length === 0) throw noSuchUser();
    const subjects = members.map(({ _id }) => _id);
    const { events, next } = await mergedEvents(ports.store, shownBefore(subjects, after), limit);
    const items = events.map((event) => presentEvent(event, raw));
    return sendPage(reply, request, items, next ? cursorOf(next) : null);
  }
}

function noSuchUser(): Failure {
  return new Failure('not-found', 'There is no user with this id.');
}
