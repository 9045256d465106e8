// What a projector does with one batch for one model: sorts the events by subject, reads the documents once, folds, writes once, and says
// what came of each event.
import { type DomainEvent, kindOf, type StoredEvent } from './event.ts';
import { type Folding, type Fork, fold, usableBase } from './fold.ts';
import { groupBy } from './group-by.ts';
import type { Documents, DocumentWrite, EventStore, FeedItem, Held } from './ports.ts';
import type { ProjectedDocument, Projection, StoredDocument, View } from './projection.ts';

/** What one batch did; counted by metrics, acted on by whoever follows the projector. */
export interface BatchOutcome {
  readonly applied: number;
  readonly repeats: number;
  readonly ignored: number;
  /** Messages that say nothing to this consumer. */
  readonly passedOver: number;
  readonly forks: readonly Fork[];
  readonly held: readonly Omit<Held, 'attempts'>[];
  /** Every subject of the batch with the version its document is at now. */
  readonly versions: ReadonlyMap<string, number>;
  /** Documents as they were before and after, for those that changed. */
  readonly changes: readonly Change[];
}

export interface Change {
  readonly before: ProjectedDocument | undefined;
  readonly after: ProjectedDocument;
  readonly events: readonly StoredEvent[];
}

export function outcomeOf(
  models: readonly ModelWork[],
  {
    unreadable,
    ignored,
    passedOver,
  }: Pick<BatchOutcome, 'ignored' | 'passedOver'> & {
    readonly unreadable: readonly { position: string; detail: string }[];
  },
  since: Date,
): BatchOutcome {
  const outcome = { applied: 0, repeats: 0, forks: [] as Fork[], changes: [] as Change[] };
  const held: Omit<Held, 'attempts'>[] = unreadable.map(({ position, detail }) => ({
    key: position,
    projection: '',
    appliedVersion: 0,
    seenVersion: 0,
    reason: 'unreadable',
    detail,
    since,
  }));
  const versions = new Map<string, number>();
  for (const { model, subjects } of models) {
    for (const [subject, { base, folding, events }] of subjects) {
      if (!folding) continue;
      outcome.applied += folding.applied;
      outcome.repeats += folding.repeats;
      outcome.forks.push(...folding.forks);
      const appliedVersion = folding.document?.version ?? 0;
      versions.set(subject, appliedVersion);
      if (folding.document && folding.document !== base)
        outcome.changes.push({ before: base, after: folding.document, events });
      if (folding.stop) {
        const { reason, version, detail } = folding.stop;
        held.push({
          key: subject,
          projection: model.projection.name,
          appliedVersion,
          seenVersion: events.reduce((highest, { version }) => Math.max(highest, version), 0),
          reason,
          detail: `version ${version}: ${detail}`,
          since,
        });
      }
    }
  }
  return { ...outcome, ignored, passedOver, held, versions };
}

/** A projection and the collection it fills. */
export interface ReadModel<V extends View = View, E extends DomainEvent = DomainEvent> {
  readonly projection: Projection<V, E>;
  readonly documents: Documents;
}

/** Models of different kinds stand in one list; each decodes its own events only. */
export function readModel<V extends View, E extends DomainEvent>(
  projection: Projection<V, E>,
  documents: Documents,
): ReadModel {
  return { projection, documents } as unknown as ReadModel;
}

export interface SubjectWork {
  readonly events: StoredEvent[];
  readonly names: { readonly version: number; readonly target: string }[];
  base: ProjectedDocument | undefined;
  folding: Folding | undefined;
}

export interface ModelWork {
  readonly model: ReadModel;
  readonly subjects: Map<string, SubjectWork>;
  /** Subjects of this model that events of the batch name; they are read with the rest. */
  readonly named: Set<string>;
  stored: ReadonlyMap<string, StoredDocument>;
}

export function sortIn(models: readonly ReadModel[], items: readonly FeedItem[]) {
  const byKind = new Map<string, ModelWork>();
  for (const model of models) {
    byKind.set(model.projection.kind, { model, subjects: new Map(), named: new Set(), stored: new Map() });
  }
  const unreadable: { position: string; detail: string }[] = [];
  let ignored = 0;
  let passedOver = 0;
  for (const item of items) {
    if ('passedOver' in item) {
      passedOver += 1;
      continue;
    }
    if ('unreadable' in item) {
      unreadable.push({ position: item.position, detail: item.unreadable });
      continue;
    }
    const work = byKind.get(kindOf(item.event.subject));
    if (!work) {
      ignored += 1;
      continue;
    }
    const subject = work.subjects.get(item.event.subject) ?? emptyWork();
    work.subjects.set(item.event.subject, subject);
    addEvent(work.model.projection, subject, item.event);
    for (const { target } of subject.names) byKind.get(kindOf(target))?.named.add(target);
  }
  return { byKind, unreadable, ignored, passedOver };
}

function emptyWork(): SubjectWork {
  return { events: [], names: [], base: undefined, folding: undefined };
}

function addEvent(projection: Projection, work: SubjectWork, event: StoredEvent): void {
  work.events.push(event);
  for (const target of namesIn(projection, event)) work.names.push({ version: event.version, target });
}

function namesIn(projection: Projection, event: StoredEvent): readonly string[] {
  if (!projection.names) return [];
  const decoded = projection.decode(event);
  return decoded.kind === 'known' ? projection.names(decoded.event) : [];
}

export async function readDocuments(work: ModelWork): Promise<void> {
  const ids = new Set([...work.subjects.keys(), ...work.named]);
  if (ids.size > 0) work.stored = await work.model.documents.read([...ids]);
}

export function foldAll({ model, subjects, stored }: ModelWork): void {
  for (const [subject, work] of subjects) {
    work.base = usableBase(model.projection, stored.get(subject));
    work.folding = fold(model.projection, work.base, work.events);
  }
}

/** How many events one batch reads from the owner at most, so that no long history is in memory beside the batch. */
const filledEventsMax = 1000;

/**
 * One query fills all holes of the batch; events that the owner lacks stay missing. A hole that is wider than its share of the query is
 * left to the retrier. So are the events after an unreadable event: each new event of that subject would read them here again.
 *
 * @returns the events that the batch has now, and did not bring
 */
export async function fillHoles(
  owner: Pick<EventStore, 'readNext'>,
  models: readonly ModelWork[],
): Promise<readonly StoredEvent[]> {
  const holes = models.flatMap(({ subjects }) => [...subjects].flatMap(([subject, work]) => holeOf(subject, work)));
  const eachMax = Math.floor(filledEventsMax / holes.length);
  const narrow = holes.filter(({ missing }) => missing <= eachMax);
  if (narrow.length === 0) return [];
  const added: StoredEvent[] = [];
  const positions = new Map(narrow.map(({ subject, version }) => [subject, version]));
  const filled = groupBy(await owner.readNext(positions, eachMax), (event) => event.subject);
  for (const { model, subjects } of models) {
    for (const [subject, work] of subjects) {
      const events = filled.get(subject);
      if (!events) continue;
      const known = new Set(work.events.map(({ id }) => id));
      const missing = events.filter(({ id }) => !known.has(id));
      for (const event of missing) addEvent(model.projection, work, event);
      added.push(...missing);
      work.folding = fold(model.projection, work.base, work.events);
    }
  }
  return added;
}

/** The version at which a subject stopped, and how many versions are missing after it. */
function holeOf(subject: string, { events, folding }: SubjectWork) {
  if (folding?.stop?.reason !== 'hole') return [];
  const version = folding.document?.version ?? 0;
  const behind = events.reduce(
    (least, one) => (one.version > version ? Math.min(least, one.version) : least),
    Infinity,
  );
  return [{ subject, version, missing: behind - version - 1 }];
}

/** The subjects that the folded events name. An event after a hole names its subjects only when it is folded. */
export function namedByApplied(models: readonly ModelWork[]): ReadonlySet<string> {
  const named = new Set<string>();
  for (const { subjects } of models) {
    for (const { names, folding } of subjects.values()) {
      for (const { version, target } of names) if (version <= (folding?.document?.version ?? 0)) named.add(target);
    }
  }
  return named;
}

/**
 * Placeholders and documents of one collection leave in one bulk write, before the collections that refer to them. The
 * placeholders go first, also for a target whose own document follows, because the documents before it may name the target.
 *
 * @returns whether there was anything to write
 */
export async function writeDocuments(work: ModelWork, named: ReadonlySet<string>): Promise<boolean> {
  const { model, subjects, stored } = work;
  const namedHere = namedByApplied([work]);
  const writes: DocumentWrite[] = [];
  for (const target of named) {
    if (kindOf(target) !== model.projection.kind || stored.has(target)) continue;
    if (namedHere.has(target) || !subjects.get(target)?.folding?.document) writes.push({ placeholder: target });
  }
  for (const { base, folding } of subjects.values()) {
    if (folding?.document && folding.document !== base) writes.push({ put: folding.document });
  }
  if (writes.length > 0) await model.documents.write(writes);
  return writes.length > 0;
}
