// What a saga needs from the world: where its instances are kept, and who runs them.
import type { DomainEvent } from '../event.ts';
import type { causedBy } from '../execute.ts';
import type { Documents } from '../ports.ts';
import type { SagaEvent, SagaView } from './saga.ts';

/** Where instances are kept: documents that can be asked what is due. */
export interface SagaInstances extends Documents {
  /** Subjects whose `data.progress.dueAt` is not after `now`, the longest due first. */
  due(now: Date, limit: number): Promise<string[]>;
}

/** Something that happened, for one instance. */
export interface SagaDelivery<Data extends object, E extends DomainEvent> {
  readonly subject: string;
  /** Its cause is the event that brought the news. */
  readonly causation: ReturnType<typeof causedBy>;
  /** The events for the news that the instance does not know yet; none when it knows all. Pure: may be called again. */
  decide(view: SagaView<Data>): readonly (E | SagaEvent)[];
}

export interface SagaRunner<Data extends object, E extends DomainEvent> {
  /**
   * Resolves when everything is stored; the steps that follow are carried out later.
   * @returns the ids of the events whose news an instance could not take in, because one of its own events cannot be read: the
   * caller has to deliver this news again
   */
  deliver(news: readonly SagaDelivery<Data, E>[]): Promise<readonly string[]>;
  /** Resolves when the steps that are running have ended. */
  close(): Promise<void>;
}
