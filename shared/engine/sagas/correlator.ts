// Delivers the facts that a feed brings to their conversations: first the facts that fill a role, then the facts that take one away.

import { type StoredEvent, subjectOf } from '../event.ts';
import { causedBy } from '../execute.ts';
import { extensionsOf } from '../extensions.ts';
import { isLostText, lostTextOf } from '../lost-text.ts';
import type { Clock } from '../ports.ts';
import {
  type ConversationEvent,
  type Conversing,
  type Correlation,
  conversationKind,
  heldFactsMax,
} from './correlation.ts';
import type { SagaView } from './saga.ts';
import type { SagaDelivery, SagaInstances, SagaRunner } from './saga-ports.ts';

type Delivery = SagaDelivery<Conversing, ConversationEvent>;

/** The conversations as documents that can also be found by what they are about. */
export interface ConversationInstances extends SagaInstances {
  /** Finds, in one query, the conversations in which each of the subjects is a fact. */
  conversationsOf(subjects: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

export interface CorrelatorPorts {
  readonly correlation: Correlation;
  readonly runner: Pick<SagaRunner<Conversing, ConversationEvent>, 'deliver'>;
  readonly instances: Pick<ConversationInstances, 'conversationsOf'>;
  readonly clock: Clock;
}

/**
 * Handles a batch of a feed. Resolves when every conversation has stored its news, with the ids of the events that a conversation
 * could not take in. Repeats have no effect.
 * Facts come before losses: a subject's own events arrive in order, so its fact is remembered when its loss is looked up.
 */
export function createCorrelator({ correlation, runner, instances, clock }: CorrelatorPorts) {
  const { stem, timeLimitMs, idFor } = correlation;
  const roles = Object.entries(correlation.facts);
  const roleFilledBy = new Map(roles.map(([role, { filledBy }]) => [filledBy, role]));
  const rolesLostBy = new Map(roles.flatMap(([role, { lostBy }]) => (lostBy ? [[lostBy, role] as const] : [])));

  function factDelivery(event: StoredEvent): Delivery[] {
    const role = roleFilledBy.get(event.type);
    const { correlationid, id: eventId, subject } = event;
    // Without a conversation nobody can tell what belongs together.
    if (role === undefined || correlationid === undefined) return [];
    const noted = {
      correlationid,
      role,
      eventId,
      subject,
      notedAt: clock.now().toISOString(),
      ...extensionsOf(event),
    };
    const data = kept(event, correlation.facts[role]?.keeps);
    return [
      {
        subject: subjectOf(conversationKind(correlation), idFor(correlationid)),
        causation: causedBy(event),
        decide(view) {
          if (isKnown(view, role, eventId)) return [];
          if (!view.data.facts[role]) return [{ type: `${stem}FactNoted_v1`, data: { ...noted, data, timeLimitMs } }];
          return view.data.held.length < heldFactsMax ? [{ type: `${stem}FactHeld_v1`, data: noted }] : [];
        },
      },
    ];
  }

  /** A fact is not noted while its kept fields or its correlation id cannot be read: they would be missing for good. */
  function isUnreadable(event: StoredEvent): boolean {
    const role = roleFilledBy.get(event.type);
    if (role === undefined || event.correlationid === undefined) return false;
    const keeps = correlation.facts[role]?.keeps ?? [];
    return isLostText(event.correlationid) || (keeps.length > 0 && lostTextOf(event) !== undefined);
  }

  function lossDelivery(event: StoredEvent, conversation: string): Delivery {
    const role = rolesLostBy.get(event.type) ?? '';
    return {
      subject: conversation,
      causation: causedBy(event),
      decide({ data }) {
        const fact = data.facts[role];
        if (!fact || fact.removedBy !== null || fact.subject !== event.subject) return [];
        return [{ type: `${stem}FactLost_v1`, data: { role, eventId: event.id, ...extensionsOf(event) } }];
      },
    };
  }

  return async (events: readonly StoredEvent[]): Promise<readonly string[]> => {
    const unreadable = events.filter(isUnreadable);
    const readable = unreadable.length > 0 ? events.filter((event) => !isUnreadable(event)) : events;
    const undelivered = [...unreadable.map(({ id }) => id), ...(await runner.deliver(readable.flatMap(factDelivery)))];
    const losses = events.filter(({ type }) => rolesLostBy.has(type));
    if (losses.length === 0) return undelivered;
    const found = await instances.conversationsOf([...new Set(losses.map(({ subject }) => subject))]);
    const lost = losses.flatMap((loss) => (found.get(loss.subject) ?? []).map((one) => lossDelivery(loss, one)));
    return [...undelivered, ...(await runner.deliver(lost))];
  };
}

function isKnown({ data }: SagaView<Conversing>, role: string, eventId: string): boolean {
  return data.facts[role]?.eventId === eventId || data.held.some((one) => one.eventId === eventId);
}

function kept({ data }: StoredEvent, fields: readonly string[] = []): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap((field) => (Object.hasOwn(data, field) ? [[field, data[field]]] : [])));
}
