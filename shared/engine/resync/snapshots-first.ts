// The resync of a topic whose events belong to another service: its snapshots first, then the topic from a place that was
// noted before. Snapshots are made beside the topic and may lag behind it, so the newest event that can be in one of them must be in
// one; else nothing is proven, and the log alone can say what is missing.

import type { Held, Logger } from '../ports.ts';
import type { StoredPosition } from '../progress.ts';
import type { BegunResync, SnapshotRecord, SnapshotTopic } from './resync-ports.ts';
import type { Intake } from './snapshot-intake.ts';
import { isWhole } from './standing.ts';

/** What the owner of a topic says of its snapshots. */
export interface OwnerState {
  /** Its newest event of a subject that it does not hold: held ones come to no snapshot. */
  readonly newestUnheld: StoredPosition | undefined;
  /** Whether they are made in the order of events by now; before, the newest one proves nothing about the others. */
  readonly complete: boolean;
  /** Subjects that have no snapshot of what came, because it cannot be read there. */
  readonly held: readonly Pick<Held, 'key' | 'seenVersion'>[];
  /** There are more of them than it told. */
  readonly moreHeld: boolean;
}

export interface SnapshotsFirstPorts {
  readonly topic: string;
  readonly snapshots: SnapshotTopic;
  intake(records: readonly SnapshotRecord[]): Promise<Intake>;
  owner(): Promise<OwnerState>;
  /** Holds here what the owner holds: no snapshot tells of it, and behind the noted place no event does. */
  holdAsOwner(held: OwnerState['held']): Promise<void>;
  /** How long its snapshot is waited for, once everything else was read. */
  readonly newestWaitMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
}

export function snapshotsFirst(ports: SnapshotsFirstPorts): (begun: BegunResync) => Promise<boolean> {
  const { topic, snapshots, log } = ports;

  /** Falls back on the log where that is whole. @throws Error where it is not */
  function withoutProof({ reason, partitions }: BegunResync, why: string): false {
    if (!isWhole(partitions))
      throw new Error(`${topic} does not hold everything any more, and ${why}. It is tried again.`);
    log.warn({ topic, reason, why }, 'a resync cannot rely on snapshots; what the log holds is folded instead');
    return false;
  }

  return async (begun) => {
    const fault = await snapshots.unusable();
    if (fault !== undefined) return withoutProof(begun, fault);
    // Asked behind the noted ends: everything before them is not newer than what it says.
    let owner: OwnerState;
    try {
      owner = await ports.owner();
    } catch (error) {
      return withoutProof(
        begun,
        `its owner cannot be asked (${error instanceof Error ? error.message : String(error)})`,
      );
    }
    const { newestUnheld: newest } = owner;
    if (!newest && owner.held.length === 0) return withoutProof(begun, `the owner of ${topic} knows of no event`);
    if (!owner.complete) return withoutProof(begun, 'its owner is still bringing its snapshots up to its events');
    if (owner.moreHeld) return withoutProof(begun, 'its owner holds more subjects than it can tell');
    let seen = !newest;
    let unreadable = 0;
    let untilMs: number | undefined;
    await snapshots.read({
      signal: begun.signal,
      report: begun.report,
      async handle(records) {
        const taken = await ports.intake(records);
        unreadable += taken.unreadable;
        seen ||= !!newest && (taken.snapshots.get(newest.subject) ?? 0) >= newest.version;
      },
      enough() {
        untilMs ??= ports.nowMs() + ports.newestWaitMs;
        return seen || ports.nowMs() >= untilMs;
      },
    });
    if (begun.signal.aborted) return false;
    if (newest && !seen)
      return withoutProof(begun, `${snapshots.name} has no snapshot of ${newest.subject} at version ${newest.version}`);
    // Of a log that is not whole nothing more can be had than what is held and shown now.
    if (unreadable > 0 && isWhole(begun.partitions))
      return withoutProof(begun, `${unreadable} snapshots are unreadable`);
    if (owner.held.length > 0) await ports.holdAsOwner(owner.held);
    return true;
  };
}
