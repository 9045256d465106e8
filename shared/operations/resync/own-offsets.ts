// Where a service goes on in each partition of a topic, stored beside its documents. The offsets that its group commits at the broker decide
// nothing: any program that joins the group can move them. The order is documents, own offset, commit.

/** The record that was folded last in a partition. A record with another id at its offset belongs to another log of that name. */
export interface FoldedRecord {
  readonly offset: bigint;
  /** The id of its event; a digest of its value where no event can be read. */
  readonly id: string;
}

export interface OwnOffset {
  /** The first offset whose record is not in the documents. */
  readonly next: bigint;
  /** Undefined where no record was folded since the offset was set. */
  readonly last: FoldedRecord | undefined;
}

export interface OwnOffsets {
  /** By partition. Undefined where the service has none in the topic: it never read the topic, or gave its offsets up. */
  of(topic: string): Promise<ReadonlyMap<number, OwnOffset> | undefined>;
  /** Moves one on. @returns false when it is not at `from`, and then nothing is changed */
  move(topic: string, partition: number, from: bigint, to: OwnOffset): Promise<boolean>;
  /** Stores the first offsets of the topic; does nothing where it has some. */
  begin(topic: string, offsets: ReadonlyMap<number, bigint>): Promise<void>;
  /** Replaces all offsets of the topic: the documents are known to hold everything before them. */
  set(topic: string, offsets: ReadonlyMap<number, bigint>): Promise<void>;
  /** Gives all offsets of the topic up, so that the service resyncs. */
  forget(topic: string): Promise<void>;
}
