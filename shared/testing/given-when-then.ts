// Specifications of a decider: given these events, when this command comes, then these events, or this refusal.
// Nothing is replaced by a double: the events are decoded and folded by the projection that the service itself uses.
import { deepStrictEqual, fail } from 'node:assert/strict';
import {
  type Decider,
  type DomainEvent,
  Failure,
  type FailureCode,
  type Projection,
  type View,
} from '../engine/index.ts';

export interface Given<Command> {
  when(command: Command): When;
}

export interface When {
  /** @throws AssertionError when other events, or a refusal, came out */
  then(...events: readonly DomainEvent[]): void;
  /** @throws AssertionError when events came out, or a refusal with another code */
  thenFails(code: FailureCode): Failure;
  /** The claims of each event, in their order. @throws AssertionError when they are others, or the command was refused */
  thenClaims(...claims: readonly (readonly string[])[]): void;
}

type Outcome<E> = { readonly events: readonly E[] } | { readonly refusal: unknown };

/** @returns `given`; events are given in any version that the projection can read */
export function givenWhenThen<V extends View, Command, E extends DomainEvent>(
  decider: Decider<V, Command, E>,
  projection: Projection<V, E>,
) {
  return (...past: readonly DomainEvent[]): Given<Command> => {
    const view = past.reduce(
      (before, event) => projection.evolve(before, decoded(projection, event)),
      projection.initialState,
    );
    return { when: (command) => expectations(decider, projection, view, outcomeOf(decider, command, view)) };
  };
}

function outcomeOf<V extends View, Command, E extends DomainEvent>(
  decider: Decider<V, Command, E>,
  command: Command,
  view: V,
): Outcome<E> {
  try {
    return { events: decider.decide(command, view) };
  } catch (refusal) {
    return { refusal };
  }
}

function expectations<V extends View, Command, E extends DomainEvent>(
  decider: Decider<V, Command, E>,
  projection: Projection<V, E>,
  given: V,
  outcome: Outcome<E>,
): When {
  return {
    // biome-ignore lint/suspicious/noThenProperty: the word of the specification; nothing here is awaited
    then(...events) {
      deepStrictEqual(accepted(outcome), events);
    },
    thenFails(code) {
      if (!('refusal' in outcome)) fail(`expected the refusal ${code}, got ${JSON.stringify(outcome.events)}`);
      const { refusal } = outcome;
      if (!(refusal instanceof Failure)) throw refusal;
      deepStrictEqual(refusal.code, code);
      return refusal;
    },
    thenClaims(...claims) {
      let view = given;
      const actual = accepted(outcome).map((event) => {
        const its = decider.claims?.(event, view) ?? [];
        view = projection.evolve(view, event);
        return its;
      });
      deepStrictEqual(actual, claims);
    },
  };
}

function accepted<E extends DomainEvent>(outcome: Outcome<E>): readonly E[] {
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.events;
}

function decoded<V extends View, E extends DomainEvent>(projection: Projection<V, E>, event: DomainEvent): E {
  const reading = projection.decode({ type: event.type, data: event.data as Record<string, unknown> });
  if (reading.kind === 'known') return reading.event;
  throw new Error(
    `${event.type} cannot be given: ${reading.kind === 'ignored' ? 'the projection ignores it' : reading.detail}`,
  );
}
