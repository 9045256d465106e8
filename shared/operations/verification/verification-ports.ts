// What a verification needs, and what it answers. Shapes only.
import type { HeldSubjects, ProjectedDocument, Projector, ReadModel } from '../../engine/index.ts';
import type { FeedGate } from '../../running/index.ts';
import type { Owner } from '../held/retry-ports.ts';
import type { ModelRecord } from '../rebuild/model-record.ts';
import type { BucketDigests } from './buckets.ts';
import type { DifferenceKind } from './compare.ts';
import type { DigestEntry, SharedForm } from './content.ts';

/** How a scan is watched and ended. */
export interface Scan {
  readonly signal: AbortSignal;
  /** Told now and then how many documents came since the last time; the scan goes on when it resolves. */
  scanned?(documents: number): Promise<void> | undefined;
}

/** The copies of a model, or the source that they must equal. Placeholders are no copies. */
export interface ComparedSide {
  /** In one scan. */
  digests(bits: number, scan: Scan): Promise<BucketDigests>;
  /** What some buckets hold, also in one scan. */
  entries(bits: number, buckets: readonly number[], scan: Scan): Promise<readonly DigestEntry[]>;
}

/** The copies: a collection of one model. */
export interface Copies extends ComparedSide {
  /** About how many there are. */
  estimate(): Promise<number>;
  digests(bits: number, scan: Scan): Promise<BucketDigests & { readonly ofOtherFolds: number }>;
  /** Puts `document` in the place of one that is still as it was read. @returns whether it was */
  replace(found: ProjectedDocument, document: ProjectedDocument): Promise<boolean>;
  /** Removes those of some subjects that cannot be decoded, unless an event wrote them meanwhile. @returns the removed ones */
  removeUnreadable(subjects: readonly string[]): Promise<readonly string[]>;
  /** Removes one that is still as it was read. @returns whether it was */
  remove(found: ProjectedDocument): Promise<boolean>;
}

/** One model, what it is held against, and how what differs is repaired. */
export interface ComparedModel {
  /** Its documents are read from the collection that is live. */
  readonly model: ReadModel;
  /** The generations as they are now; missing where a model has one collection for good. */
  generations?(): Pick<ModelRecord, 'live' | 'other'>;
  /** In words, for example `thing-service`. */
  readonly sourceName: string;
  readonly form: SharedForm;
  readonly copies: Copies;
  readonly source: ComparedSide;
  /** Who has the events. */
  readonly owner: Owner;
  readonly apply: Projector['apply'];
  /** `apply` passes it by itself; every other write of a repair passes it here. */
  readonly gate: Pick<FeedGate, 'pass'>;
  readonly held: Pick<HeldSubjects, 'among' | 'release'>;
  /** Resolves once what is stored now has arrived, or after a bounded time. */
  arrived(signal: AbortSignal): Promise<unknown>;
  /** Whether another document names the subject, so that a placeholder must replace a removed copy. */
  isNamed?(subject: string): Promise<boolean>;
}

export interface VerificationLimits {
  /** Findings that are kept to be listed; all are counted. */
  readonly findingsMax: number;
  /** How many documents without events one repair removes, and how many it sets back: more would suggest a wrong source. */
  readonly removalsMax: number;
}

/** `left`: it changed meanwhile, or could not be repaired; the detail says why. */
export type RepairOutcome = 'repaired' | 'held' | 'left';

export interface Finding {
  readonly kind: DifferenceKind;
  readonly subject: string;
  readonly copyVersion: number | undefined;
  readonly sourceVersion: number | undefined;
  /** Why the subject is held in this service, when it is. */
  readonly held: string | undefined;
  /** Undefined unless a repair was asked for. */
  readonly repair: { readonly outcome: RepairOutcome; readonly detail: string } | undefined;
}

export type Repair = NonNullable<Finding['repair']>;

/** The progress and the findings of a verification so far. */
export interface VerificationFigures {
  /** Documents of both sides that went into the digests of buckets. */
  scannedDocuments: number;
  estimatedDocuments: number;
  buckets: number;
  differingBuckets: number;
  comparedBuckets: number;
  /** Subjects that were compared one by one. */
  comparedDocuments: number;
  /** Differences that were gone or had changed at the second look. */
  moving: number;
  ofOtherFolds: number;
  found: Record<DifferenceKind, number>;
  repaired: number;
}
