// What a saga's runner needs, and what it offers.
import type { Backoff } from '../backoff.ts';
import type { CrashAt } from '../crash-points.ts';
import type { DomainEvent } from '../event.ts';
import type { causedBy } from '../execute-together.ts';
import type { Clock, Documents, EventStore, Ids, Logger } from '../ports.ts';
import type { Saga, SagaEvent, SagaView } from './saga.ts';

/** Where instances are kept: documents that can be asked what is due. */
export interface SagaInstances extends Documents {
  /** Subjects whose `data.progress.dueAt` is not after `now`, the longest due first. */
  due(now: Date, limit: number): Promise<string[]>;
}

export interface SagaLimits {
  /** Instances that work at the same time. */
  readonly instancesAtOnceMax: number;
  /** Instances that are told something at the same time. */
  readonly toldAtOnceMax: number;
  /** Steps of one instance before others have their turn. */
  readonly stepsAtOnceMax: number;
  /** Failures in a row of one step before the instance is parked. */
  readonly attemptsMax: number;
  readonly retry: Backoff;
  /** How often what is due is looked for. */
  readonly lookEveryMs: number;
}

export interface SagaPorts<Data extends object, E extends DomainEvent> {
  readonly saga: Saga<Data, E>;
  readonly instances: SagaInstances;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly limits: SagaLimits;
  readonly crashPoint?: CrashAt;
}

/** Where a test ends the process, in the order in which they are passed. */
export const sagaCrashPoints = ['saga-told', 'saga-before-step', 'saga-after-step', 'saga-after-append'] as const;

/** Something that happened, for one instance. */
export interface SagaNews<Data extends object, E extends DomainEvent> {
  readonly subject: string;
  /** Its cause is the event that brought the news. */
  readonly conversation: ReturnType<typeof causedBy>;
  /** What of it the instance did not know yet; nothing when it knows all. Pure: it may be asked more than once. */
  decide(view: SagaView<Data>): readonly (E | SagaEvent)[];
}

export interface SagaRunner<Data extends object, E extends DomainEvent> {
  /**
   * Resolves when everything is stored; the steps that follow are carried out later.
   * @returns the causes of the news that an instance could not take in, because an event of its own cannot be read: whoever
   * told it has to tell it again
   */
  tell(news: readonly SagaNews<Data, E>[]): Promise<readonly string[]>;
  /** Lets the steps at hand end. */
  close(): Promise<void>;
}
