// A team: it belongs to exactly one event of the festival.
import { decoderOf } from '@foldline/shared/contracts';
import { type Decider, Failure, type Projection, type View } from '@foldline/shared/engine';
import { type TeamFact, teamContracts } from './contracts.ts';

export interface Team extends View {
  readonly state: 'none' | 'available' | 'deleted';
  readonly data: { readonly name: string; readonly teamEventId: string };
}

export type TeamCommand =
  | { readonly kind: 'create'; readonly name: string; readonly teamEventId: string }
  | { readonly kind: 'change'; readonly name?: string | undefined; readonly teamEventId?: string | undefined }
  | { readonly kind: 'delete' }
  /** A saga's: without effect on a team that is gone, or in another event by now. */
  | { readonly kind: 'delete with its event'; readonly teamEventId: string };

export const teamProjection: Projection<Team, TeamFact> = {
  ...{ name: 'teams', kind: 'team', foldVersion: 1 },
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
  ...{ kind: 'team', source: '/festival' },
  decide(command, { state, data }) {
    switch (command.kind) {
      case 'create': {
        if (state !== 'none')
          throw new Failure('id-taken', 'Another team has or had this id; leave id out to get a new one.');
        const { name, teamEventId } = command;
        return [{ type: 'teamCreated_v1', data: { name, teamEventId } }];
      }
      case 'change': {
        assertThere(state);
        const { name = data.name, teamEventId = data.teamEventId } = command;
        return [
          ...(name === data.name ? [] : [{ type: 'teamRenamed_v1', data: { name } } as const]),
          ...(teamEventId === data.teamEventId ? [] : [{ type: 'teamMoved_v1', data: { teamEventId } } as const]),
        ];
      }
      case 'delete':
        assertThere(state);
        return [{ type: 'teamDeleted_v1', data: {} }];
      case 'delete with its event':
        if (state !== 'available' || data.teamEventId !== command.teamEventId) return [];
        return [{ type: 'teamDeleted_v1', data: {} }];
    }
  },
};

function assertThere(state: Team['state']): void {
  if (state === 'none') throw new Failure('not-found', 'There is no team with this id.');
  if (state === 'deleted') throw new Failure('deleted', 'This team was deleted.');
}
