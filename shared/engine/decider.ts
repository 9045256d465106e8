// The write side of one kind of subject, as a plain object of pure functions: from the past and a command to the events that follow.
import type { DomainEvent } from './event.ts';
import type { View } from './projection.ts';

export interface Decider<V extends View, Command, E extends DomainEvent> {
  /** For example `thing`; subjects are `<kind>-<uuid>`. */
  readonly kind: string;
  /** The CloudEvents source, for example `/thing-service`. */
  readonly source: string;
  /**
   * A command that is already satisfied yields no events.
   * @throws Failure when the command is refused.
   */
  decide(command: Command, view: V): readonly E[];
  /** What must be unique in the store once `event` is applied to `view`. */
  claims?(event: E, view: V): readonly string[];
  /** The answer to a command whose claim somebody else holds. */
  claimTaken?(claim: string): Error;
}
