// The offsets of a service in one topic, and what they mean for the service. Pure. Offsets are compared here only, each with the
// start and the end of its own partition.

export interface PartitionOffsets {
  readonly partition: number;
  /** Where the service goes on; undefined where it has no offset of its own. */
  readonly own: bigint | undefined;
  /** The first offset that the log still holds. */
  readonly start: bigint;
  /** The offset after that of its last record. */
  readonly end: bigint;
}

/** `lost`: records after the service's offset are gone from the log, or the offset belongs to an earlier log of that name. */
export type OffsetState = 'none' | 'lost' | 'kept';

export function offsetStateOf({ own, start, end }: PartitionOffsets): OffsetState {
  if (own === undefined) return 'none';
  return own < start || own > end ? 'lost' : 'kept';
}

/** `new`: the service never read this log, or gave its offsets up. `behind`: the log is whole, but takes long to read. */
export type ResyncReason = 'new' | 'lost' | 'behind';

/**
 * Why the service must not simply go on; undefined when it may. A partition without an offset in a log that still begins at its
 * beginning is read from there: nothing of it is missing. @param behindMax records that may lie before a service that goes on
 */
export function resyncReason(
  partitions: readonly PartitionOffsets[],
  behindMax = Number.POSITIVE_INFINITY,
): ResyncReason | undefined {
  const without = partitions.filter((one) => offsetStateOf(one) === 'none');
  if (without.length === partitions.length) return partitions.some(({ end }) => end > 0n) ? 'new' : undefined;
  if (partitions.some((one) => offsetStateOf(one) === 'lost') || without.some(({ start }) => start > 0n)) return 'lost';
  return backlogOf(partitions) > behindMax ? 'behind' : undefined;
}

/** Records that the service has not folded, of those that the log holds. */
export function backlogOf(partitions: readonly PartitionOffsets[]): number {
  return Number(partitions.reduce((sum, one) => sum + (one.end - firstUnread(one)), 0n));
}

/** Whether the log still holds everything that the service has not folded. */
export function isWhole(partitions: readonly PartitionOffsets[]): boolean {
  return partitions.every((one) => offsetStateOf(one) === 'kept' || one.start === 0n);
}

/**
 * Where live reading begins after a resync. @param complete whether the documents are known to hold everything before `end`;
 * if not, the log is read from the first record that the service has not folded. @param overlap records before `end` that are
 * read all the same: what was on its way when the ends were taken
 */
export function liveOffsets(
  partitions: readonly PartitionOffsets[],
  { complete, overlap }: { readonly complete: boolean; readonly overlap: number },
): ReadonlyMap<number, bigint> {
  return new Map(
    partitions.map((one) => {
      const unread = firstUnread(one);
      const near = one.end - BigInt(overlap);
      return [one.partition, complete && near > unread ? near : unread];
    }),
  );
}

function firstUnread(one: PartitionOffsets): bigint {
  return offsetStateOf(one) === 'kept' ? (one.own as bigint) : one.start;
}
