// Folds batches of a feed into documents: repeats have no effect, a hole or an unreadable event holds its own subject only,
// and what is named first becomes a placeholder. The same projector keeps snapshots and read models.
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
import type { Clock, CrashAt, EventStore, FeedItem, HeldSubjects, Logger } from './ports.ts';
import { holdUntilDelivered, recordHeld } from './record-held.ts';

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
