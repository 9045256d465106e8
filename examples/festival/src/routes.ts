// The festival over HTTP: commands for events and teams, and an event with its teams.

import {
  addChangeRoute,
  addCreateRoute,
  addCurrentReadRoute,
  addRemoveRoute,
  type OpenModel,
  type ReadModelDocument,
  readFields,
} from 'foldline';
import { type CommandPorts, Failure, idOf, type ProjectedDocument, readSubject, subjectOf } from 'foldline/engine';
import {
  type HttpApp,
  idParams,
  lowerCaseUuid,
  nameField,
  pageFields,
  pageSchema,
  readPage,
  sendPage,
  setVersionHeaders,
  titleField,
} from 'foldline/fastify';
import { pageOfDocuments } from 'foldline/mongodb';
import { z } from 'zod';
import type { TeamEventFact, TeamFact } from './contracts.ts';
import { type Team, teamDecider, teamsOf } from './team.ts';
import { type TeamEvent, teamEventDecider } from './team-event.ts';

const state = z.enum(['available', 'deleted', 'none']);
const eventBody = z.strictObject({ id: z.string(), state, version: z.int(), title: z.string() });
const teamBody = z.strictObject({ id: z.string(), state, version: z.int(), name: z.string(), eventId: z.string() });

interface EventRoutePorts {
  readonly commands: CommandPorts<TeamEvent, TeamEventFact>;
  readonly events: OpenModel;
  readonly teams: OpenModel;
  readonly read: ReadModelDocument;
}

export function addEventRoutes(app: HttpApp, { commands, events, teams, read }: EventRoutePorts): void {
  const resource = { plural: 'events', commands, decider: teamEventDecider, body: eventBody, present: presentEvent };
  addCreateRoute(app, resource, {
    summary: 'Create an event',
    fields: z.object({ title: titleField }),
    command: ({ title }) => ({ kind: 'create', title }) as const,
  });
  addRemoveRoute(app, resource, { summary: 'Delete an event, and with it its teams', command: { kind: 'delete' } });
  app.get(
    '/events/:id',
    {
      config: { policy: 'read', problems: ['not-found', 'version-not-yet'] },
      schema: {
        tags: ['events'],
        params: idParams,
        summary: 'Read an event with a page of its teams',
        querystring: z.strictObject({ ...readFields, ...pageFields }),
        response: { 200: eventBody.extend({ teams: pageSchema(teamBody) }) },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const { document } = await read(events, request, reply);
      setVersionHeaders(reply, { version: document.version });
      const { documents, next } = await pageOfDocuments(teams.collection, teamsOf(request.params.id), { after, limit });
      return {
        ...presentEvent(document as ProjectedDocument),
        teams: sendPage(reply, request, documents.map(presentTeam), next),
      };
    },
  );
}

interface TeamRoutePorts {
  readonly events: CommandPorts<TeamEvent, TeamEventFact>;
  readonly teams: CommandPorts<Team, TeamFact>;
}

export function addTeamRoutes(app: HttpApp, { events, teams: commands }: TeamRoutePorts): void {
  const resource = { plural: 'teams', commands, decider: teamDecider, body: teamBody, present: presentTeam };
  const fields = z.object({ name: nameField, eventId: lowerCaseUuid });
  /** The check may be late by design: an event that is deleted at the same moment is the saga's case. */
  const precondition = async ({ eventId }: { eventId?: string | undefined }) => {
    if (eventId === undefined) return;
    const { document } = await readSubject(events, subjectOf('team-event', eventId));
    if (document?.state === 'available') return;
    const detail = document ? 'names an event that was deleted' : 'names an event that does not exist';
    throw new Failure('reference-unknown', `eventId ${detail}.`, { errors: [{ pointer: '/eventId', detail }] });
  };
  addCreateRoute(app, resource, {
    summary: 'Create a team in an event',
    fields,
    refers: true,
    precondition,
    command: ({ name, eventId: teamEventId }) => ({ kind: 'create', name, teamEventId }) as const,
  });
  addChangeRoute(app, resource, {
    summary: 'Rename a team, or move it to another event',
    fields: fields.partial(),
    refers: true,
    precondition,
    command: ({ name, eventId: teamEventId }) => ({ kind: 'change', name, teamEventId }) as const,
  });
  addRemoveRoute(app, resource, { summary: 'Delete a team', command: { kind: 'delete' } });
  addCurrentReadRoute(app, resource);
}

function presentEvent({ _id, state, version, data }: ProjectedDocument): z.output<typeof eventBody> {
  return { id: idOf(_id), state: state as TeamEvent['state'], version, ...(data as TeamEvent['data']) };
}

function presentTeam({ _id, state, version, data }: ProjectedDocument): z.output<typeof teamBody> {
  const { name, teamEventId: eventId } = data as Team['data'];
  return { id: idOf(_id), state: state as Team['state'], version, name, eventId };
}
