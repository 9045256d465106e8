// What the operations need from a store and from a log. The adapters import this file, so that no driver comes with HTTP and series.
export type { HeldPages } from './held/retry-ports.ts';
export { openPauseGate, type PauseGate, type PausePorts, type Pauses } from './pause/pause-gate.ts';
export type { Gap, Pause } from './pause/projection-ports.ts';
export {
  type Backfill,
  firstRecord,
  type Generation,
  type ModelRecord,
  type Switchover,
} from './rebuild/model-record.ts';
export type { ModelStore, ProcessState } from './rebuild/model-store.ts';
export { type GenerationCollection, holdingNothing } from './rebuild/rebuilt-model.ts';
export type { CopyFigures } from './resync/copy-figures.ts';
export type { FoldedRecord, OwnOffset, OwnOffsets } from './resync/own-offsets.ts';
export type { SnapshotReading, SnapshotRecord, SnapshotTopic, TopicOffsets } from './resync/resync-ports.ts';
export type { PartitionOffsets } from './resync/topic-offsets.ts';
export { type BucketDigests, bucketDigestsOf, bucketOf, createBucketSums } from './verification/buckets.ts';
export type { Completeness, CompletenessStore, Doubt } from './verification/completeness.ts';
export { type DigestEntry, entryOf, type SharedForm, wholeForm } from './verification/content.ts';
export type { ComparedSide, Copies, Scan } from './verification/verification-ports.ts';
