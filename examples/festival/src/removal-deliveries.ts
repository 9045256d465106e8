// What is delivered to the removals: that an event of the festival was deleted, or that a team turned up in a deleted one.
import {
  causedBy,
  type Documents,
  type EventStore,
  idOf,
  kindOf,
  type SagaDelivery,
  type StoredEvent,
  subjectOf,
} from 'foldline/engine';
import type { RemovalFact } from './contracts.ts';
import { type Removal, removalKind } from './remove-teams-when-event-is-removed.ts';
import { whereIs } from './team.ts';

type Delivery = SagaDelivery<Removal, RemovalFact>;

// #region deliveries
// Two queries, whatever the batch holds. Any fact of a team may be the one behind which an earlier move shows, so its document says
// where it is. That is there before it is asked here whether a removal has begun, and a removal looks for teams after it has begun:
// one of the two sees the other.
export async function removalDeliveries(
  teams: Pick<Documents, 'read'>,
  removals: Pick<EventStore, 'heads'>,
  facts: readonly StoredEvent[],
): Promise<Delivery[]> {
  const teamFacts = new Map(facts.filter(({ subject }) => kindOf(subject) === 'team').map((one) => [one.subject, one]));
  const now = await teams.read([...teamFacts.keys()]);
  const arrivals = new Map<string, StoredEvent>();
  for (const [subject, fact] of teamFacts) {
    const teamEventId = whereIs(now.get(subject));
    if (teamEventId !== undefined) arrivals.set(subjectOf(removalKind, teamEventId), fact);
  }
  const begun = await removals.heads([...arrivals.keys()]);
  return [
    ...facts.filter(({ type }) => type === 'teamEventDeleted_v1').map(deletionDelivery),
    ...[...arrivals].filter(([removal]) => begun.has(removal)).map(([removal, fact]) => arrivalDelivery(removal, fact)),
  ];
}
// #endregion

/** Its removal begins, once. */
function deletionDelivery(deletion: StoredEvent): Delivery {
  const { causationid: _, ...causation } = causedBy(deletion);
  return {
    subject: subjectOf(removalKind, idOf(deletion.subject)),
    causation: causedBy(deletion),
    decide: ({ state }) => (state === 'notBegun' ? [{ type: 'teamEventRemovalStarted_v1', data: causation }] : []),
  };
}

/** A removal that is over looks again. One at work is told too: it may have looked already, and be about to end. */
function arrivalDelivery(removal: string, fact: StoredEvent): Delivery {
  const resumed = { type: 'teamEventRemovalResumed_v1', data: { reason: `${fact.subject} turned up` } } as const;
  return {
    subject: removal,
    causation: causedBy(fact),
    decide: ({ state }) => (state === 'completed' || state === 'running' ? [resumed] : []),
  };
}
