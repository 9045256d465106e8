// A reader that never rests: it asks for a set of documents again and again, over HTTP and in the store, and notes every
// answer that shows a lower version than one before. That a service does not answer is no answer, and no fault; that it
// answers with an error is noted.
import { setTimeout as pause } from 'node:timers/promises';
import type { Kind } from './oracle-bodies.ts';
import type { SubjectDocument, TestSystem } from './test-system.ts';

const answerMs = 5000;
const roundEveryMs = 100;
/** A document that was never heard of; a placeholder's version is 0. */
const unheardOf = -1;

export interface VersionNotes {
  saw(what: string, version: number): void;
  /** How many answers showed a higher version than the one before. */
  rises(): number;
  /** One sentence for each answer that went back. */
  faults(): readonly string[];
}

export interface VersionWatch {
  readonly notes: VersionNotes;
  /** Answers over HTTP so far. */
  answers(): number;
  /** One sentence for each answer that was neither 200 nor 404. */
  refusals(): readonly string[];
  /** Ends the reading. */
  stop(): Promise<void>;
}

const kindOf: Readonly<Record<string, Kind>> = {
  user: 'customers',
  category: 'categories',
  item: 'items',
  order: 'orders',
};

export function versionNotes(): VersionNotes {
  const last = new Map<string, number>();
  const faults: string[] = [];
  let rises = 0;
  return {
    saw(what, version) {
      const before = last.get(what) ?? unheardOf;
      if (version < before) faults.push(`${what} was at ${before} and then at ${version}`);
      if (version > before) rises += 1;
      last.set(what, version);
    },
    rises: () => rises,
    faults: () => faults,
  };
}

/** Reads documents of the shop at `url` and of its store until it is stopped; each one again only when it was answered. */
export function watchVersions({ shopping }: TestSystem, url: string, subjects: readonly string[]): VersionWatch {
  const notes = versionNotes();
  const reading = new AbortController();
  const refusals: string[] = [];
  let answers = 0;

  async function readOver(subject: string): Promise<void> {
    const path = `/${kindOfSubject(subject)}/${subject.slice(-36)}`;
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(answerMs) }).catch(() => undefined);
    const body = (await response?.json().catch(() => undefined)) as { version?: number } | undefined;
    if (response === undefined || body === undefined) return;
    if (response.status !== 200 && response.status !== 404) {
      refusals.push(`GET ${path} answered ${response.status}`);
      return;
    }
    answers += 1;
    notes.saw(`GET ${path}`, response.status === 200 ? Number(body.version) : unheardOf);
  }

  async function readStored(kind: Kind): Promise<void> {
    const ids = subjects.filter((subject) => kindOfSubject(subject) === kind);
    const found = await shopping
      .collection<SubjectDocument>(kind)
      .find({ _id: { $in: ids } }, { projection: { version: 1 } })
      .toArray();
    const versions = new Map<string, number>(found.map(({ _id, version }) => [_id, version]));
    for (const id of ids) notes.saw(`the stored ${id}`, versions.get(id) ?? unheardOf);
  }

  async function readForEver(): Promise<void> {
    while (!reading.signal.aborted) {
      await Promise.all([...subjects.map(readOver), ...Object.values(kindOf).map(readStored)]);
      await pause(roundEveryMs, undefined, { signal: reading.signal }).catch(() => {});
    }
  }

  const running = readForEver();
  // Awaited by `stop`; a store that fails first must not leave it unhandled.
  running.catch(() => {});
  return {
    notes,
    answers: () => answers,
    refusals: () => refusals,
    async stop() {
      reading.abort();
      await running;
    },
  };
}

function kindOfSubject(subject: string): Kind {
  return kindOf[subject.slice(0, subject.indexOf('-'))] as Kind;
}
