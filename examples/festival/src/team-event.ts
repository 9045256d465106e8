// A festival's event. It holds no list of its teams: the read side builds that.
import { decoderOf } from 'foldline/contracts';
import { assertFree, assertThere, type Decider, type Life, type Projection, type View } from 'foldline/engine';
import { type TeamEventFact, teamEventContracts } from './contracts.ts';

export interface TeamEvent extends View {
  readonly state: Life;
  readonly data: { readonly title: string };
}

export type TeamEventCommand = { readonly kind: 'create'; readonly title: string } | { readonly kind: 'delete' };

export const teamEventProjection: Projection<TeamEvent, TeamEventFact> = {
  name: 'events',
  kind: 'team-event',
  foldVersion: 1,
  decode: decoderOf(teamEventContracts),
  initialState: { state: 'none', data: { title: '' } },
  evolve({ data }, fact) {
    switch (fact.type) {
      case 'teamEventCreated_v1':
        return { state: 'available', data: fact.data };
      case 'teamEventDeleted_v1':
        return { state: 'deleted', data };
    }
  },
};

export const teamEventDecider: Decider<TeamEvent, TeamEventCommand, TeamEventFact> = {
  kind: 'team-event',
  source: '/festival',
  decide(command, { state }) {
    if (command.kind === 'create') {
      assertFree('event', state);
      return [{ type: 'teamEventCreated_v1', data: { title: command.title } }];
    }
    assertThere('event', state);
    return [{ type: 'teamEventDeleted_v1', data: {} }];
  },
};
