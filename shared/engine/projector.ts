// Folds batches of a feed into documents: repeats have no effect, a hole or an unreadable event holds its own subject only, and what is
// named first becomes a placeholder. After its documents are written a batch holds the subjects that stopped, and releases those that are
// there. The same projector keeps snapshots and read models.
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
  /** In order of dependence: a model may name subjects of the models before it, never of those behind. */
  readonly models: readonly ReadModel[];
  readonly held: HeldSubjects;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where missing events can be read, when this process owns them. */
  readonly owner?: Pick<EventStore, 'readNext'>;
  /** Must be done before the documents show it: once they do, a batch that is repeated changes nothing any more. */
  readonly beforeWriting?: (changes: readonly Change[]) => Promise<void>;
  /**
   * Told of what came, and of what was missing and the owner gave, in order inside each subject. A subject is released after it: until
   * every event behind the place where it was held was told, a retrier brings them again.
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
 * Nobody is told of an event that cannot be read, nor of those after it: once it is corrected, the retrier brings all of them again,
 * in order, and they are told then.
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

/** Those whose holes were filled come last, in order of version. */
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
  /** Whether somebody hears of the batch's events. */
  readonly isHeard: boolean;
}

type Holding = BatchOutcome['held'][number];

/**
 * Before the documents are written with what a batch filled in by itself: once they are, a batch that died before it told of that and
 * is repeated finds no hole, and would not bring it again. This entry has the retrier bring it.
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

/** A hole for the retrier, which tries nothing else by itself. */
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
 * Held subjects are stored before the feed's checkpoint moves, so that a crash cannot forget one. One is released once its
 * document is at the highest version that came, whoever wrote that: what came behind the failing event was not applied and
 * does not come again by itself, and after a crash between the document and the release the repeat releases it.
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

/** What is written and not told is left to the retrier. */
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
 * Another consumer may have brought a document past the hole while this one stood still, and may never touch the subject again.
 * Whoever writes looks for held subjects after writing, and whoever holds looks at documents after holding: one of the two sees the other.
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

/** An event that comes behind the failing one finds a hole, which is not why the subject stopped: the first reason stays. */
function heldAgain(settling: Settling, before: Held | undefined, now: Holding): Holding {
  if (!before) return now;
  const seenVersion = Math.max(before.seenVersion, now.seenVersion);
  const sameStop = now.reason === 'hole' && now.appliedVersion === before.appliedVersion;
  const again = sameStop ? { ...now, reason: before.reason, detail: before.detail } : now;
  // Where somebody hears of events, the place to go on from is the first event that nobody was told.
  const appliedVersion = settling.isHeard
    ? Math.min(now.appliedVersion, deliveredTo(settling, before))
    : now.appliedVersion;
  return { ...again, seenVersion, appliedVersion };
}

/** How far this batch told of a subject, without a gap behind the place where it was held. */
function deliveredTo({ models }: Settling, { key, appliedVersion }: Pick<Held, 'key' | 'appliedVersion'>): number {
  const events = models.flatMap(({ subjects }) => subjects.get(key)?.events ?? []);
  const versions = new Set(events.map(({ version }) => version));
  let told = appliedVersion;
  while (versions.has(told + 1)) told += 1;
  return told;
}
