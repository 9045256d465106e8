// Waits for a set of facts of one conversation, from streams that do not know each other, and says once that it is complete.
// Declared in a few lines and carried by a saga: one instance for each conversation, whose facts and time limit are its history.

import { type DomainEvent, subjectOf } from '../event.ts';
import type { Causation } from '../execute.ts';
import { type Extensions, extensionsOf } from '../extensions.ts';
import type { Clock, EventStore, Ids } from '../ports.ts';
import type { Decode } from '../projection.ts';
import type { Saga, SagaEvent, SagaState, SagaView, Step } from './saga.ts';

/** A fact as the conversation remembers it. */
export interface Fact {
  readonly eventId: string;
  readonly subject: string;
  /** What its role keeps. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The id of the event that removed the subject; null while no event did. */
  readonly removedBy: string | null;
  /** The extension attributes of the event that filled the role; absent when the event had none. */
  readonly extensions?: Extensions;
  /** The extension attributes of the event that removed the subject. */
  readonly removalExtensions?: Extensions;
}

export interface Role {
  /** The type of the event that fills it. */
  readonly filledBy: string;
  /** The type of the event that takes it away again. */
  readonly lostBy?: string;
  /** The fields of the event's data that are kept. Without this list no field is kept, so that a large event makes no large history. */
  readonly keeps?: readonly string[];
}

export interface Correlation {
  /** A phrase, for example `pair`: the kind of the subject that comes to be. */
  readonly name: string;
  /** The stem of the conversation's event types, for example `pair`. */
  readonly stem: string;
  readonly source: string;
  /** The set: what each role asks for. */
  readonly facts: Readonly<Record<string, Role>>;
  /** Makes the event that is stored once, when every role is filled: version 1 of `<name>-<id>`. */
  created(facts: Readonly<Record<string, Fact>>): DomainEvent;
  /** The event that is stored when a role is lost later: version 2. Without this field no such event is stored. */
  readonly removed?: DomainEvent;
  /** How long a conversation may stay incomplete before it is given up. Facts that complete it later still count. */
  readonly timeLimitMs: number;
  /** A UUID that depends on the correlation id alone, for example a UUID of version 5. */
  idFor(correlationid: string): string;
}

export interface Conversing {
  readonly correlationid: string;
  /** When its first fact was noted, RFC 3339: from then on the time limit runs. */
  readonly since: string;
  /** The time limit when the conversation began. A limit that is declared later applies only to later conversations. */
  readonly timeLimitMs: number;
  readonly facts: Readonly<Record<string, Fact>>;
  /** The subjects of the facts, to find the conversation by. */
  readonly members: readonly string[];
  /** Second facts for a role that asks for one: shown, and without effect. */
  readonly held: readonly Omit<NotedFact, 'data' | 'timeLimitMs'>[];
  readonly said: 'nothing' | 'created' | 'removed';
}

export interface NotedFact extends Extensions {
  readonly correlationid: string;
  readonly role: string;
  readonly eventId: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly notedAt: string;
  readonly timeLimitMs: number;
}

/** `<stem>FactNoted_v1`, `…FactHeld_v1`, `…FactLost_v1`, `…Completed_v1`, `…Withdrawn_v1`. */
export interface ConversationEvent extends DomainEvent {
  readonly data: Partial<NotedFact>;
}

export interface CorrelationPorts {
  readonly decode: Decode<ConversationEvent | SagaEvent>;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Second facts that a conversation remembers. */
export const heldFactsMax = 10;

export function correlationSaga(
  correlation: Correlation,
  { decode, store, clock, ids }: CorrelationPorts,
): Saga<Conversing, ConversationEvent> {
  const { name, stem, source } = correlation;

  /** Stores an event. When its version is there already, an earlier process stored the event before it was killed. */
  async function say(version: number, event: DomainEvent, causation: Causation): Promise<void> {
    const result = await store.append([
      {
        specversion: '1.0',
        id: ids.next(),
        source,
        type: event.type,
        version,
        time: clock.now(),
        ...causation,
        subject: subjectOf(name, correlation.idFor(causation.correlationid)),
        data: event.data as Record<string, unknown>,
      },
    ]);
    if (result.kind === 'stored' || (result.kind === 'version-conflict' && result.currentVersion >= version)) return;
    throw new Error(`${event.type} could not be stored: ${result.kind}`);
  }

  return {
    name,
    stem,
    source,
    decode,
    kind: conversationKind(correlation),
    foldVersion: 1,
    initialData: { correlationid: '', since: '', timeLimitMs: 0, facts: {}, members: [], held: [], said: 'nothing' },
    evolve: (view, { type, data }) => evolved(correlation, view, type, data as NotedFact),
    next({ state, data: { facts, said, since, timeLimitMs } }): Step | undefined {
      // Without a fact there is nothing to wait for: a history that was written by hand may begin with an operator's order.
      if (state === 'abandoned' || since === '') return undefined;
      const whole = missingIn(correlation, facts).length === 0;
      if (whole && said === 'nothing') return { name: 'create' };
      if (said === 'created' && correlation.removed && removalIn(facts)) return { name: 'remove' };
      if (whole) return undefined;
      return { name: 'give up', notBefore: new Date(Date.parse(since) + timeLimitMs).toISOString() };
    },
    async react(step, { data: { correlationid, facts, timeLimitMs } }) {
      if (step.name === 'give up') {
        const missing = missingIn(correlation, facts).join(', no ');
        return [{ type: `${stem}Abandoned_v1`, data: { reason: `no ${missing} in ${timeLimitMs} ms` } }];
      }
      if (step.name === 'create') {
        const fact = Object.values(facts).at(-1);
        const cause = fact && { causationid: fact.eventId, ...fact.extensions };
        await say(1, correlation.created(facts), { correlationid, ...cause });
        return [{ type: `${stem}Completed_v1`, data: {} }];
      }
      const lost = removalIn(facts);
      const cause = lost && { causationid: lost.removedBy, ...lost.removalExtensions };
      if (correlation.removed) await say(2, correlation.removed, { correlationid, ...cause });
      return [{ type: `${stem}Withdrawn_v1`, data: {} }];
    },
    causation: ({ correlationid }) => ({ correlationid }),
  };
}

export function conversationKind({ name }: Pick<Correlation, 'name'>): string {
  return `${name}-conversation`;
}

function missingIn(correlation: Correlation, facts: Conversing['facts']): string[] {
  return Object.keys(correlation.facts).filter((role) => facts[role] === undefined);
}

type Lost = Fact & { readonly removedBy: string };

/** The fact of the set that an event takes away, if any does. */
function removalIn(facts: Conversing['facts']): Lost | undefined {
  return Object.values(facts).find((fact): fact is Lost => fact.removedBy !== null);
}

/** An object with the extension attributes under the given name; an empty object when the event has none. */
function extensionsAs<Name extends string>(name: Name, noted: NotedFact): { readonly [N in Name]?: Extensions } {
  const extensions = extensionsOf(noted);
  return Object.keys(extensions).length > 0 ? ({ [name]: extensions } as { [N in Name]: Extensions }) : {};
}

function evolved(
  correlation: Correlation,
  { state, data }: SagaView<Conversing>,
  type: string,
  noted: NotedFact,
): { readonly state: SagaState; readonly data: Conversing } {
  const { stem } = correlation;
  const { progress: _, ...before } = data;
  switch (type) {
    case `${stem}FactNoted_v1`: {
      const { role, eventId, subject, data: payload, correlationid, notedAt: since, timeLimitMs } = noted;
      const fact = { eventId, subject, data: payload, removedBy: null, ...extensionsAs('extensions', noted) };
      const facts = { ...before.facts, [role]: fact };
      // A conversation that was given up stays given up until it is complete after all.
      const moves = state === 'notBegun' || missingIn(correlation, facts).length === 0;
      return {
        state: moves ? 'waiting' : state,
        data: {
          ...before,
          ...(state === 'notBegun' && { correlationid, since, timeLimitMs }),
          facts,
          members: [...before.members, subject],
        },
      };
    }
    case `${stem}FactHeld_v1`:
      return { state, data: { ...before, held: [...before.held, noted] } };
    case `${stem}FactLost_v1`: {
      const fact = before.facts[noted.role];
      if (!fact) return { state, data: before };
      const lost = { ...fact, removedBy: noted.eventId, ...extensionsAs('removalExtensions', noted) };
      return { state, data: { ...before, facts: { ...before.facts, [noted.role]: lost } } };
    }
    case `${stem}Completed_v1`:
      return { state: 'completed', data: { ...before, said: 'created' } };
    case `${stem}Withdrawn_v1`:
      return { state: 'completed', data: { ...before, said: 'removed' } };
  }
  return { state, data: before };
}
