// What a resync needs from a log and from the source of the documents, and what it shows while it runs. Shapes only.
import type { OwnOffsets } from './own-offsets.ts';
import type { PartitionOffsets, ResyncReason } from './topic-offsets.ts';

/** The own offsets of a service, beside the start and the end of each partition. */
export interface TopicOffsets extends Pick<OwnOffsets, 'begin' | 'set'> {
  of(topic: string): Promise<readonly PartitionOffsets[]>;
}

/** A resync of one topic that has begun. */
export interface BegunResync {
  readonly reason: ResyncReason;
  /** As they were when it began: the offset that live reading goes on from is known before anything is taken in. */
  readonly partitions: readonly PartitionOffsets[];
  readonly signal: AbortSignal;
  /** How much was taken in, and of how much as far as that is known. */
  report(done: number, of?: number): void;
}

export interface TopicResync {
  readonly topic: string;
  /** Records that may lie before a service that goes on by itself; without it any number may. */
  readonly behindMax?: number;
  /** Records of each partition before the noted ends that are read live all the same; none unless given. */
  readonly overlapMax?: number;
  /**
   * Brings the documents to what was stored before the ends of `partitions`, without the log.
   *
   * @returns whether that is proven; if not, live reading begins at the first record that the service has not folded
   * @throws Error saying why, when neither is enough; it is tried again
   */
  takeIn(begun: BegunResync): Promise<boolean>;
}

/** One record of a topic of snapshots. */
export interface SnapshotRecord {
  readonly position: string;
  readonly subject: string;
  /** As parsed; undefined when it cannot be, null where the record says that its snapshot was erased. */
  readonly value: unknown;
  /** Why the value could not be parsed; absent where it was. */
  readonly unreadable?: string | undefined;
}

export interface SnapshotReading {
  readonly signal: AbortSignal;
  /** A bounded batch, in order inside a subject. */
  handle(records: readonly SnapshotRecord[]): Promise<void>;
  /** Asked again and again once the ends noted at opening are reached; until it agrees, what comes later is read as well. */
  enough(): boolean;
  report(done: number, of: number): void;
}

/** A compacted topic that holds the newest snapshot of each subject. */
export interface SnapshotTopic {
  readonly name: string;
  /** What makes it useless as a source; undefined when nothing does. */
  unusable(): Promise<string | undefined>;
  /** From the beginning to the ends that it has when it is opened. @throws what ended the reading before */
  read(reading: SnapshotReading): Promise<void>;
}

export interface ResyncState {
  readonly topic: string;
  readonly reason: ResyncReason;
  readonly since: Date;
  readonly done: number;
  /** Undefined while nobody knows. */
  readonly of: number | undefined;
  /** Why the last try ended; undefined while one goes well. */
  readonly trouble: string | undefined;
}

export interface Resync {
  /**
   * To be called before a consumer begins. Returns once the service may go on from its own offsets in every topic.
   * @throws why it could not be brought there; to be called again
   */
  ensure(signal: AbortSignal): Promise<void>;
  /** What it is at; undefined when nothing has to be resynced, as far as was looked. */
  state(): ResyncState | undefined;
  /** Whether it brings what the topic no longer has. */
  covers(topic: string): boolean;
  /** Whether the service has had its offset in every topic since the start. */
  isSettled(): boolean;
}
