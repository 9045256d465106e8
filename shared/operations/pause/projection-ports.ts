// What an operator sees of a projection, and the ports that have to be asked for it. Shapes only.
import type { ProgressReport } from '../../running/index.ts';

/** How far a projection is behind one of its sources. */
export interface Gap {
  readonly events: number;
  /** Whether counting stopped at its bound: there are at least so many. */
  readonly isLeast: boolean;
}

/**
 * How the missing events are counted. `offsets`: the records of a topic after the committed offsets of the group. `documents`: the
 * newest events of a collection that are not in their documents. Neither is kept in a process, so both are right after a restart.
 */
export type GapBasis = 'offsets' | 'documents';

export interface GapSource {
  /** As in the reports of progress. */
  readonly name: string;
  readonly countedBy: GapBasis;
  /** At a bounded cost, whatever the length of the history. */
  count(): Promise<Gap>;
}

/** Who wanted a projection to stand still, since when, and why. */
export interface Pause {
  readonly since: Date;
  readonly by: string;
  readonly reason: string;
}

/** A read model that a projection writes. */
export interface ProjectedModel {
  readonly name: string;
  /** The collection that is read now. */
  readonly collection: string;
  /** When it was last verified equal to its source, since this process began. */
  readonly equalAt: Date | undefined;
  /** Why it may lack something; undefined when it was verified equal since. */
  readonly doubt: string | undefined;
  /** How its last verification ended. */
  readonly last: string | undefined;
}

/** `running`: none of the others. */
export type ProjectionState = 'running' | 'paused' | 'resyncing' | 'stalled' | 'rebuilding' | 'behind' | 'unknown';

export interface SourceStatus {
  readonly name: string;
  readonly state: ProgressReport['state'];
  readonly detail: string;
  readonly countedBy: GapBasis;
  /** Undefined when it could not be counted. */
  readonly gap: Gap | undefined;
}

export interface ProjectionStatus {
  readonly name: string;
  readonly state: ProjectionState;
  /** Why it is in that state; empty when it is running. */
  readonly detail: string;
  readonly pause: Pause | undefined;
  /** Of all its sources; undefined when one could not be counted. */
  readonly gap: Gap | undefined;
  /** How long the oldest event that waits in this process has waited; undefined when that is not known. */
  readonly lagMs: number | undefined;
  readonly eventsPerSecond: number;
  /** Undefined when it could not be counted. */
  readonly held: number | undefined;
  readonly sources: readonly SourceStatus[];
  readonly models: readonly ProjectedModel[];
}
