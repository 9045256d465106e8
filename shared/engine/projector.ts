// Folds batches of a feed into documents. Repeats have no effect. A hole or an unreadable event holds only its own subject. A subject that
// is named before its first event becomes a placeholder. After the write the projector holds the subjects that stopped, and releases those
// that caught up. The same projector keeps snapshots and read models.
import {
  type BatchOutcome,
  type Change,
  fillHoles,
  foldAll,
  type ModelWork,
  namedByApplied,
  outcomeOf,
  type ReadModel,
  readDocuments,
  sortIn,
  writeDocuments,
} from './batch-work.ts';
import type { StoredEvent } from './event.ts';
import type { Clock, CrashAt, EventStore, FeedItem, Held, HeldSubjects, Logger } from './ports.ts';

export interface ProjectorPorts {
  /** In order of dependence: a model may name subjects of the models before it, never of those after it. */
  readonly models: readonly ReadModel[];
  readonly held: HeldSubjects;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where missing events can be read, when this process owns them. */
  readonly owner?: Pick<EventStore, 'readNext'>;
  /** Must be done before the documents show it: once they do, a batch that is repeated changes nothing any more. */
  readonly beforeWriting?: (changes: readonly Change[]) => Promise<void>;
  /**
   * Gets the events of the batch and the missing events from the owner, in order inside each subject. A held subject is released only
   * after this call: a retrier brings its events again until each of them was passed to this function.
   */
  readonly afterWriting?: (items: readonly FeedItem[]) => Promise<void>;
  readonly crashPoint?: CrashAt;
}

/** Where a test ends the process in the middle of a batch, in the order in which they are passed. */
export const projectorCrashPoints = [
  'projector-read',
  'projector-between-collections',
  'projector-before-held',
  'projector-done',
] as const;

export interface Projector {
  /** Returns when everything is written; throws, with nothing skipped, when a server cannot be reached. */
  apply(items: readonly FeedItem[]): Promise<BatchOutcome>;
}

export function createProjector(ports: ProjectorPorts): Projector {
  const passing = (point: (typeof projectorCrashPoints)[number]) => ports.crashPoint?.(point);
  return {
    async apply(items) {
      const { byKind, ...others } = sortIn(ports.models, items);
      const work = [...byKind.values()];
      await Promise.all(work.map(readDocuments));
      passing('projector-read');
      for (const model of work) foldAll(model);
      const filled = ports.owner ? await fillHoles(ports.owner, work) : [];
      const outcome = outcomeOf(work, others, ports.clock.now());
      await ports.beforeWriting?.(outcome.changes);
      if (ports.afterWriting) await holdUntilDelivered(ports.held, work, filled, ports.clock.now());
      const named = namedByApplied(work);
      for (const model of work) {
        if (await writeDocuments(model, named)) passing('projector-between-collections');
      }
      await ports.afterWriting?.(tellable(withFilled(items, filled), work));
      passing('projector-before-held');
      await recordHeld(ports.held, work, outcome, ports.afterWriting !== undefined);
      passing('projector-done');
      for (const fork of outcome.forks) ports.log.error(fork, 'fork: two events claim one version of a subject');
      return outcome;
    },
  };
}

/**
 * Leaves out each unreadable event and the later events of its subject. When the event is corrected, the retrier brings all of them
 * again, in order, and they are passed on then.
 */
function tellable(items: readonly FeedItem[], models: readonly ModelWork[]): readonly FeedItem[] {
  const stops = new Map<string, number>();
  for (const { subjects } of models) {
    for (const [subject, { folding }] of subjects)
      if (folding?.stop?.reason === 'unreadable') stops.set(subject, folding.stop.version);
  }
  if (stops.size === 0) return items;
  return items.filter(
    (item) => !('event' in item) || item.event.version < (stops.get(item.event.subject) ?? Number.POSITIVE_INFINITY),
  );
}

/** The events of the subjects whose holes were filled come last, in order of version. */
function withFilled(items: readonly FeedItem[], filled: readonly StoredEvent[]): readonly FeedItem[] {
  if (filled.length === 0) return items;
  const subjects = new Set(filled.map(({ subject }) => subject));
  const whole = filled.map((event) => ({ source: 'owner', position: `${event.subject}/${event.version}`, event }));
  const others: FeedItem[] = [];
  for (const item of items) {
    if ('event' in item && subjects.has(item.event.subject)) whole.push(item);
    else others.push(item);
  }
  return [...others, ...whole.sort((a, b) => a.event.version - b.event.version)];
}

interface Settling {
  readonly port: HeldSubjects;
  readonly models: readonly ModelWork[];
  /** Whether the projector has an `afterWriting`, which gets the batch's events. */
  readonly isHeard: boolean;
}

type Holding = BatchOutcome['held'][number];

/**
 * Holds the subjects whose holes a batch filled, before their documents are written. If the process dies after that write, the repeated
 * batch finds no hole and does not pass on the filled events. Because of this entry, the retrier brings them.
 */
export async function holdUntilDelivered(
  port: HeldSubjects,
  models: readonly ModelWork[],
  filled: readonly StoredEvent[],
  since: Date,
): Promise<void> {
  if (filled.length === 0) return;
  const keys = new Set(filled.map(({ subject }) => subject));
  const before = await port.among([...keys]);
  const undelivered: Holding[] = [];
  for (const { model, subjects } of models) {
    for (const [key, { base, events }] of subjects) {
      if (!keys.has(key) || before.has(key)) continue;
      const appliedVersion = base?.version ?? 0;
      const seenVersion = events.reduce((highest, { version }) => Math.max(highest, version), 0);
      undelivered.push(asUndelivered({ key, projection: model.projection.name, appliedVersion, seenVersion, since }));
    }
  }
  await port.hold(undelivered);
}

/** The entry as a hole, because the retrier tries only holes by itself. */
function asUndelivered({
  key,
  projection,
  appliedVersion,
  seenVersion,
  since,
}: Omit<Holding, 'reason' | 'detail'>): Holding {
  const detail = `version ${appliedVersion + 1}: it may be written, and not told to all who hear of it`;
  return { key, projection, appliedVersion, seenVersion, since, reason: 'hole', detail };
}

/**
 * Held subjects are stored before the feed's checkpoint moves, so that no crash loses one. A subject is released when its
 * document is at the highest version that came, whichever process wrote it. Events after the failing event were not applied and
 * do not come again by themselves. After a crash between the document and the release, the repeated batch releases the subject.
 */
export async function recordHeld(
  port: HeldSubjects,
  models: readonly ModelWork[],
  { held, versions }: BatchOutcome,
  isHeard: boolean,
): Promise<void> {
  const settling = { port, models, isHeard };
  const stopped = new Set(held.map(({ key }) => key));
  const asked = new Set([...stopped, ...models.flatMap(({ subjects }) => [...subjects.keys()])]);
  const before = asked.size > 0 ? await port.among([...asked]) : new Map<string, Held>();
  await letGo(
    settling,
    [...before.values()].filter(({ key }) => !stopped.has(key)),
    versions,
  );
  if (held.length === 0) return;
  const now = held.map((one) => heldAgain(settling, before.get(one.key), one));
  await port.hold(now);
  await letGoOfOvertaken(settling, now);
}

/** Events that were written but not passed on are left to the retrier. */
async function letGo(settling: Settling, entries: readonly Holding[], versions: ReadonlyMap<string, number>) {
  const { port, isHeard } = settling;
  const reached = new Map<string, number>();
  const undelivered: Holding[] = [];
  for (const entry of entries) {
    const version = versions.get(entry.key) ?? 0;
    const delivered = isHeard ? Math.min(version, deliveredTo(settling, entry)) : version;
    reached.set(entry.key, delivered);
    if (delivered < entry.seenVersion && entry.seenVersion <= version && entry.reason !== 'hole')
      undelivered.push(entry);
  }
  if (reached.size > 0) await port.release(reached);
  await port.hold(undelivered.map(asUndelivered));
}

/**
 * Another consumer may have moved a document past the hole while this consumer stood still, and may never touch the subject again.
 * A writer looks for held subjects after it writes, and a holder looks at documents after it holds: one of the two sees the other.
 */
async function letGoOfOvertaken(settling: Settling, now: readonly Holding[]): Promise<void> {
  const stopped = new Map(now.map((one) => [one.key, one]));
  const versions = new Map<string, number>();
  for (const { model, subjects } of settling.models) {
    const keys = [...subjects.keys()].filter((key) => stopped.has(key));
    if (keys.length === 0) continue;
    for (const [key, { version }] of await model.documents.read(keys)) versions.set(key, version);
  }
  const entries = [...versions.keys()].flatMap((key) => stopped.get(key) ?? []);
  await letGo(settling, entries, versions);
}

/** An event after the failing one finds a hole, but the subject did not stop because of this hole: the first reason stays. */
function heldAgain(settling: Settling, before: Held | undefined, now: Holding): Holding {
  if (!before) return now;
  const seenVersion = Math.max(before.seenVersion, now.seenVersion);
  const sameStop = now.reason === 'hole' && now.appliedVersion === before.appliedVersion;
  const again = sameStop ? { ...now, reason: before.reason, detail: before.detail } : now;
  // With an `afterWriting`, the subject goes on from the first event that was not passed on.
  const appliedVersion = settling.isHeard
    ? Math.min(now.appliedVersion, deliveredTo(settling, before))
    : now.appliedVersion;
  return { ...again, seenVersion, appliedVersion };
}

/** The version up to which this batch passed a subject's events on, without a gap after the place where the subject was held. */
function deliveredTo({ models }: Settling, { key, appliedVersion }: Pick<Held, 'key' | 'appliedVersion'>): number {
  const events = models.flatMap(({ subjects }) => subjects.get(key)?.events ?? []);
  const versions = new Set(events.map(({ version }) => version));
  let told = appliedVersion;
  while (versions.has(told + 1)) told += 1;
  return told;
}
