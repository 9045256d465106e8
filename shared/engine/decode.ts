// How a fold sees an event: upcast to the newest version of its type, ignored, or impossible to read.
// The registry of contracts implements it; the engine only asks.
import type { DomainEvent, RecordedEvent } from './event.ts';
import type { TextsOfEvent } from './lost-text.ts';

export type HeldReason = 'hole' | 'unknown-version' | 'invalid-data' | 'unreadable';

export type Decoded<E extends DomainEvent> =
  | { readonly kind: 'known'; readonly event: E }
  /** A stem this consumer does not fold: it moves the version on and nothing else. */
  | { readonly kind: 'ignored' }
  /** A stem it folds, with a version or data it cannot read: the subject is held until an upcaster or a correction comes. */
  | { readonly kind: 'undecodable'; readonly reason: HeldReason; readonly detail: string };

export type Decode<E extends DomainEvent> = (event: Pick<RecordedEvent, 'type'> & TextsOfEvent) => Decoded<E>;
