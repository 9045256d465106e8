// The vocabulary of events: what travels, what the store adds, and how types and subjects are spelled.
// An event is a valid CloudEvents 1.0 event (https://github.com/cloudevents/spec) once `time` is rendered as RFC 3339.

import type { Extensions } from './extensions.ts';

/** What happened, before it has a place: a versioned past-tense type and its payload. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
}

/** An event in its place. `version` counts 1, 2, 3 … inside `subject`; it is the only order that anyone compares. */
export interface RecordedEvent extends Extensions {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly version: number;
  readonly time: Date;
  readonly correlationid?: string;
  readonly causationid?: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Why `data` cannot be read, found out on reading; `data` is empty then. It is never stored. */
  readonly unreadable?: string;
}

/** The event as the store keeps it. `claims` and `request` never travel. */
export interface StoredEvent extends RecordedEvent {
  /** Strings that must be unique in the whole store, for example `email:ada@example.org`; absent rather than empty. */
  readonly claims?: readonly string[];
  /** On the first event of a keyed request: the digest of what was asked, and the version the command ended at. */
  readonly request?: { readonly digest: string; readonly lastVersion: number };
}

const versionedType = /^([a-z][A-Za-z0-9]*)_v([1-9][0-9]{0,5})$/;

/** `thingNamed_v2` → `thingNamed`; undefined when the type is not of the form `<stem>_v<n>`. */
export function stemOf(type: string): string | undefined {
  return versionedType.exec(type)?.[1];
}

/** `thing` and an id → `thing-<id>`, the name of a stream. */
export function subjectOf(kind: string, id: string): string {
  return `${kind}-${id}`;
}

const uuidLength = 36;

/** `category-<uuid>` → `category`; the empty string when there is no id of 36 characters after a hyphen. */
export function kindOf(subject: string): string {
  const hyphen = subject.length - uuidLength - 1;
  return hyphen > 0 && subject[hyphen] === '-' ? subject.slice(0, hyphen) : '';
}

/** `thing-<uuid>` → `<uuid>`. */
export function idOf(subject: string): string {
  return subject.slice(-uuidLength);
}
