// The layout of a broker's answer to Fetch: where the batches of each partition stand in its bytes.
// The format: https://kafka.apache.org/protocol#The_Messages_Fetch
import { batchBytesOf, headerBytes } from './record-batch.ts';

/** The batches of one partition. */
export interface RecordSet {
  readonly batches: readonly Buffer[];
  /** The offset after the last record that the partition has. */
  readonly highWatermark: bigint;
}

/** Before the version 4 there are message sets only. */
export const firstVersionWithBatches = 4;

/** @throws RangeError where the answer ends too early */
export function recordSetsIn(answer: Buffer, version: number): RecordSet[] {
  const sets: RecordSet[] = [];
  let at = 0;
  const readInt32 = () => {
    at += 4;
    return answer.readInt32BE(at - 4);
  };
  const skip = (bytes: number) => {
    at += bytes;
  };

  function readPartition(): void {
    // Its number and its error.
    skip(6);
    const highWatermark = answer.readBigInt64BE(at);
    skip(version >= 5 ? 24 : 16);
    const aborted = readInt32();
    skip(Math.max(aborted, 0) * 16 + (version >= 11 ? 4 : 0));
    const size = Math.max(readInt32(), 0);
    sets.push({ batches: batchesIn(answer.subarray(at, at + size)), highWatermark });
    skip(size);
  }

  skip(version >= 7 ? 10 : 4);
  for (let topics = readInt32(); topics > 0; topics -= 1) {
    skip(2 + answer.readInt16BE(at));
    for (let partitions = readInt32(); partitions > 0; partitions -= 1) readPartition();
  }
  return sets;
}

/** Those that are whole: the last one may be cut off. None of a message set, which older brokers keep. */
function batchesIn(records: Buffer): Buffer[] {
  const batches: Buffer[] = [];
  for (let at = 0; at + headerBytes <= records.length; ) {
    const size = batchBytesOf(records.subarray(at));
    if (size === undefined || at + size > records.length) break;
    batches.push(records.subarray(at, at + size));
    at += size;
  }
  return batches;
}
