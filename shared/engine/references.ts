// What a document refers to, and since when: part of the document, so that no crash can leave the two apart.
import type { RecordedEvent } from './event.ts';

/** A field of a view that names another subject. */
export interface NamedTarget {
  /** The field's place in the payload, for example `categoryId` or `lines.itemId`. */
  readonly field: string;
  /** The subject that it names. */
  readonly target: string;
}

/** A reference that a document holds now. */
export interface Reference extends NamedTarget {
  /** When the event happened from which on the document has held it without a break. */
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
