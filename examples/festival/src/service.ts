// The festival, declared once, and its two processes: one folds the facts and removes the teams of deleted events; the other one takes
// commands and shows events with their teams.
import { defineService } from 'foldline';
import { festivalSettings } from '../../config.ts';
import { removalDeliveries } from './removal-deliveries.ts';
import { removalPorts } from './removal-ports.ts';
import { removeTeamsWhenEventIsRemoved } from './remove-teams-when-event-is-removed.ts';
import { addEventRoutes, addTeamRoutes } from './routes.ts';
import { teamProjection } from './team.ts';
import { teamEventProjection } from './team-event.ts';

export const festivalProcessor = defineService({
  name: 'festival-processor',
  description: 'Folds the facts, and removes the teams of deleted events.',
  projection: 'festival',
  settings: { table: festivalSettings, port: 'PORT', database: 'FESTIVAL_DATABASE' },
  stores: {
    facts: { collection: 'FestivalEvents', topic: 'festival-events', kinds: ['team-event', 'team'] },
    sagas: { collection: 'SagaEvents', kinds: [] },
  },
  models: {
    events: { projection: teamEventProjection, from: { store: 'facts' } },
    teams: {
      projection: teamProjection,
      from: { store: 'facts' },
      indexes: [{ key: { state: 1, 'data.teamEventId': 1, _id: 1 }, name: 'state_event_id' }],
    },
  },
  sagas: {
    removals: {
      store: 'sagas',
      open: ({ models: { teams }, commands, stores }) => ({
        saga: removeTeamsWhenEventIsRemoved(removalPorts(teams, commands.teams)),
        delivers: (runner) => async (facts) =>
          runner.deliver(await removalDeliveries(teams.documents, stores.sagas, facts)),
      }),
    },
  },
});

export const festivalService = defineService({
  ...festivalProcessor,
  name: 'festival-service',
  description: 'Events of a festival and their teams.',
  follows: false,
  routes({ app, read }, { models: { events, teams }, commands }) {
    addEventRoutes(app, { commands: commands.events, events, teams, read });
    addTeamRoutes(app, commands);
  },
});
