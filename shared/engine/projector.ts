// Folds batches of a feed into documents: repeats have no effect, a hole or an unreadable event holds its own subject only,
// and what is named first becomes a placeholder. The same projector keeps snapshots and read models.
import { type BatchOutcome, type Change, outcomeOf } from './batch-outcome.ts';
import {
  fillHoles,
  foldAll,
  type ModelWork,
  namedByApplied,
  type ReadModel,
  readDocuments,
  sortIn,
  writeDocuments,
} from './batch-work.ts';
import type { CrashAt } from './crash-points.ts';
import type { Clock, EventStore, FeedItem, Held, HeldSubjects, Logger } from './ports.ts';

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
  /** Done before a subject is released: until it is, a mender that was killed in between brings the items again. */
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
      const { byKind, unreadable, ignored } = sortIn(ports.models, items);
      const work = [...byKind.values()];
      await Promise.all(work.map(readDocuments));
      passing('projector-read');
      for (const model of work) foldAll(model);
      if (ports.owner) await fillHoles(ports.owner, work);
      const outcome = outcomeOf(work, unreadable, ignored, ports.clock.now());
      await ports.beforeWriting?.(outcome.changes);
      const named = namedByApplied(work);
      for (const model of work) {
        if (await writeDocuments(model, named)) passing('projector-between-collections');
      }
      await ports.afterWriting?.(items);
      passing('projector-before-held');
      await settleHeld(ports.held, work, outcome);
      passing('projector-done');
      for (const fork of outcome.forks) ports.log.error(fork, 'fork: two events claim one version of a subject');
      return outcome;
    },
  };
}

/**
 * Held subjects are stored before the feed's checkpoint moves, so that a crash cannot forget one. One is released once its
 * document is at the highest version that came, whoever wrote that: what came behind the failing event was not applied and
 * does not come again by itself, and after a crash between the document and the release the repeat releases it.
 */
async function settleHeld(
  port: HeldSubjects,
  models: readonly ModelWork[],
  { held, versions }: BatchOutcome,
): Promise<void> {
  const stopped = new Set(held.map(({ key }) => key));
  const asked = new Set([...stopped, ...models.flatMap(({ subjects }) => [...subjects.keys()])]);
  const before = asked.size > 0 ? await port.among([...asked]) : new Map<string, Held>();
  const released = [...before.keys()]
    .filter((key) => !stopped.has(key))
    .map((key) => [key, versions.get(key) ?? 0] as const);
  if (released.length > 0) await port.release(new Map(released));
  if (held.length === 0) return;
  await port.hold(held.map((now) => heldAgain(before.get(now.key), now)));
  await releaseOvertaken(port, models, stopped);
}

/**
 * Another consumer may have brought a document past the hole while this one stood still, and may never touch the subject again.
 * Whoever writes looks for held subjects after writing, and whoever holds looks at documents after holding: one of the two sees the other.
 */
async function releaseOvertaken(
  port: HeldSubjects,
  models: readonly ModelWork[],
  stopped: ReadonlySet<string>,
): Promise<void> {
  const reached = new Map<string, number>();
  for (const { model, subjects } of models) {
    const keys = [...subjects.keys()].filter((key) => stopped.has(key));
    if (keys.length === 0) continue;
    for (const [key, { version }] of await model.documents.read(keys)) reached.set(key, version);
  }
  if (reached.size > 0) await port.release(reached);
}

/** An event that comes behind the failing one finds a hole, which is not why the subject stopped: the first reason stays. */
function heldAgain(before: Held | undefined, now: BatchOutcome['held'][number]): BatchOutcome['held'][number] {
  if (!before) return now;
  const seenVersion = Math.max(before.seenVersion, now.seenVersion);
  const sameStop = now.reason === 'hole' && now.appliedVersion === before.appliedVersion;
  return sameStop ? { ...now, seenVersion, reason: before.reason, detail: before.detail } : { ...now, seenVersion };
}
