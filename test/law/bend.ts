// What a run of the law can be given besides its case: the bends by which a bug is planted, and the count of what it met.
import type { Documents, HeldSubjects, Projection, ReadModel, StoredEvent } from 'foldline/engine';
import type { AttemptPorts } from './retrying-and-repairing.ts';
import type { Identities, IdentityPorts } from './shop.ts';

export type Apply = (events: readonly StoredEvent[]) => Promise<unknown>;
export type OpenIdentities = (ports: IdentityPorts) => Identities;
export type ByKind = ReadonlyMap<string, Documents>;

/** How a planted bug bends what the projector and the retrier are given; they themselves are never touched. */
export interface Bend {
  readonly store?: () => Documents;
  /** Around a batch's own view of a collection. */
  readonly documents?: (documents: Documents, batch: readonly StoredEvent[]) => Documents;
  readonly held?: (held: HeldSubjects) => HeldSubjects;
  readonly projection?: (projection: Projection) => Projection;
  readonly models?: (models: readonly ReadModel[]) => readonly ReadModel[];
  readonly apply?: (apply: Apply, documents: ByKind) => Apply;
  /** When the checkpoint moves; after the batch unless told. */
  readonly checkpoint?: 'before' | 'whatever happened';
  /** Around what the retrier, and the projector as it uses it, see of a collection. */
  readonly retriersDocuments?: (documents: Documents, held: HeldSubjects) => Documents;
  /** How who stands for whom is found. */
  readonly identities?: OpenIdentities;
  readonly retrier?: (ports: AttemptPorts) => AttemptPorts;
  /** Its documents are whole only after a second write, so that they are looked at when all is done. */
  readonly judgedAtTheEnd?: true;
}

/** What a run met on its way: a law that never met a hazard says nothing about it. */
export interface Tally {
  batches: number;
  crashes: number;
  pauses: number;
  zombies: number;
  holds: number;
  /** Tries of the retrier that found something held. */
  mendings: number;
  /** Customers that read as one person with others. */
  merged: number;
}
