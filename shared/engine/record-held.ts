// What a batch does about held subjects, after its documents are written: it holds those that stopped, and lets go of those that
// are there. Where somebody hears of events, a subject is there once all of them were told, not only written.
import type { BatchOutcome, ModelWork } from './batch-work.ts';
import type { StoredEvent } from './event.ts';
import type { Held, HeldSubjects } from './ports.ts';

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
  const untold: Holding[] = [];
  for (const entry of entries) {
    const version = versions.get(entry.key) ?? 0;
    const delivered = isHeard ? Math.min(version, deliveredTo(settling, entry)) : version;
    reached.set(entry.key, delivered);
    if (delivered < entry.seenVersion && entry.seenVersion <= version && entry.reason !== 'hole') untold.push(entry);
  }
  if (reached.size > 0) await port.release(reached);
  await port.hold(untold.map(asUndelivered));
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
