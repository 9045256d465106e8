// Puts snapshots in the place of the events up to their version: a document goes on after a snapshot as if it had folded all those events.
// No document goes back, and none goes past an event that holds its subject: a snapshot may fill a hole and nothing else.
import {
  type Clock,
  type Documents,
  type DocumentWrite,
  type Fork,
  type Held,
  type HeldSubjects,
  isPlaceholder,
  isSubject,
  type Logger,
  lostTextIn,
  type ProjectedDocument,
  type StoredDocument,
} from '../../engine/index.ts';
import type { SnapshotRecord } from './resync-ports.ts';

/** What a snapshot says in the words of a projection, and whom it names. */
export type SnapshotAsDocument =
  | { readonly document: ProjectedDocument; readonly names: readonly string[] }
  | { readonly fault: string };

export interface SnapshotIntakePorts {
  readonly documents: Documents;
  readonly held: HeldSubjects;
  /** Total. It knows the owner's contract; the engine does not. */
  asDocument(value: unknown): SnapshotAsDocument;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Intake {
  /** Every subject that the batch has a snapshot of, with its version. */
  readonly snapshots: ReadonlyMap<string, number>;
  /** Every subject that has a document now because of this batch, with its version. */
  readonly versions: ReadonlyMap<string, number>;
  /** Every subject that is held for something unreadable, and was passed over, with the version of its snapshot. */
  readonly passed: ReadonlyMap<string, number>;
  readonly forks: readonly Fork[];
  /**
   * The subject of each record that could not be read and is held, or its offset when it has no key. A record is left out when a
   * readable snapshot of its subject follows, or when its key is no subject.
   */
  readonly unreadable: ReadonlySet<string>;
}

/** `held`: an event that cannot be read stands before it, and stays there until it is repaired. */
export type Verdict = 'take' | 'older' | 'held' | 'fork';

export function verdictOn(
  snapshot: ProjectedDocument,
  stored: StoredDocument | undefined,
  held: Pick<Held, 'reason'> | undefined,
): Verdict {
  if (held && held.reason !== 'hole') return 'held';
  if (!stored || isPlaceholder(stored) || snapshot.version > stored.version) return 'take';
  if (snapshot.version < stored.version) return 'older';
  if (snapshot.lastEventId !== stored.lastEventId) return 'fork';
  // The same events by an older fold.
  return stored.foldVersion < snapshot.foldVersion ? 'take' : 'older';
}

export function createSnapshotIntake(ports: SnapshotIntakePorts) {
  const { documents } = ports;

  function sortIn(records: readonly SnapshotRecord[]) {
    const newest = new Map<string, ProjectedDocument>();
    const named = new Set<string>();
    const faults: { position: string; fault: string }[] = [];
    const unreadable = new Set<string>();
    for (const { position, subject, value, unreadable: reason } of records) {
      // Null is reserved for erasure, and has no effect yet.
      if (value === null) continue;
      const undecodable = reason ?? lostTextIn(Object(value));
      const reading = undecodable === undefined ? ports.asDocument(value) : { fault: undecodable };
      const fault =
        'fault' in reading
          ? reading.fault
          : reading.document._id === subject
            ? undefined
            : 'its key is another subject';
      if ('fault' in reading || fault !== undefined) {
        faults.push({ position, fault: fault ?? '' });
        if (subject === '' || isSubject(subject)) unreadable.add(subject || position);
        continue;
      }
      unreadable.delete(subject);
      const { document, names } = reading;
      if ((newest.get(subject)?.version ?? 0) < document.version) newest.set(subject, document);
      for (const name of names) named.add(name);
    }
    return { newest, named, faults, unreadable };
  }

  /** Releases each hole that a snapshot covers. It looks after the write, as a holder looks at documents after it holds. */
  async function releaseHoles(versions: ReadonlyMap<string, number>): Promise<void> {
    const held = await ports.held.among([...versions.keys()]);
    const holes = [...held.values()].filter(({ reason }) => reason === 'hole').map(({ key }) => key);
    if (holes.length > 0) await ports.held.release(new Map(holes.map((key) => [key, versions.get(key) ?? 0])));
  }

  async function holdUnreadable(faults: readonly { position: string; fault: string }[]): Promise<void> {
    if (faults.length === 0) return;
    const place = {
      projection: '',
      appliedVersion: 0,
      seenVersion: 0,
      reason: 'unreadable',
      since: ports.clock.now(),
    } as const;
    await ports.held.hold(faults.map(({ position, fault }) => ({ ...place, key: position, detail: fault })));
  }

  return async (records: readonly SnapshotRecord[]): Promise<Intake> => {
    const { newest, named, faults, unreadable } = sortIn(records);
    const subjects = [...newest.keys()];
    const [stored, held] = await Promise.all([
      documents.read([...newest.keys(), ...named]),
      ports.held.among(subjects),
    ]);
    const versions = new Map<string, number>();
    const passed = new Map<string, number>();
    const forks: Fork[] = [];
    const puts: DocumentWrite[] = [];
    for (const [subject, document] of newest) {
      const there = stored.get(subject);
      const verdict = verdictOn(document, there, held.get(subject));
      if (verdict === 'fork') {
        const appliedId = (there as ProjectedDocument).lastEventId;
        forks.push({ subject, version: document.version, appliedId, otherId: document.lastEventId });
      }
      if (verdict === 'held') passed.set(subject, document.version);
      if (verdict !== 'take') continue;
      puts.push({ put: document });
      versions.set(subject, document.version);
    }
    // Each subject that a snapshot names gets its placeholder before the snapshot is written, as with an event.
    const placeholders = [...named].filter((subject) => !stored.has(subject)).map((placeholder) => ({ placeholder }));
    await documents.write([...placeholders, ...puts]);
    await releaseHoles(versions);
    await holdUnreadable(faults);
    for (const fork of forks) ports.log.error(fork, 'fork: a snapshot claims another history of a subject');
    const snapshots = new Map([...newest].map(([subject, { version }]) => [subject, version]));
    return { snapshots, versions, passed, forks, unreadable };
  };
}
