// A team: it belongs to exactly one event of the festival.
import { decoderOf } from 'foldline/contracts';
import { assertFree, assertThere, type Decider, type Life, type Projection, type View } from 'foldline/engine';
import { type TeamFact, teamContracts } from './contracts.ts';

export interface Team extends View {
  readonly state: Life;
  readonly data: { readonly name: string; readonly teamEventId: string };
}

export type TeamCommand =
  | { readonly kind: 'create'; readonly name: string; readonly teamEventId: string }
  | { readonly kind: 'change'; readonly name?: string | undefined; readonly teamEventId?: string | undefined }
  | { readonly kind: 'delete' }
  /** A saga's: without effect on a team that is gone, or in another event by now. */
  | { readonly kind: 'delete with its event'; readonly teamEventId: string };

export const teamProjection: Projection<Team, TeamFact> = {
  name: 'teams',
  kind: 'team',
  foldVersion: 1,
  decode: decoderOf(teamContracts),
  initialState: { state: 'none', data: { name: '', teamEventId: '' } },
  evolve({ state, data }, fact) {
    switch (fact.type) {
      case 'teamCreated_v1':
        return { state: 'available', data: fact.data };
      case 'teamRenamed_v1':
      case 'teamMoved_v1':
        return { state, data: { ...data, ...fact.data } };
      case 'teamDeleted_v1':
        return { state: 'deleted', data };
    }
  },
};

export const teamDecider: Decider<Team, TeamCommand, TeamFact> = {
  kind: 'team',
  source: '/festival',
  decide(command, { state, data }) {
    switch (command.kind) {
      case 'create': {
        assertFree('team', state);
        const { name, teamEventId } = command;
        return [{ type: 'teamCreated_v1', data: { name, teamEventId } }];
      }
      case 'change': {
        assertThere('team', state);
        const { name = data.name, teamEventId = data.teamEventId } = command;
        return [
          ...(name === data.name ? [] : [{ type: 'teamRenamed_v1', data: { name } } as const]),
          ...(teamEventId === data.teamEventId ? [] : [{ type: 'teamMoved_v1', data: { teamEventId } } as const]),
        ];
      }
      case 'delete':
        assertThere('team', state);
        return [{ type: 'teamDeleted_v1', data: {} }];
      case 'delete with its event':
        return whereIs({ state, data }) === command.teamEventId ? [{ type: 'teamDeleted_v1', data: {} }] : [];
    }
  },
};

/** The teams of an event, as fields of their documents. */
export function teamsOf(teamEventId: string) {
  return { state: 'available', 'data.teamEventId': teamEventId };
}

/** The event that a team is in; undefined for one that is not there. */
export function whereIs(team: { readonly state: string; readonly data?: object } | undefined): string | undefined {
  return team?.state === 'available' ? (team.data as Team['data']).teamEventId : undefined;
}
