// The resync of a topic whose events belong to another service: its snapshots first, then the topic from an offset that was noted before.
// Snapshots may lag behind the topic, so the snapshot of the owner's newest event must have come; otherwise completeness is not known, and
// only the log can say what is missing. For a new topic the copies are compared with the figures of the owner afterwards.

import { type Held, isSubject, type Logger, reasonOf } from '../../engine/index.ts';
import { pause, type StoredPosition } from '../../running/index.ts';
import { type CopyFigures, shortageOf } from './copy-figures.ts';
import type { BegunResync, SnapshotRecord, SnapshotTopic } from './resync-ports.ts';
import type { Intake } from './snapshot-intake.ts';
import { isWhole } from './topic-offsets.ts';

/** What the owner of a topic says of its snapshots. */
export interface OwnerState {
  /** The owner's newest event of a subject that the owner does not hold; events of held subjects reach no snapshot. */
  readonly newestUnheld: StoredPosition | undefined;
  /** Whether the snapshots follow the order of events by now. Before that, the newest snapshot proves nothing about the others. */
  readonly complete: boolean;
  /** Subjects that the owner holds: their newest events are in no snapshot, because the owner cannot fold them. */
  readonly held: readonly Pick<Held, 'key' | 'seenVersion'>[];
  /** Whether the owner holds more subjects than it listed. */
  readonly moreHeld: boolean;
  /** How much the owner publishes as snapshots. The figures are read first, so the topic will hold at least as much in the end. */
  readonly figures: CopyFigures;
}

export interface SnapshotsFirstPorts {
  readonly topic: string;
  readonly snapshots: SnapshotTopic;
  intake(records: readonly SnapshotRecord[]): Promise<Intake>;
  owner(signal: AbortSignal): Promise<OwnerState>;
  /** How many records ever came into the log. */
  logRecords(): Promise<number>;
  /** The copies as they are stored now. @param passed those that are held here, with the version of the snapshot that was passed over, or 0 */
  copies(passed: ReadonlyMap<string, number>): Promise<CopyFigures>;
  /** Holds the subjects that the owner holds: neither a snapshot nor an event after the noted offset brings their missing events. */
  holdAsOwner(held: OwnerState['held']): Promise<void>;
  /** How long to wait for the newest snapshot and for the owner's figures, once everything else was read. */
  readonly newestWaitMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** How often a log that lacks records is looked at, within the time that the newest snapshot is waited for. */
const looksMax = 10;

export function snapshotsFirst(ports: SnapshotsFirstPorts): (begun: BegunResync) => Promise<boolean> {
  const { topic, snapshots, log } = ports;

  /** Falls back on the log where that is whole. @throws Error where it is not */
  async function incomplete(
    { reason, partitions, signal }: BegunResync,
    why: string,
    figures?: CopyFigures,
  ): Promise<false> {
    if (!isWhole(partitions))
      throw new Error(`${topic} does not hold all of its records any more, and ${why}. The resync is tried again.`);
    const short = figures && (await lacksEvents(figures, signal));
    if (short) throw new Error(`${topic} ${short}, and ${why}. The resync is tried again.`);
    log.warn(
      { topic, reason, why },
      'a resync cannot rely on the snapshots; the records of the log are folded instead',
    );
    return false;
  }

  /** A log that still has its first record may be a new log: with fewer records than the owner has events, some are missing. */
  async function lacksEvents({ versions }: CopyFigures, signal: AbortSignal): Promise<string | undefined> {
    let records = await ports.logRecords();
    // The owner was asked after the ends were noted, and the last of its events may be on their way.
    for (let looks = 1; records < versions && looks < looksMax && !signal.aborted; looks += 1) {
      await pause(ports.newestWaitMs / looksMax, signal);
      records = await ports.logRecords();
    }
    return records < versions ? `got ${records} of at least ${versions} events of its owner` : undefined;
  }

  return async (begun) => {
    // The owner is asked after the ends were noted, so no record before the ends is newer than the owner's answer.
    let owner: OwnerState;
    try {
      owner = await ports.owner(begun.signal);
    } catch (error) {
      return incomplete(begun, `its owner does not answer (${reasonOf(error)})`);
    }
    const { newestUnheld: newest, figures } = owner;
    const fault = await snapshots.unusable();
    if (fault !== undefined) return incomplete(begun, fault, figures);
    if (!newest && owner.held.length === 0) return incomplete(begun, `the owner of ${topic} has no event`, figures);
    if (!owner.complete) return incomplete(begun, 'the snapshots of its owner are still behind their events', figures);
    if (owner.moreHeld) return incomplete(begun, 'its owner holds more subjects than it can list', figures);
    const comparison = compareWith(figures, ports);
    let seen = !newest;
    let untilMs: number | undefined;
    await snapshots.read({
      signal: begun.signal,
      report: begun.report,
      async handle(records) {
        const taken = await ports.intake(records);
        comparison.saw(taken);
        seen ||= !!newest && (taken.snapshots.get(newest.subject) ?? 0) >= newest.version;
      },
      enough() {
        untilMs ??= ports.nowMs() + ports.newestWaitMs;
        return (seen && comparison.look()) || ports.nowMs() >= untilMs;
      },
    });
    if (begun.signal.aborted) return false;
    if (newest && !seen)
      return incomplete(
        begun,
        `${snapshots.name} has no snapshot of ${newest.subject} at version ${newest.version}`,
        figures,
      );
    const lack = await comparison.lack();
    if (lack !== undefined)
      return incomplete(begun, `${snapshots.name} does not hold every snapshot: ${lack}`, figures);
    const unreadable = comparison.unreadable();
    // A log that is not whole cannot bring more than is held and shown now.
    if (unreadable > 0 && isWhole(begun.partitions))
      return incomplete(begun, `${unreadable} snapshots are unreadable`, figures);
    if (owner.held.length > 0) await ports.holdAsOwner(owner.held);
    return true;
  };
}

/** Compares the copies with the owner's figures, and again only after more was read, because each look scans all copies. */
function compareWith(figures: CopyFigures, { copies }: Pick<SnapshotsFirstPorts, 'copies'>) {
  const passed = new Map<string, number>();
  const unreadable = new Set<string>();
  let isAsking = false;
  let isStale = true;
  let isAll = false;

  async function lack(): Promise<string | undefined> {
    const [subjects, offsets] = [[...unreadable].filter(isSubject), [...unreadable].filter((one) => !isSubject(one))];
    const here = await copies(new Map([...subjects.map((subject) => [subject, 0] as const), ...passed]));
    return shortageOf(here, figures, { subjects: offsets.length, areVersionsKnown: unreadable.size === 0 })?.what;
  }

  return {
    lack,
    unreadable: () => unreadable.size,
    saw(taken: Intake): void {
      for (const subject of taken.snapshots.keys()) unreadable.delete(subject);
      for (const one of taken.unreadable) unreadable.add(one);
      for (const [subject, version] of taken.passed) passed.set(subject, Math.max(version, passed.get(subject) ?? 0));
      isStale = true;
    },
    /** Whether the copies are complete, as far as is known by now. */
    look(): boolean {
      if (!isAll && isStale && !isAsking) {
        [isAsking, isStale] = [true, false];
        lack()
          .then((what) => {
            isAll = what === undefined;
          })
          // The last comparison, at the end of the reading, says why.
          .catch(() => undefined)
          .finally(() => {
            isAsking = false;
          });
      }
      return isAll;
    },
  };
}
