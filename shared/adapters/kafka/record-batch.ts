// Reads one batch of records in Kafka's format 2 (KIP-98), its variable-length numbers included, and checks it against its checksum.
// The numbers have seven bits in each byte and are zigzag-encoded.
import { crc32c } from '@node-rs/crc32';

const intBytesMax = 5;
const longBytesMax = 10;

export function readVarInt(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let raw = 0;
  for (let i = 0; i < intBytesMax; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    raw |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value: (raw >>> 1) ^ -(raw & 1), next: at + i + 1 };
  }
  throw new Error('a number does not end');
}

/** @returns the index after the number */
export function skipVarLong(bytes: Buffer, at: number): number {
  for (let i = 0; i < longBytesMax; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    if (byte < 0x80) return at + i + 1;
  }
  throw new Error('a number does not end');
}

/** @returns the index after the number */
export function writeVarInt(bytes: Buffer, at: number, value: number): number {
  let raw = zigzag(value);
  let next = at;
  while (raw >= 0x80) {
    bytes[next] = (raw & 0x7f) | 0x80;
    raw >>>= 7;
    next += 1;
  }
  bytes[next] = raw;
  return next + 1;
}

export function sizeOfVarInt(value: number): number {
  let size = 1;
  for (let raw = zigzag(value); raw >= 0x80; raw >>>= 7) size += 1;
  return size;
}

const zigzag = (value: number) => ((value << 1) ^ (value >> 31)) >>> 0;

export interface BatchHeader {
  readonly codec: number;
  readonly first: bigint;
  readonly lastDelta: number;
  /** How many records kafkajs takes out of the batch. */
  readonly count: number;
}

export const headerBytes = 61;
/** The length in a header counts neither the first offset nor itself. */
const uncountedBytes = 12;
/** The checksum stands for everything after it. */
const checksumAt = 17;
const attributesAt = 21;
const countAt = 57;
const codecMask = 0x07;
const controlFlag = 0x20;

/** @returns undefined where no header of format 2 stands */
export function batchBytesOf(bytes: Buffer): number | undefined {
  const size = uncountedBytes + bytes.readInt32BE(8);
  return bytes.readInt8(16) === 2 && size >= headerBytes ? size : undefined;
}

export function headerOf(batch: Buffer): BatchHeader {
  return {
    codec: batch.readInt16BE(attributesAt) & codecMask,
    first: batch.readBigInt64BE(0),
    lastDelta: batch.readInt32BE(23),
    count: batch.readInt32BE(countAt),
  };
}

/** Whether its bytes are those that were written; kafkajs itself does not look. */
export function isIntact(batch: Buffer): boolean {
  return batch.readUInt32BE(checksumAt) === crc32c(batch.subarray(checksumAt + 4));
}

/** @param isControl kafkajs goes on after control records, and hands none of them on */
export function rewriteHeader(
  batch: Buffer,
  { codec, first, count, isControl = false }: Pick<BatchHeader, 'codec' | 'first' | 'count'> & { isControl?: boolean },
): void {
  batch.writeBigInt64BE(first, 0);
  batch.writeInt16BE(codec | (isControl ? controlFlag : 0), attributesAt);
  batch.writeInt32BE(count, countAt);
}

/** kafkajs joins the headers of a record in a time that grows with the square of their number: 10,000 take 20 seconds. */
const headersOfRecordMax = 100;

/**
 * Reads records as kafkajs will, and removes the headers of a record that has too many. kafkajs trusts every length: a wrong length
 * would end its consumer, or move the consumer to an offset outside of the batch.
 *
 * @throws Error unless these are as many records as the header says, in order, each whole and inside its batch
 */
export function assertRecords(records: Buffer, { count, lastDelta }: Pick<BatchHeader, 'count' | 'lastDelta'>): void {
  let at = 0;
  let deltaBefore = -1;
  for (let i = 0; i < count; i += 1) {
    const length = readVarInt(records, at);
    const end = length.next + length.value;
    if (length.value < 0 || end > records.length) throw new Error(`record ${i} does not end`);
    const delta = readRecord(records.subarray(length.next, end));
    if (delta <= deltaBefore || delta > lastDelta)
      throw new Error(`record ${i} does not follow the order of its batch`);
    deltaBefore = delta;
    at = end;
  }
  if (at !== records.length) throw new Error(`the records are more than the ${count} of their header`);
}

/** @returns the distance of one record from the first offset of its batch. @throws Error where a part of the record does not end */
function readRecord(record: Buffer): number {
  const delta = readVarInt(record, skipVarLong(record, 1));
  const headersAt = afterPart(record, afterPart(record, delta.next));
  const headers = readVarInt(record, headersAt);
  if (headers.value < 0) throw new Error('a record has a negative number of headers');
  let at = headers.next;
  for (let i = 0; i < headers.value; i += 1) at = afterPart(record, afterPart(record, at));
  if (headers.value > headersOfRecordMax) record[headersAt] = 0;
  return delta.value;
}

/** The index after a key, a value, or a part of a header; each of them may be null. */
function afterPart(record: Buffer, at: number): number {
  const { value: length, next } = readVarInt(record, at);
  const end = next + Math.max(length, 0);
  if (length < -1 || end > record.length) throw new Error('a part of a record does not end');
  return end;
}

/** The faults, by the memory that the values of one replaced batch share: a producer can forge a Kafka header, but not this memory. */
const faults = new WeakMap<ArrayBufferLike, string>();

/** Attributes, time, key, value and headers: a byte for each. */
const emptyRecordBytes = 5;

/**
 * Records without a key and with an empty value. They have the first offsets of the batch, and the last record has the last one, so that
 * a consumer goes on after the batch; which offsets compaction has left is not known.
 */
export function emptyRecords({ count, lastDelta }: Pick<BatchHeader, 'count' | 'lastDelta'>): Buffer {
  const delta = (i: number) => (i === count - 1 ? lastDelta : Math.min(i, lastDelta));
  let size = 0;
  for (let i = 0; i < count; i += 1) size += 1 + emptyRecordBytes + sizeOfVarInt(delta(i));
  const records = Buffer.alloc(size);
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    at = writeVarInt(records, at, emptyRecordBytes + sizeOfVarInt(delta(i)));
    // Attributes and time are 0.
    at = writeVarInt(records, at + 2, delta(i));
    at = writeVarInt(records, at, -1);
    // The lengths of the value and of the headers are 0.
    at += 2;
  }
  return records;
}

/** Each of them says why it is there. */
export function unreadableRecords(header: Pick<BatchHeader, 'count' | 'lastDelta'>, fault: string): Buffer {
  const records = emptyRecords(header);
  faults.set(records.buffer, fault);
  return records;
}

/** Why the batch of this value could not be decoded; undefined where it could. */
export function batchFaultOf(value: Buffer | null): string | undefined {
  return value === null ? undefined : faults.get(value.buffer);
}
