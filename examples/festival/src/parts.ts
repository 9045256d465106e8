// What both processes of the festival open: the store of facts, the read model of events and teams, and the saga over them.
import {
  type OpenService,
  openService,
  type ServiceCollections,
  type ServiceOptions,
  systemClock,
  systemIds,
} from 'foldline';
import { execute, idOf, readSubjects, subjectOf } from 'foldline/engine';
import { mongoDocuments, mongoSagaInstances, pageOfDocuments } from 'foldline/mongodb';
import { removeTeamsWhenEventIsRemoved } from './remove-teams-when-event-is-removed.ts';
import { teamDecider, teamProjection, teamsOf, whereIs } from './team.ts';
import { teamEventProjection } from './team-event.ts';

/** Teams that are deleted in one step of a removal. */
const chunkMax = 100;

const collections: ServiceCollections = {
  events: ['FestivalEvents', 'SagaEvents'],
  documents: {
    events: [],
    teams: [{ key: { state: 1, 'data.teamEventId': 1, _id: 1 }, name: 'state_event_id' }],
  },
  sagas: ['removals'],
};

export async function openFestival(options: Omit<ServiceOptions, 'database' | 'collections'>, database = 'festival') {
  const service: OpenService = await openService({ ...options, database, collections });
  const [eventDocuments, teamDocuments] = [service.collection('events'), service.collection('teams')];
  const removals = service.collection('removals');
  const world = { clock: systemClock, ids: systemIds, store: await service.openStore('FestivalEvents') };
  const events = { ...world, projection: teamEventProjection, documents: mongoDocuments(eventDocuments) };
  const teams = { ...world, projection: teamProjection, documents: mongoDocuments(teamDocuments) };

  const saga = removeTeamsWhenEventIsRemoved({
    /** What the read model has not taken up yet is left out, so that nothing is planned twice. */
    async teamsIn(teamEventId, after) {
      for (let from = after === null ? undefined : subjectOf('team', after); ; ) {
        const page = { after: from, limit: chunkMax };
        const { documents, next } = await pageOfDocuments(teamDocuments, teamsOf(teamEventId), page);
        const subjects = documents.map(({ _id }) => _id);
        const now = await readSubjects(teams, subjects);
        const there = subjects.filter((subject) => whereIs(now.get(subject)?.document) === teamEventId);
        if (there.length > 0 || next === null) return there.map(idOf);
        from = next;
      }
    },
    async deleteTeam(teamId, teamEventId, request, conversation) {
      const [subject, command] = [subjectOf('team', teamId), { kind: 'delete with its event', teamEventId } as const];
      return (await execute(teams, teamDecider, { subject, command, conversation, request })).changed;
    },
  });
  const sagas = {
    clock: systemClock,
    ids: systemIds,
    saga,
    events: 'SagaEvents',
    store: await service.openStore('SagaEvents'),
    documents: mongoSagaInstances(removals),
  };
  return { service, events, teams, teamDocuments, removals, sagas };
}

export type Festival = Awaited<ReturnType<typeof openFestival>>;
