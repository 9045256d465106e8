// What a rebuild needs of a model: its collections by name, and the sources from which a new one can be filled.
import type { Documents, HeldSubjects, StoredDocument } from '../../engine/index.ts';

/** A collection of one generation. */
export interface GenerationCollection {
  readonly documents: Documents;
  /** Makes it, with the indexes that readers need. */
  prepare(): Promise<void>;
  /** The only place where a collection of documents is dropped. */
  drop(): Promise<void>;
  /** All documents in order of their ids. */
  scan(): AsyncIterable<StoredDocument>;
  /** The same with nothing but their versions. */
  scanVersions(): AsyncIterable<Pick<StoredDocument, '_id' | 'version'>>;
  estimate(): Promise<number>;
  /** How many were written by another fold than this one, placeholders left out; counted up to `countMax`. */
  countOfOtherFolds(foldVersion: number, countMax: number): Promise<number>;
}

export interface BackfillRun {
  readonly signal: AbortSignal;
  report(done: number, of?: number): void;
}

/** Where the documents of a model can be made from. */
export interface BackfillSource {
  readonly name: string;
  /** What it counts, for example `events`. */
  readonly unit: string;
  /** Why it cannot be used; asked before anything is changed. */
  unusable(): Promise<string | undefined>;
  /**
   * Reads from the beginning to the end that the source has when it is opened. The backfill goes on from documents that are there
   * already, so that it can begin again after a crash.
   *
   * @throws what ended it; it is tried again
   */
  backfill(into: Documents, run: BackfillRun): Promise<void>;
}

export interface RebuiltModel {
  readonly name: string;
  /** The version of the fold in this code. */
  readonly foldVersion: number;
  /** The first one is used unless another is named. */
  readonly sources: readonly BackfillSource[];
  collection(generation: string): GenerationCollection;
}

/** For a backfill of events: subjects that stop in it are held for the live generation already, and a repair writes to both. */
export const holdingNothing: HeldSubjects = {
  hold: async () => {},
  release: async () => {},
  among: async () => new Map(),
  list: async () => [],
  count: async () => 0,
};

/** For a backfill that could go past a held subject: the subject stays held, and nothing that the live generation waits for is released. */
export function heldInLive({ among }: Pick<HeldSubjects, 'among'>): HeldSubjects {
  return { ...holdingNothing, among };
}
