// A saga as a declaration: how its own history folds, which step that history calls for, and how a step is carried out.
// Folding and reacting are apart: a replay folds, and issues no command again.

import type { DomainEvent } from '../event.ts';
import type { Causation } from '../execute.ts';
import type { Decode, Projection, View } from '../projection.ts';

/** `running`: it has something to do; `waiting`: for news or a time; `parked`: for an operator. */
export const sagaStates = ['waiting', 'running', 'parked', 'completed', 'abandoned'] as const;
export type SagaState = (typeof sagaStates)[number] | 'notBegun';

/** What the engine keeps beside the saga's own data. Times are RFC 3339 with milliseconds, so that their order is that of the text. */
export interface SagaProgress {
  /** How often the step at hand failed in a row. */
  readonly attempts: number;
  /** Not before this time, after a failure. */
  readonly retryAt: string | null;
  /** The time at which the saga goes on by itself; null when only news or an operator can move it on. */
  readonly dueAt: string | null;
  /** Why it is parked, or was abandoned, or will be tried again. */
  readonly reason: string | null;
}

export interface SagaView<Data extends object = object> extends View {
  readonly state: SagaState;
  readonly data: Data & { readonly progress: SagaProgress };
}

export interface Step {
  readonly name: string;
  /** The earliest time of the step, RFC 3339, for a time limit or a timer. Without it the step is due at once. */
  readonly notBefore?: string;
}

export interface Saga<Data extends object, E extends DomainEvent> {
  /** A sentence: `send-letters-when-ordered`. */
  readonly name: string;
  /** The kind of its subjects, for example `letters`: one instance is one subject. */
  readonly kind: string;
  /** The stem of its event types, for example `letters`. */
  readonly stem: string;
  readonly source: string;
  readonly foldVersion: number;
  /** Reads its own events, those of its lifecycle included. */
  readonly decode: Decode<E | SagaEvent>;
  readonly initialData: Data;
  /** Pure and total; asked for the saga's own events only. */
  evolve(view: SagaView<Data>, event: E): { readonly state: SagaState; readonly data: Data };
  /** The step that the history calls for, undefined when there is none. Pure; not asked while the saga is parked. */
  next(view: SagaView<Data>): Step | undefined;
  /**
   * Carries the step out and answers with what is to be remembered of it, at least one event. It may be carried out again
   * after a crash, so all of its effects must be idempotent. A step that throws is tried again, and in the end parks the saga.
   */
  react(step: Step, view: SagaView<Data>, subject: string): Promise<readonly (E | SagaEvent)[]>;
  /** Who began it; its events belong to the same conversation. */
  causation(data: Data): Causation;
}

/** What happens to any saga: `<stem>StepFailed_v1`, `<stem>Parked_v1`, `<stem>Resumed_v1`, `<stem>Abandoned_v1`. */
export interface SagaEvent extends DomainEvent {
  readonly data: {
    readonly reason: string;
    readonly step?: string | undefined;
    readonly attempt?: number | undefined;
    readonly retryAt?: string | undefined;
  };
}

/** At once: before any time that a clock shows. */
export const atOnce = new Date(0).toISOString();

const begun: SagaProgress = { attempts: 0, retryAt: null, dueAt: null, reason: null };

/** The saga's history as a projection: the same fold serves the instance, its document and every read. */
export function sagaProjection<Data extends object, E extends DomainEvent>(
  saga: Saga<Data, E>,
): Projection<SagaView<Data>, E | SagaEvent> {
  return {
    name: saga.name,
    kind: saga.kind,
    foldVersion: saga.foldVersion,
    decode: saga.decode,
    initialState: { state: 'notBegun', data: { ...saga.initialData, progress: begun } },
    evolve(view, event) {
      const after = lifecycle(saga.stem, view, event) ?? own(saga, view, event as E);
      return { ...after, data: { ...after.data, progress: { ...after.data.progress, dueAt: dueAt(saga, after) } } };
    },
  };
}

/** The step that may be carried out now. */
export function stepNow<Data extends object, E extends DomainEvent>(
  saga: Saga<Data, E>,
  view: SagaView<Data>,
  now: Date,
): Step | undefined {
  const due = dueAt(saga, view);
  return due !== null && due <= now.toISOString() ? saga.next(view) : undefined;
}

function own<Data extends object, E extends DomainEvent>(
  saga: Saga<Data, E>,
  view: SagaView<Data>,
  event: E,
): SagaView<Data> {
  const { state, data } = saga.evolve(view, event);
  // A parked or abandoned saga keeps its reason when news comes.
  const still = state === 'parked' || state === 'abandoned';
  return { state, data: { ...data, progress: still ? view.data.progress : begun } };
}

function lifecycle<Data extends object>(
  stem: string,
  view: SagaView<Data>,
  { type, data }: DomainEvent,
): SagaView<Data> | undefined {
  const { reason, attempt = 0, retryAt = null } = data as SagaEvent['data'];
  const moved = (state: SagaState, progress: Partial<SagaProgress>): SagaView<Data> => ({
    state,
    data: { ...view.data, progress: { ...begun, reason, ...progress } },
  });
  switch (type) {
    case `${stem}StepFailed_v1`:
      return moved(view.state, { attempts: attempt, retryAt });
    case `${stem}Parked_v1`:
      return moved('parked', { attempts: attempt });
    case `${stem}Resumed_v1`:
      // A running saga stays as it is: a step that failed keeps its number of attempts and its waiting time.
      return view.state === 'running' ? view : moved('running', {});
    case `${stem}Abandoned_v1`:
      return moved('abandoned', {});
  }
  return undefined;
}

function dueAt<Data extends object, E extends DomainEvent>(saga: Saga<Data, E>, view: SagaView<Data>): string | null {
  const step = view.state === 'parked' ? undefined : saga.next(view);
  if (!step) return null;
  const { retryAt } = view.data.progress;
  const notBefore = step.notBefore ?? atOnce;
  return retryAt !== null && retryAt > notBefore ? retryAt : notBefore;
}
