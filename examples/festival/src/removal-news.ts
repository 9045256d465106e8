// What the removals are told: that an event of the festival was deleted, or that a team turned up in one that had been.
import {
  type Documents,
  type EventStore,
  idOf,
  type SagaNews,
  type StoredEvent,
  subjectOf,
} from '@foldline/shared/engine';
import type { RemovalFact } from './contracts.ts';
import { type Removal, removalKind } from './remove-teams-when-event-is-removed.ts';
import { isIn } from './team.ts';

type News = SagaNews<Removal, RemovalFact>;

// #region news
/**
 * Two queries, whatever the batch holds. A team is in the read model before it is asked here whether a removal has begun, and a
 * removal looks for teams after it has begun: one of the two sees the other.
 */
export async function removalNews(
  teams: Pick<Documents, 'read'>,
  removals: Pick<EventStore, 'heads'>,
  facts: readonly StoredEvent[],
): Promise<News[]> {
  const came = facts.filter(({ type }) => type === 'teamCreated_v1' || type === 'teamMoved_v1');
  const now = await teams.read([...new Set(came.map(({ subject }) => subject))]);
  const there = came.filter(({ subject, data }) => isIn(now.get(subject), String(data.teamEventId)));
  const arrivals = new Map(there.map((fact) => [subjectOf(removalKind, String(fact.data.teamEventId)), fact]));
  const begun = await removals.heads([...arrivals.keys()]);
  return [
    ...facts.filter(({ type }) => type === 'teamEventDeleted_v1').map(deletionNews),
    ...[...arrivals].filter(([removal]) => begun.has(removal)).map(([removal, fact]) => arrivalNews(removal, fact)),
  ];
}
// #endregion

/** Its removal begins, once. */
function deletionNews({ subject, id, correlationid = id }: StoredEvent): News {
  return {
    subject: subjectOf(removalKind, idOf(subject)),
    conversation: { correlationid, causationid: id },
    decide: ({ state }) =>
      state === 'notBegun' ? [{ type: 'teamEventRemovalStarted_v1', data: { correlationid } }] : [],
  };
}

/** A removal that is over looks again. One at work is told too: it may have looked already, and be about to end. */
function arrivalNews(removal: string, { subject, id, correlationid = id }: StoredEvent): News {
  const resumed = { type: 'teamEventRemovalResumed_v1', data: { reason: `${subject} turned up` } } as const;
  return {
    subject: removal,
    conversation: { correlationid, causationid: id },
    decide: ({ state }) => (state === 'completed' || state === 'running' ? [resumed] : []),
  };
}
