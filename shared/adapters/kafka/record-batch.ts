// A compressed batch of records as a codec meets it. kafkajs gives a codec the compressed records only; they are a part of the broker's
// answer, in which the header of their batch stands before them. Records that cannot be decoded are replaced by records that say so.
// The format: https://kafka.apache.org/documentation/#recordbatch
import { crc32c } from '@node-rs/crc32';
import { readVarInt, sizeOfVarInt, skipVarLong, writeVarInt } from './varint.ts';

export interface BatchHeader {
  readonly codec: number;
  /** Whether its bytes are those that were written; kafkajs itself does not look. */
  readonly isIntact: boolean;
  readonly first: bigint;
  readonly lastDelta: number;
  /** How many records kafkajs takes out of the bytes that a codec returns. */
  readonly count: number;
}

const headerBytes = 61;
/** The length in a header counts neither the first offset nor itself. */
const uncountedBytes = 12;
/** The checksum stands for everything after it. */
const checksumAt = 17;
const codecMask = 0x07;

/** @returns undefined where no header of format 2 stands before the records, as in the message sets of Kafka before 0.11 */
export function headerBefore(records: Buffer): BatchHeader | undefined {
  if (records.byteOffset < headerBytes) return undefined;
  const batch = Buffer.from(records.buffer, records.byteOffset - headerBytes, headerBytes + records.length);
  const header = batch.subarray(0, headerBytes);
  if (header.readInt8(16) !== 2) return undefined;
  if (header.readInt32BE(8) !== headerBytes - uncountedBytes + records.length) return undefined;
  return {
    codec: header.readInt16BE(21) & codecMask,
    isIntact: header.readUInt32BE(checksumAt) === crc32c(batch.subarray(checksumAt + 4)),
    first: header.readBigInt64BE(0),
    lastDelta: header.readInt32BE(23),
    count: header.readInt32BE(57),
  };
}

/**
 * Reads records as kafkajs will. kafkajs trusts every length: a wrong one would end its consumer, or move the consumer to an offset
 * outside of the batch.
 *
 * @throws Error unless these are as many records as the header says, in order, each whole and inside its batch
 */
export function assertRecords(records: Buffer, { count, lastDelta }: BatchHeader): void {
  let at = 0;
  let deltaBefore = -1;
  for (let i = 0; i < count; i += 1) {
    const length = readVarInt(records, at);
    const end = length.next + length.value;
    if (length.value < 0 || end > records.length) throw new Error(`record ${i} does not end`);
    const delta = deltaOf(records.subarray(length.next, end));
    if (delta <= deltaBefore || delta > lastDelta) throw new Error(`record ${i} is in no order with its batch`);
    deltaBefore = delta;
    at = end;
  }
  if (at !== records.length) throw new Error(`the records are more than the ${count} of their header`);
}

/** The distance of one record from the first offset of its batch. @throws Error where a part of the record does not end */
function deltaOf(record: Buffer): number {
  const delta = readVarInt(record, skipVarLong(record, 1));
  const headers = readVarInt(record, afterPart(record, afterPart(record, delta.next)));
  if (headers.value < 0) throw new Error('a record has fewer headers than none');
  let at = headers.next;
  for (let i = 0; i < headers.value; i += 1) at = afterPart(record, afterPart(record, at));
  return delta.value;
}

/** The index after a key, a value, or a part of a header; each of them may be null. */
function afterPart(record: Buffer, at: number): number {
  const { value: length, next } = readVarInt(record, at);
  const end = next + Math.max(length, 0);
  if (length < -1 || end > record.length) throw new Error('a part of a record does not end');
  return end;
}

/** By the memory that the values of one replacement share: unlike a header of Kafka, no producer can forge that. */
const faults = new WeakMap<ArrayBufferLike, string>();

/** Attributes, time, key, value and headers: a byte for each. */
const emptyRecordBytes = 5;

/**
 * As many records as the header says, each without a key and with an empty value. They have the first offsets of the batch, and the
 * last record has the last one, so that a consumer goes on after the batch; which offsets compaction has left is not known.
 */
export function unreadableRecords({ count, lastDelta }: BatchHeader, fault: string): Buffer {
  const delta = (i: number) => (i === count - 1 ? lastDelta : Math.min(i, lastDelta));
  let size = 0;
  for (let i = 0; i < count; i += 1) size += 1 + emptyRecordBytes + sizeOfVarInt(delta(i));
  const replacement = Buffer.alloc(size);
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    at = writeVarInt(replacement, at, emptyRecordBytes + sizeOfVarInt(delta(i)));
    // Attributes and time are 0.
    at = writeVarInt(replacement, at + 2, delta(i));
    at = writeVarInt(replacement, at, -1);
    // The lengths of the value and of the headers are 0.
    at += 2;
  }
  faults.set(replacement.buffer, fault);
  return replacement;
}

/** Why the batch of this value could not be decoded; undefined where it could. */
export function batchFaultOf(value: Buffer | null): string | undefined {
  return value === null ? undefined : faults.get(value.buffer);
}
