// Reads one subject: its document, then the later events folded on top. At most two indexed queries, whatever its age.
import type { DomainEvent, RecordedEvent } from './event.ts';
import { Failure } from './failure.ts';
import { fold, type Stop, usableBase } from './fold.ts';
import { groupBy } from './group-by.ts';
import type { Documents, EventStore } from './ports.ts';
import type { ProjectedDocument, Projection, View } from './projection.ts';

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

/** The subject after the longest prefix of its events none of which is later than `instant`. */
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
