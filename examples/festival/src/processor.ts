// The festival's other process: it folds the topic into the read model, and runs the removals.
import { systemClock } from '@foldline/shared/config';
import { createProjector, createSagaRunner, readModel, type StoredEvent, subjectOf } from '@foldline/shared/engine';
import {
  followTopics,
  type ServiceConfig,
  type ServiceLogger,
  type StartedService,
  sagaLimits,
} from '@foldline/shared/service';
import { type Festival, openFestival } from './parts.ts';
import { arrivalNews, deletionNews } from './remove-teams-when-event-is-removed.ts';
import type { Team } from './team.ts';

export async function startProcessor(config: ServiceConfig, logger: ServiceLogger): Promise<StartedService> {
  const description = 'Folds the festival’s facts, and removes the teams of deleted events.';
  const festival = await openFestival('festival-processor', description, config, logger);
  const { service, events, teams, sagas } = festival;
  const { crashPoint, held } = service;
  const models = [readModel(events.projection, events.documents), readModel(teams.projection, teams.documents)];
  const projector = createProjector({ models, held, clock: systemClock, log: logger, crashPoint });
  const { saga, documents: instances, ...ports } = sagas;
  const runner = createSagaRunner({ ...ports, saga, instances, log: logger, crashPoint, limits: sagaLimits(config) });
  const feed = await followTopics(service, {
    name: 'festival-processor',
    topics: ['festival-events'],
    async handle(items) {
      // The read model first: whoever comes later, a team or the deletion of its event, finds the other there.
      await projector.apply(items);
      const facts = items.flatMap((item) => ('event' in item ? [item.event] : []));
      const deletions = facts.filter(({ type }) => type === 'teamEventDeleted_v1').map(deletionNews);
      await runner.tell([...deletions, ...(await arrivals(festival, facts))]);
    },
  });
  const app = await service.createApp(feed);
  return {
    app,
    async close() {
      await feed.close();
      await runner.close();
      await service.client.close();
    },
  };
}

/** Teams that came into an event whose removal has begun: two queries, whatever the batch holds. */
async function arrivals({ teams, sagas }: Festival, facts: readonly StoredEvent[]) {
  const came = facts.filter(({ type }) => type === 'teamCreated_v1' || type === 'teamMoved_v1');
  if (came.length === 0) return [];
  const now = await teams.documents.read([...new Set(came.map(({ subject }) => subject))]);
  const there = came.flatMap((fact) => {
    const team = now.get(fact.subject) as { state: string; data?: Team['data'] } | undefined;
    return team?.state === 'available' && team.data ? [{ fact, teamEventId: team.data.teamEventId }] : [];
  });
  const removal = (teamEventId: string) => subjectOf(sagas.saga.kind, teamEventId);
  const begun = await sagas.documents.read([...new Set(there.map(({ teamEventId }) => removal(teamEventId)))]);
  return there
    .filter(({ teamEventId }) => begun.has(removal(teamEventId)))
    .map(({ fact, teamEventId }) => arrivalNews(teamEventId, fact));
}
