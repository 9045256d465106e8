// What the engine needs from the world. Each port has one file per adapter and one contract suite that every adapter passes.

import type { RecordedEvent, StoredEvent } from './event.ts';
import type { HeldReason, ProjectedDocument, StoredDocument } from './projection.ts';

export type AppendResult =
  | { readonly kind: 'stored'; readonly events: readonly StoredEvent[] }
  | { readonly kind: 'version-conflict'; readonly subject: string; readonly currentVersion: number }
  | { readonly kind: 'claim-conflict'; readonly claim: string; readonly holder: ClaimHolder };

export interface ClaimHolder {
  readonly eventId: string;
  readonly subject: string;
  readonly version: number;
}

/**
 * Says when a claim has ended. `types` are the event types that can end a claim; `endedBy` must answer from the two
 * values alone, because the answer is used as a fact that nothing can undo.
 */
export interface ClaimRule {
  readonly prefix: string;
  readonly types: readonly string[];
  endedBy(claim: string, laterEvent: RecordedEvent): boolean;
}

export interface ReadRange {
  /** Only versions above this one; default 0. */
  readonly afterVersion?: number;
  /** Only versions up to this one. */
  readonly upToVersion?: number;
  readonly limit?: number;
}

/** The truth. One document per event; nothing is ever changed or removed but a claim that was given up. */
export interface EventStore {
  /**
   * Stores the events of one command, all or none. Each subject's events carry consecutive versions from expected + 1.
   * `time` is raised to the previous version's where a clock went back.
   * @throws Failure `too-large` (an event over the limit), `overloaded` (no certain outcome within the limits; the
   * caller repeats the same request with its key).
   */
  append(events: readonly StoredEvent[]): Promise<AppendResult>;
  /** One subject's events in order of version; reads what was acknowledged before the call. */
  read(subject: string, range?: ReadRange): Promise<StoredEvent[]>;
  /** The events of a subject up to the first one that happened after `instant`; that event and all after it are left out. */
  readAsOf(subject: string, instant: Date): Promise<StoredEvent[]>;
  /** The later events of several subjects at once, in order of version inside each subject. */
  readLater(positions: ReadonlyMap<string, number>): Promise<StoredEvent[]>;
  /** The same, but at most the next `eachMax` events of each subject. */
  readNext(positions: ReadonlyMap<string, number>, eachMax: number): Promise<StoredEvent[]>;
  /** The highest version of each subject; those without events are left out. */
  heads(subjects: readonly string[]): Promise<ReadonlyMap<string, number>>;
  findByClaim(claim: string): Promise<StoredEvent | undefined>;
  /** Who holds these claims now; those that nobody holds, or that a later event gave up, are left out. */
  holders(claims: readonly string[]): Promise<ReadonlyMap<string, ClaimHolder>>;
  /** Puts claims on events that came without. @returns the claims that another event holds, each with that event. */
  claimLate(claims: readonly LateClaim[]): Promise<ClaimClash[]>;
}

export interface LateClaim {
  readonly claim: string;
  readonly subject: string;
  readonly version: number;
}

export interface ClaimClash extends LateClaim {
  readonly holder: ClaimHolder;
}

/** One change to a collection of documents. A put wins only over a lower version, or an older fold of its own; a placeholder only over nothing. */
export type DocumentWrite = { readonly put: ProjectedDocument } | { readonly placeholder: string };

export interface Documents {
  read(ids: readonly string[]): Promise<ReadonlyMap<string, StoredDocument>>;
  write(writes: readonly DocumentWrite[]): Promise<void>;
}

/**
 * Something that cannot go on: a subject at an event that is missing or unreadable, or, where no subject can be read,
 * a place in a topic. Later events are not kept here; the version in the document decides what is still missing.
 */
export interface Held {
  /** The subject, or `<topic>/<partition>@<offset>`. */
  readonly key: string;
  readonly projection: string;
  readonly appliedVersion: number;
  /** The highest version that came; the subject is held until its document is there. */
  readonly seenVersion: number;
  readonly reason: HeldReason;
  readonly detail: string;
  readonly since: Date;
  readonly attempts: number;
}

export interface HeldSubjects {
  /** Adds, or counts one more attempt and keeps `since`. */
  hold(held: readonly Omit<Held, 'attempts'>[]): Promise<void>;
  /** Releases subjects whose document is at the highest version that came; a subject stays when a higher version came meanwhile. */
  release(reached: ReadonlyMap<string, number>): Promise<void>;
  /** Those of `keys` that are held. */
  among(keys: readonly string[]): Promise<ReadonlyMap<string, Held>>;
  list(limit: number): Promise<Held[]>;
  count(): Promise<number>;
}

/** One thing a feed yields: an event, a value in which no event could be read, or a message that says nothing to this consumer. */
export type FeedItem = {
  readonly source: string;
  readonly position: string;
  /** When it came into its collection or topic, by the clock of that server; where it comes live from there. */
  readonly storedAt?: Date | undefined;
} & ({ readonly event: StoredEvent } | { readonly unreadable: string } | { readonly passedOver: true });

/** Delivers at least once, in order inside a subject; moves its checkpoint only after `handle` resolved. */
export interface Feed {
  start(handle: (items: readonly FeedItem[]) => Promise<void>): Promise<FeedHandle>;
}

export interface FeedHandle {
  /** What an operator should know, for example the last error; empty when all is well. */
  trouble(): string | undefined;
  close(): Promise<void>;
}

export interface Clock {
  now(): Date;
}

export interface Ids {
  /** A new UUIDv7. */
  next(): string;
}

export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Told the name of the place that is passed. A test ends the process there; without a test the call is empty. */
export type CrashAt = (name: string) => void;
