// The offsets of a consumer group in one topic, and what they mean for the group. Pure. Offsets are compared here only, each with the
// start and the end of its own partition.

export interface PartitionOffsets {
  readonly partition: number;
  /** Where the group goes on; undefined when the broker knows no place of it. */
  readonly committed: bigint | undefined;
  /** The first offset that the log still holds. */
  readonly start: bigint;
  /** The place behind its last record. */
  readonly end: bigint;
}

/** `lost`: records after the group's offset are gone from the log, or the offset belongs to an earlier log of that name. */
export type OffsetState = 'none' | 'lost' | 'kept';

export function offsetStateOf({ committed, start, end }: PartitionOffsets): OffsetState {
  if (committed === undefined) return 'none';
  return committed < start || committed > end ? 'lost' : 'kept';
}

/** `new`: the group never stood in this log, or its offsets were deleted. `behind`: the log is whole, but takes long to read. */
export type ResyncReason = 'new' | 'lost' | 'behind';

/**
 * Why the group must not simply go on; undefined when it may. A partition without an offset in a log that still begins at its
 * beginning is read from there: nothing of it is missing. @param behindMax records that may lie before a group that goes on
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

/** Records that lie before the group, of those that the log holds. */
export function backlogOf(partitions: readonly PartitionOffsets[]): number {
  return Number(partitions.reduce((sum, one) => sum + (one.end - firstUnread(one)), 0n));
}

/** Whether the log still holds everything that the group has not seen. */
export function isWhole(partitions: readonly PartitionOffsets[]): boolean {
  return partitions.every((one) => offsetStateOf(one) === 'kept' || one.start === 0n);
}

/**
 * Where live reading begins after a resync. @param complete whether the documents are known to hold everything before `end`;
 * if not, the log is read from the first record that the group has not seen. @param overlap records before `end` that are
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
  return offsetStateOf(one) === 'kept' ? (one.committed as bigint) : one.start;
}
