// What the operations need from a store and from a log. The adapters import this file, so that no driver comes with HTTP and series.
export type { HeldPages } from './held/mender-ports.ts';
export type { Gap, Pause } from './pause/lever-ports.ts';
export { openPauseLever, type PauseLever, type PausePorts, type Pauses } from './pause/pause-lever.ts';
export { type Fill, firstRecord, type Generation, type ModelRecord, type Move } from './rebuild/model-record.ts';
export type { ModelStore, ProcessState } from './rebuild/model-store.ts';
export { type GenerationCollection, holdingNothing } from './rebuild/rebuilt-model.ts';
export type { CopyFigures } from './resync/copy-figures.ts';
export type { GroupPlaces, SnapshotReading, SnapshotRecord, SnapshotTopic } from './resync/resync-ports.ts';
export type { PartitionPlace } from './resync/standing.ts';
export { type BucketDigests, bucketDigestsOf, bucketOf, createBucketSums } from './verification/buckets.ts';
export { entryOf, type ProofEntry, type SharedForm, wholeForm } from './verification/content.ts';
export type { Copies, ProofSide, Scan } from './verification/proof-ports.ts';
