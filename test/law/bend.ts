// What a run of the law can be given besides its case: the bends by which a bug is planted, and the count of what it met.
import type { Documents, HeldSubjects, Projection, ReadModel, StoredEvent } from '@foldline/shared/engine';

export type Apply = (events: readonly StoredEvent[]) => Promise<unknown>;
export type ByKind = ReadonlyMap<string, Documents>;

/** How a planted bug bends what the projector is given; the projector itself is never touched. */
export interface Bend {
  readonly store?: () => Documents;
  /** Around a batch's own view of a collection. */
  readonly documents?: (documents: Documents) => Documents;
  readonly held?: (held: HeldSubjects) => HeldSubjects;
  readonly projection?: (projection: Projection) => Projection;
  readonly models?: (models: readonly ReadModel[]) => readonly ReadModel[];
  readonly apply?: (apply: Apply, documents: ByKind) => Apply;
  /** When the checkpoint moves; after the batch unless told. */
  readonly checkpoint?: 'before' | 'whatever happened';
}

/** What a run met on its way: a law that never met a hazard says nothing about it. */
export interface Tally {
  batches: number;
  crashes: number;
  pauses: number;
  zombies: number;
  holds: number;
}
