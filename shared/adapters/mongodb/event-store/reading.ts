// Reads of the event collection that concern several subjects at once, each one indexed query.
import type { Collection, Filter, FindCursor } from 'mongodb';
import { type EventStore, groupBy, readEnvelope, type StoredEvent } from '../../../engine/index.ts';
import type { StoredPosition } from '../../../running/index.ts';
import { findEvents, findWholeEvents } from '../raw-documents.ts';

export type Place = Pick<StoredEvent, 'id' | 'subject' | 'version' | 'time'>;

/** One key for a (subject, version) pair. */
export function placeOf({ subject, version }: Pick<StoredEvent, 'subject' | 'version'>): string {
  return `${subject}@${version}`;
}

/** What stands at each (subject, version) now, by `placeOf`. */
export async function placesOf(
  events: Collection<StoredEvent>,
  wanted: readonly Pick<StoredEvent, 'subject' | 'version'>[],
): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  if (wanted.length === 0) return places;
  // One part for each version asked for, each with exact bounds on both fields of the index.
  const parts = [...groupBy(wanted, ({ version }) => version)].map(([version, same]) => ({
    version,
    subject: { $in: unique(same.map(({ subject }) => subject)) },
  }));
  const projection = { _id: 0, id: 1, subject: 1, version: 1, time: 1 };
  for (const place of await findEvents(events, anyOf(parts), { projection }).toArray())
    places.set(placeOf(place), place);
  return places;
}

/** The highest version of each subject. */
export async function headsOf(
  events: Collection<StoredEvent>,
  subjects: readonly string[],
): Promise<Map<string, number>> {
  const heads = await events
    .aggregate<{ _id: string; version: number }>([
      { $match: { subject: { $in: [...subjects] } } },
      // Descending over the whole index, so that the server jumps from one subject's last version to the next subject.
      { $sort: { subject: -1, version: -1 } },
      { $group: { _id: '$subject', version: { $first: '$version' } } },
    ])
    .toArray();
  return new Map(heads.map(({ _id, version }) => [_id, version]));
}

/** Reading later events of a collection, also one that this process only reads. */
export function storedEventsOf(events: Collection<StoredEvent>): Pick<EventStore, 'readLater' | 'readNext'> {
  return {
    async readLater(positions) {
      return positions.size === 0 ? [] : laterEvents(events, positions).toArray();
    },
    async readNext(positions, eachMax) {
      return positions.size === 0 ? [] : laterEvents(events, positions, eachMax).toArray();
    },
  };
}

/** A cursor over the events of each subject above its position, in order inside each subject. */
export function laterEvents(
  events: Collection<StoredEvent>,
  positions: ReadonlyMap<string, number>,
  eachMax?: number,
): FindCursor<StoredEvent> {
  const later = laterThan(positions, eachMax);
  return findWholeEvents(events, later).sort({ subject: 1, version: 1 });
}

/** Selects the events of each subject above its position. Versions have no gaps, so a bound on them bounds their number. */
function laterThan(positions: ReadonlyMap<string, number>, eachMax?: number): Filter<StoredEvent> {
  const byVersion = groupBy(positions, ([, version]) => version);
  const parts = [...byVersion].map(([version, subjects]) => ({
    subject: { $in: subjects.map(([subject]) => subject) },
    version: { $gt: version, ...(eachMax !== undefined && { $lte: version + eachMax }) },
  }));
  return anyOf(parts);
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function anyOf(parts: readonly Filter<StoredEvent>[]): Filter<StoredEvent> {
  return parts.length === 1 && parts[0] ? parts[0] : { $or: [...parts] };
}

export interface NewestOf {
  /** Of subjects of this kind only, where the collection holds several: it is scanned backwards to the first of them. */
  readonly kind?: string | undefined;
  /** Subjects whose events are left out. */
  readonly besides?: readonly string[];
}

const scanMsMax = 2000;
/** How many invalid events are passed over: an event that was inserted around the validator reaches no reader. */
const looksMax = 100;

/** The newest event in the server's own order of insertion. It is asked for readiness only, never for order. */
export async function newestIn(
  events: Collection<StoredEvent>,
  { kind, besides = [] }: NewestOf = {},
): Promise<StoredPosition | undefined> {
  const wanted = {
    ...(besides.length > 0 && { $nin: [...besides] }),
    // A kind whose name goes on after this one is another kind: what follows the hyphen is a UUID.
    ...(kind !== undefined && { $regex: `^${kind}-.{36}$` }),
  };
  const filter = Object.keys(wanted).length > 0 ? { subject: wanted } : {};
  const newestFirst = findWholeEvents(events, filter, { maxTimeMS: scanMsMax, batchSize: 2 })
    .sort({ $natural: -1 })
    .limit(looksMax);
  for await (const event of newestFirst) {
    if ('event' in readEnvelope(event)) return { subject: event.subject, version: event.version };
  }
  return undefined;
}
