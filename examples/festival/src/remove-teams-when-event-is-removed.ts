// The saga: when an event of the festival is deleted, so are its teams. One instance for each deleted event, whatever the number
// of its teams; it plans a chunk, remembers it, deletes it, and plans again until nobody is left.
import { decoderOf } from 'foldline/contracts';
import {
  type Causation,
  type Extensions,
  extensionsOf,
  idOf,
  type RequestKey,
  type Saga,
  stepRequest,
} from 'foldline/engine';
import { type RemovalFact, removalContracts } from './contracts.ts';

/** The extension attributes are those of the event that it began with. */
export interface Removal extends Extensions {
  readonly correlationid: string;
  /** What was decided to be deleted and is not known to be. */
  readonly planned: readonly string[];
  /** Where this pass over the teams has come to. */
  readonly after: string | null;
  /** Teams that this removal deleted, since it began. */
  readonly deleted: number;
  /** Each chunk has a number, so that a command that is sent again is known again. */
  readonly chunk: number;
}

export interface RemovalPorts {
  /** A chunk of the teams that are in the event now, of those that the read model knows to be there, by id, after `after`. */
  teamsIn(teamEventId: string, after: string | null): Promise<readonly string[]>;
  /** Deletes the team if it is in the event still. @returns whether this very request did it, now or earlier */
  deleteTeam(teamId: string, teamEventId: string, request: RequestKey, causation: Causation): Promise<boolean>;
}

const blank: Removal = { correlationid: '', planned: [], after: null, deleted: 0, chunk: 0 };

/** Of the saga's streams. */
export const removalKind = 'team-event-removal';

function causationOf({ correlationid, ...data }: Removal): Causation {
  return { correlationid, ...extensionsOf(data) };
}

// #region saga
export function removeTeamsWhenEventIsRemoved({ teamsIn, deleteTeam }: RemovalPorts): Saga<Removal, RemovalFact> {
  return {
    name: 'remove-teams-when-event-is-removed',
    kind: removalKind,
    stem: 'teamEventRemoval',
    source: '/festival',
    foldVersion: 1,
    decode: decoderOf(removalContracts),
    initialData: blank,
    evolve({ state, data: { progress: _, ...data } }, fact) {
      switch (fact.type) {
        case 'teamEventRemovalStarted_v1':
          return { state: 'running', data: { ...blank, ...fact.data } };
        case 'teamEventRemovalPlanned_v1': {
          const { teamIds: planned } = fact.data;
          return { state, data: { ...data, planned, after: planned.at(-1) ?? null, chunk: data.chunk + 1 } };
        }
        case 'teamEventRemovalTeamsDeleted_v1':
          return { state, data: { ...data, planned: [], deleted: data.deleted + fact.data.count } };
        case 'teamEventRemovalCompleted_v1':
          return { state: 'completed', data: { ...data, after: null } };
      }
    },
    next({ state, data: { planned } }) {
      if (state !== 'running') return undefined;
      return { name: planned.length > 0 ? 'delete' : 'plan' };
    },
    async react({ name }, { data }, subject) {
      const teamEventId = idOf(subject);
      const { planned, chunk, after, deleted } = data;
      if (name === 'delete') {
        const done = await Promise.all(
          planned.map((id) => deleteTeam(id, teamEventId, stepRequest(subject, chunk, id), causationOf(data))),
        );
        return [{ type: 'teamEventRemovalTeamsDeleted_v1', data: { count: done.filter(Boolean).length } }];
      }
      let teamIds = [...(await teamsIn(teamEventId, after))];
      // Teams may have come in behind this pass.
      if (teamIds.length === 0 && after !== null) teamIds = [...(await teamsIn(teamEventId, null))];
      if (teamIds.length > 0) return [{ type: 'teamEventRemovalPlanned_v1', data: { teamIds } }];
      return [{ type: 'teamEventRemovalCompleted_v1', data: { count: deleted } }];
    },
    causation: causationOf,
  };
}
// #endregion
