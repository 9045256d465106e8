// What both processes of the festival open: the store of facts, the read model of events and teams, and the saga over them.
import { createHash } from 'node:crypto';
import { systemClock, systemIds } from '@foldline/shared/config';
import { execute, idOf, type StoredDocument, subjectOf } from '@foldline/shared/engine';
import { mongoDocuments, openSagaInstances } from '@foldline/shared/mongodb';
import { type OpenService, openService, type ServiceConfig, type ServiceLogger } from '@foldline/shared/service';
import { removeTeamsWhenEventIsRemoved } from './remove-teams-when-event-is-removed.ts';
import { teamDecider, teamProjection } from './team.ts';
import { teamEventProjection } from './team-event.ts';

/** Teams that are deleted in one step of a removal. */
const chunkMax = 100;

export async function openFestival(name: string, description: string, config: ServiceConfig, logger: ServiceLogger) {
  const service: OpenService = await openService({ name, description, database: 'festival', config, logger });
  const collection = (of: string) => service.db.collection<StoredDocument>(of);
  const [eventDocuments, teamDocuments, removals] = [collection('events'), collection('teams'), collection('removals')];
  await teamDocuments.createIndex({ state: 1, 'data.teamEventId': 1, _id: 1 }, { name: 'state_event_id' });
  const world = { clock: systemClock, ids: systemIds, store: await service.openStore('FestivalEvents') };
  const events = { ...world, projection: teamEventProjection, documents: mongoDocuments(eventDocuments) };
  const teams = { ...world, projection: teamProjection, documents: mongoDocuments(teamDocuments) };

  const saga = removeTeamsWhenEventIsRemoved({
    now: systemClock.now,
    async teamsIn(teamEventId, after) {
      const there = { state: 'available', 'data.teamEventId': teamEventId };
      const found = await teamDocuments
        .find({ ...there, ...(after !== null && { _id: { $gt: subjectOf('team', after) } }) })
        .project<{ _id: string }>({ _id: 1 })
        .sort({ _id: 1 })
        .limit(chunkMax)
        .toArray();
      return found.map(({ _id }) => idOf(_id));
    },
    async deleteTeam(teamId, { key, teamEventId, correlationid }) {
      const { changed } = await execute(teams, teamDecider, {
        subject: subjectOf('team', teamId),
        command: { kind: 'delete with its event', teamEventId },
        conversation: { correlationid },
        request: { claim: `key:${createHash('sha256').update(key).digest('hex')}`, digest: teamEventId },
      });
      return changed;
    },
  });
  const sagas = {
    ...{ clock: systemClock, ids: systemIds, saga },
    store: await service.openStore('SagaEvents'),
    documents: await openSagaInstances(removals),
  };
  return { service, events, teams, teamDocuments, removals, sagas };
}

export type Festival = Awaited<ReturnType<typeof openFestival>>;
