// What a service declares to keep one document for each subject: how an event is read, a state, a payload, and how events change them.
// The same declaration serves the snapshot projector, the read models, and every read that folds later events on top. What a document
// refers to, and since when, is part of the document, so that no crash can leave the two apart.
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

/** What a document says about merges, beside its payload. */
export interface Merging {
  /** The id of the survivor, while the merge stands. */
  readonly mergedInto?: string;
  /** The id of the merge that set `mergedInto`. */
  readonly mergeId?: string;
  /** The merges that this subject survived, without those that were retracted, in the order in which they happened. */
  readonly absorbed?: readonly { readonly mergeId: string; readonly absorbedId: string }[];
}

/** What is folded. `state` is one of the projection's own words; removal is a state, never a delete. */
export interface View extends Merging {
  readonly state: string;
  readonly data: object | null;
}

export interface Projection<V extends View = View, E extends DomainEvent = DomainEvent> {
  /** The name readers and operators see, for example `things`. */
  readonly name: string;
  /** The kind of subject it folds: `thing` for `thing-<uuid>`. */
  readonly kind: string;
  /** Another number means "fold me again", not "different". */
  readonly foldVersion: number;
  readonly decode: Decode<E>;
  readonly initialState: V;
  /** Total: it never throws and never refuses, whatever state the event meets. */
  evolve(view: V, event: E): V;
  /** The subjects an event names; each becomes a placeholder until its own event arrives. */
  names?(event: E): readonly string[];
  /** What a document in this view refers to; one that was removed refers to nothing. */
  refersTo?(view: V): readonly NamedTarget[];
}

/** One document of a read model, or a snapshot. `_id` is the subject; only its own events write it, under `version`. */
export interface ProjectedDocument extends Merging {
  readonly _id: string;
  readonly version: number;
  readonly state: string;
  /** When the subject's first event happened, whether this fold knows its type or not. */
  readonly createdAt: Date;
  /** When the last event that this fold knows happened. */
  readonly time: Date;
  readonly data: object;
  /** Left out where the projection refers to nothing. */
  readonly references?: readonly Reference[];
  readonly lastEventId: string;
  /** Running SHA-256 over the events folded so far, hex; see `nextDigest`. */
  readonly eventsDigest: string;
  readonly foldVersion: number;
}

/** Named by another subject's event before its own first event came. */
export interface Placeholder {
  readonly _id: string;
  readonly version: 0;
  readonly state: typeof notYetAvailable;
}

export const notYetAvailable = 'notYetAvailable';

export type StoredDocument = ProjectedDocument | Placeholder;

export function isPlaceholder(document: StoredDocument): document is Placeholder {
  return document.version === 0;
}

/** Returns only the fields that have a value: a document without merges has none of these fields. */
export function mergingOf({ mergedInto, mergeId, absorbed }: Merging): Merging {
  return {
    ...(mergedInto === undefined ? {} : { mergedInto }),
    ...(mergeId === undefined ? {} : { mergeId }),
    ...(absorbed === undefined || absorbed.length === 0 ? {} : { absorbed }),
  };
}

/** What a document shows, as the fold sees it. */
export function viewOf<V extends View>(document: ProjectedDocument): V {
  return { state: document.state, data: document.data, ...mergingOf(document) } as V;
}

/** A field of a view that names another subject. */
export interface NamedTarget {
  /** The field's place in the payload, for example `categoryId` or `lines.itemId`. */
  readonly field: string;
  /** The subject that it names. */
  readonly target: string;
}

/** A reference that a document holds now. */
export interface Reference extends NamedTarget {
  /** The time of the event since which the document has held the reference without a break. */
  readonly since: Date;
  /** The version of that event. */
  readonly sinceVersion: number;
}

/**
 * The references after an event: those that stay keep their `since`, new ones begin with the event, others are gone.
 * One for each field and target, in the order of both; undefined for a projection whose documents refer to nothing.
 */
export function referencesAfter<V>(
  projection: { refersTo?(view: V): readonly NamedTarget[] },
  before: { readonly references?: readonly Reference[] } | undefined,
  view: V,
  event: Pick<RecordedEvent, 'time' | 'version'>,
): readonly Reference[] | undefined {
  if (!projection.refersTo) return undefined;
  const earlier = new Map((before?.references ?? []).map((reference) => [keyOf(reference), reference]));
  const now = new Map<string, Reference>();
  for (const { field, target } of projection.refersTo(view)) {
    const key = keyOf({ field, target });
    now.set(key, earlier.get(key) ?? { field, target, since: event.time, sinceVersion: event.version });
  }
  return [...now].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference);
}

function keyOf({ field, target }: NamedTarget): string {
  return `${field} ${target}`;
}
