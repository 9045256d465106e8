// The saga: when an event of the festival is deleted, so are its teams. One instance for each deleted event, whatever the number
// of its teams; it plans a chunk, remembers it, deletes it, and looks again until nobody is left.
import { decoderOf } from '@foldline/shared/contracts';
import { idOf, type Saga, type SagaNews, type SagaView, type StoredEvent, subjectOf } from '@foldline/shared/engine';
import { type RemovalFact, removalContracts } from './contracts.ts';

export interface Removal {
  readonly correlationid: string;
  /** What was decided to be deleted and is not known to be. */
  readonly planned: readonly string[];
  /** Where this pass over the teams has come to. */
  readonly after: string | null;
  readonly lookAgainAt: string | null;
  readonly deleted: number;
  /** Each chunk has a number, so that a command that is sent again is known again. */
  readonly chunk: number;
}

export interface RemovalPorts {
  /** Ids of the teams that are in the event as far as the read model knows, by id, after `after`. */
  teamsIn(teamEventId: string, after: string | null): Promise<readonly string[]>;
  /** Deletes the team if it is in the event still. @returns whether this very request did it, now or earlier */
  deleteTeam(teamId: string, request: { key: string; teamEventId: string; correlationid: string }): Promise<boolean>;
  now(): Date;
}

/** How long the read model is given to take up what was deleted, before a pass looks whether somebody is left. */
const lookAgainAfterMs = 300;
const blank: Removal = { correlationid: '', planned: [], after: null, lookAgainAt: null, deleted: 0, chunk: 0 };
const kind = 'team-event-removal';

export function removeTeamsWhenEventIsRemoved({ teamsIn, deleteTeam, now }: RemovalPorts): Saga<Removal, RemovalFact> {
  return {
    ...{
      name: 'remove-teams-when-event-is-removed',
      kind,
      stem: 'teamEventRemoval',
      source: '/festival',
      foldVersion: 1,
    },
    decode: decoderOf(removalContracts),
    initialData: blank,
    evolve({ state, data: { progress: _, ...data } }, fact) {
      switch (fact.type) {
        case 'teamEventRemovalStarted_v1':
          return { state: 'running', data: { ...blank, correlationid: fact.data.correlationid } };
        case 'teamEventRemovalPlanned_v1': {
          const { teamIds: planned } = fact.data;
          return { state, data: { ...data, planned, after: planned.at(-1) ?? null, chunk: data.chunk + 1 } };
        }
        case 'teamEventRemovalTeamsDeleted_v1':
          return { state, data: { ...data, planned: [], deleted: data.deleted + fact.data.count } };
        case 'teamEventRemovalPassEnded_v1':
          return { state, data: { ...data, after: null, lookAgainAt: fact.data.lookAgainAt } };
        case 'teamEventRemovalCompleted_v1':
          return { state: 'completed', data: { ...data, after: null, lookAgainAt: null } };
      }
    },
    next({ state, data: { planned, lookAgainAt } }) {
      if (state !== 'running') return undefined;
      if (planned.length > 0) return { name: 'delete' };
      return lookAgainAt === null ? { name: 'plan' } : { name: 'plan', notBefore: lookAgainAt };
    },
    async react({ name }, { data }, subject) {
      const teamEventId = idOf(subject);
      const { correlationid, chunk } = data;
      if (name === 'delete') {
        const deleted = await Promise.all(
          data.planned.map((id) => deleteTeam(id, { key: `${subject}/${chunk}/${id}`, teamEventId, correlationid })),
        );
        return [{ type: 'teamEventRemovalTeamsDeleted_v1', data: { count: deleted.filter(Boolean).length } }];
      }
      const teamIds = [...(await teamsIn(teamEventId, data.after))];
      if (teamIds.length > 0) return [{ type: 'teamEventRemovalPlanned_v1', data: { teamIds } }];
      if (data.after === null) return [{ type: 'teamEventRemovalCompleted_v1', data: { count: data.deleted } }];
      const lookAgainAt = new Date(now().getTime() + lookAgainAfterMs).toISOString();
      return [{ type: 'teamEventRemovalPassEnded_v1', data: { lookAgainAt } }];
    },
    conversation: ({ correlationid }) => ({ correlationid }),
  };
}

type News = SagaNews<Removal, RemovalFact>;

/** An event of the festival was deleted: its removal begins, once. */
export function deletionNews({ subject, id, correlationid = id }: StoredEvent): News {
  return {
    subject: subjectOf(kind, idOf(subject)),
    conversation: { correlationid, causationid: id },
    decide: ({ state }) =>
      state === 'notBegun' ? [{ type: 'teamEventRemovalStarted_v1', data: { correlationid } }] : [],
  };
}

/** A team is in an event: one that was deleted is looked through again. A removal at work is told too, for it may just be ending. */
export function arrivalNews(teamEventId: string, { subject, id, correlationid = id }: StoredEvent): News {
  const reason = `${subject} turned up`;
  const isNews = ({ state, data }: SagaView<Removal>) =>
    state === 'completed' || (state === 'running' && !data.planned.includes(idOf(subject)));
  return {
    subject: subjectOf(kind, teamEventId),
    conversation: { correlationid, causationid: id },
    decide: (view) => (isNews(view) ? [{ type: 'teamEventRemovalResumed_v1', data: { reason } }] : []),
  };
}
