// Folds a subject's events onto its document, and reads a subject so: its document, then the later events folded on top. The only place
// that decides what a version number means: applied + 1 is next, lower is a repeat, higher is a hole, and the same version under another
// id is a fork. A read takes at most two indexed queries, whatever the age of the subject.
import { createHash } from 'node:crypto';
import type { DomainEvent, RecordedEvent } from './event.ts';
import { Failure } from './failure.ts';
import { groupBy } from './group-by.ts';
import type { Documents, EventStore } from './ports.ts';
import {
  type HeldReason,
  isPlaceholder,
  mergingOf,
  type ProjectedDocument,
  type Projection,
  referencesAfter,
  type StoredDocument,
  type View,
  viewOf,
} from './projection.ts';

/** Why a subject cannot go on: the event at `version` is missing or cannot be read. */
export interface Stop {
  readonly version: number;
  readonly reason: HeldReason;
  readonly detail: string;
}

export interface Fork {
  readonly subject: string;
  readonly version: number;
  readonly appliedId: string;
  readonly otherId: string;
}

export interface Folding {
  /** The document after the last event that could be applied; undefined while nothing was. */
  readonly document: ProjectedDocument | undefined;
  readonly applied: number;
  readonly repeats: number;
  readonly forks: readonly Fork[];
  readonly stop: Stop | undefined;
}

/** Hex SHA-256 of `previous digest \n id \n type as stored \n version`; the first previous digest is empty. */
export function nextDigest(previous: string, event: Pick<RecordedEvent, 'id' | 'type' | 'version'>): string {
  return createHash('sha256').update(`${previous}\n${event.id}\n${event.type}\n${event.version}`).digest('hex');
}

/** A document written by this fold; a placeholder, or one written by another version of the fold, is no base to go on from. */
export function usableBase(
  projection: Pick<Projection, 'foldVersion'>,
  document: StoredDocument | undefined,
): ProjectedDocument | undefined {
  if (!document || isPlaceholder(document) || document.foldVersion !== projection.foldVersion) return undefined;
  return document;
}

/**
 * Folds `events` (one subject's, in any order, with repeats) onto `base`.
 * The fold stops at the first event that is missing or unreadable, and applies no event after it.
 */
export function fold<V extends View, E extends DomainEvent>(
  projection: Projection<V, E>,
  base: ProjectedDocument | undefined,
  events: readonly RecordedEvent[],
): Folding {
  const forks: Fork[] = [];
  let document = base;
  let applied = 0;
  let repeats = 0;
  for (const event of inVersionOrder(events)) {
    const version = document?.version ?? 0;
    if (event.version <= version) {
      repeats += 1;
      if (document && event.version === version && event.id !== document.lastEventId) {
        forks.push({ subject: event.subject, version, appliedId: document.lastEventId, otherId: event.id });
      }
      continue;
    }
    const stop = event.version > version + 1 ? holeBefore(event, version) : undefined;
    if (stop) return { document, applied, repeats, forks, stop };
    const decoded = projection.decode(event);
    if (decoded.kind === 'undecodable') {
      const { reason, detail } = decoded;
      return { document, applied, repeats, forks, stop: { version: event.version, reason, detail } };
    }
    document =
      decoded.kind === 'known'
        ? evolved(projection, document, event, decoded.event)
        : passedOver(projection, document, event);
    applied += 1;
  }
  return { document, applied, repeats, forks, stop: undefined };
}

function inVersionOrder(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const sorted = events.every((event, i) => i === 0 || (events[i - 1]?.version ?? 0) <= event.version);
  return sorted ? events : [...events].sort((a, b) => a.version - b.version);
}

function holeBefore(event: RecordedEvent, version: number): Stop {
  return {
    version: version + 1,
    reason: 'hole',
    detail: `version ${event.version} arrived after version ${version}; ${event.version - version - 1} in between are missing`,
  };
}

function evolved<V extends View, E extends DomainEvent>(
  projection: Projection<V, E>,
  before: ProjectedDocument | undefined,
  event: RecordedEvent,
  decoded: E,
): ProjectedDocument {
  const view = projection.evolve(before ? viewOf<V>(before) : projection.initialState, decoded);
  const references = referencesAfter(projection, before, view, event);
  return {
    _id: event.subject,
    version: event.version,
    state: view.state,
    createdAt: before?.createdAt ?? event.time,
    time: event.time,
    data: view.data ?? {},
    ...mergingOf(view),
    ...(references ? { references } : {}),
    lastEventId: event.id,
    eventsDigest: nextDigest(before?.eventsDigest ?? '', event),
    foldVersion: projection.foldVersion,
  };
}

function passedOver(
  projection: Projection,
  before: ProjectedDocument | undefined,
  event: RecordedEvent,
): ProjectedDocument {
  return {
    _id: event.subject,
    version: event.version,
    state: before?.state ?? projection.initialState.state,
    createdAt: before?.createdAt ?? event.time,
    time: before?.time ?? event.time,
    data: before?.data ?? projection.initialState.data ?? {},
    ...mergingOf(before ?? {}),
    ...(projection.refersTo ? { references: before?.references ?? [] } : {}),
    lastEventId: event.id,
    eventsDigest: nextDigest(before?.eventsDigest ?? '', event),
    foldVersion: projection.foldVersion,
  };
}

export interface SubjectReading {
  readonly document: ProjectedDocument | undefined;
  /** The version the read began from: 0 without a snapshot. */
  readonly snapshotVersion: number;
  readonly replayedEvents: number;
  /** The highest version that was read, folded or not. */
  readonly seenVersion: number;
  readonly stop: Stop | undefined;
}

/** Where a subject's document and its events are found, and how they are folded. */
export interface SubjectSource<V extends View, E extends DomainEvent> {
  readonly projection: Projection<V, E>;
  readonly documents: Documents;
  readonly store: EventStore;
}

/**
 * The subject as of every event acknowledged before the call.
 * @throws Failure `subject-held` when an event on the way cannot be folded.
 */
export async function readSubject<V extends View, E extends DomainEvent>(
  { projection, documents, store }: SubjectSource<V, E>,
  subject: string,
): Promise<SubjectReading> {
  const base = usableBase(projection, (await documents.read([subject])).get(subject));
  const later = await store.read(subject, { afterVersion: base?.version ?? 0 });
  return unlessHeld(subject, readingOf(projection, base, later));
}

/** Several subjects as of now, in two queries; one that is held is shown as far as it could be folded. */
export async function readSubjects<V extends View, E extends DomainEvent>(
  { projection, documents, store }: SubjectSource<V, E>,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, SubjectReading>> {
  if (subjects.length === 0) return new Map();
  const stored = await documents.read(subjects);
  const bases = new Map(subjects.map((subject) => [subject, usableBase(projection, stored.get(subject))]));
  const later = groupBy(
    await store.readLater(new Map([...bases].map(([subject, base]) => [subject, base?.version ?? 0]))),
    (event) => event.subject,
  );
  return new Map([...bases].map(([subject, base]) => [subject, readingOf(projection, base, later.get(subject) ?? [])]));
}

/** The subject as its first `version` events made it, by today's fold. Undefined when there are fewer. */
export async function readSubjectAtVersion<V extends View, E extends DomainEvent>(
  { projection, documents, store }: SubjectSource<V, E>,
  subject: string,
  version: number,
): Promise<SubjectReading | undefined> {
  const snapshot = usableBase(projection, (await documents.read([subject])).get(subject));
  const base = snapshot && snapshot.version <= version ? snapshot : undefined;
  const events = await store.read(subject, { afterVersion: base?.version ?? 0, upToVersion: version });
  const reading = unlessHeld(subject, readingOf(projection, base, events));
  return reading.document?.version === version ? reading : undefined;
}

/** The subject after its events up to the first one that is later than `instant`; that event and all after it are left out. */
export async function readSubjectAsOf<V extends View, E extends DomainEvent>(
  { projection, store }: Pick<SubjectSource<V, E>, 'projection' | 'store'>,
  subject: string,
  instant: Date,
): Promise<SubjectReading> {
  const events = await store.readAsOf(subject, instant);
  return unlessHeld(subject, readingOf(projection, undefined, events));
}

function readingOf<V extends View, E extends DomainEvent>(
  projection: Projection<V, E>,
  base: ProjectedDocument | undefined,
  events: readonly RecordedEvent[],
): SubjectReading {
  const { document, applied, stop } = fold(projection, base, events);
  const snapshotVersion = base?.version ?? 0;
  const seenVersion = events.at(-1)?.version ?? snapshotVersion;
  return { document, snapshotVersion, replayedEvents: applied, seenVersion, stop };
}

/** @throws Failure `subject-held` when an event on the way could not be folded */
export function unlessHeld(subject: string, reading: SubjectReading): SubjectReading {
  if (!reading.stop) return reading;
  const { version, detail } = reading.stop;
  throw new Failure(
    'subject-held',
    `${subject} is held before version ${version}: ${detail}. It goes on once the event's contract is known or its data is corrected.`,
    { currentVersion: reading.seenVersion },
  );
}
