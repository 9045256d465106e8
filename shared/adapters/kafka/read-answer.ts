// Reads the answer to a fetch: finds the record sets of its partitions, and prepares their batches for kafkajs. A batch that cannot be
// decoded becomes records that say why, so that their offsets are held and nothing else waits.
// The format: https://kafka.apache.org/protocol#The_Messages_Fetch

import { codecs, decompress, decompressionFault } from './codecs/compression.ts';
import {
  assertRecords,
  type BatchHeader,
  batchBytesOf,
  emptyRecords,
  headerBytes,
  headerOf,
  isIntact,
  rewriteHeader,
  unreadableRecords,
} from './record-batch.ts';

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

/** The complete batches: the last one may be cut off. A message set, which older brokers keep, has no batches. */
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

/** kafkajs makes an object of every record, and treats a batch of more than about 120,000 as a programming error. */
const recordsOfBatchMax = 65_536;
/** The most records that replace an undecodable batch, at its first offsets and its last one; the reason names all offsets. */
const unreadableOfBatchMax = 1000;
const bytesOfRecord = 256;
/** An answer has many batches, and kafkajs decodes all of them at once. */
const batchesOfAnswerMax = 8;
/** The number of a codec that Kafka does not define. A batch with this number gets other records from our codec. */
const replacingCodec = 7;

/** What kafkajs gets instead of the bytes of a batch; undefined if kafkajs is to fetch the batch again. */
type Read = { readonly records: Buffer | undefined };

/** The replaced records, by the memory of the answer and by the place of the records in that memory. */
const answers = new WeakMap<ArrayBufferLike, Map<number, Read>>();

/** @returns undefined for the records of a message set. @throws an error that has kafkajs fetch the batch again */
export function recordsRead({ buffer, byteOffset }: Buffer): Buffer | undefined {
  const reads = answers.get(buffer);
  const read = reads?.get(byteOffset);
  reads?.delete(byteOffset);
  if (read && !read.records) throw fetchAgain();
  return read?.records;
}

export async function readAnswer(
  answer: Buffer,
  { version, batchBytesMax }: { readonly version: number; readonly batchBytesMax: number },
): Promise<void> {
  const reads = answers.get(answer.buffer) ?? new Map<number, Read>();
  answers.set(answer.buffer, reads);
  let taken = 0;
  for (const set of recordSetsIn(answer, version)) {
    for (const [i, batch] of set.batches.entries()) {
      const { byteOffset } = batch.subarray(headerBytes);
      if (taken > batchBytesMax * batchesOfAnswerMax) {
        rewriteHeader(batch, { ...headerOf(batch), codec: replacingCodec, count: 1 });
        reads.set(byteOffset, { records: undefined });
        continue;
      }
      const records = await readBatch(set, i, batchBytesMax);
      if (records) reads.set(byteOffset, { records });
      taken += (records?.length ?? 0) + headerOf(batch).count * bytesOfRecord;
    }
  }
}

/** @returns what kafkajs is to take instead of the bytes of the batch; undefined where it reads them as they are */
async function readBatch(set: RecordSet, i: number, bytesMax: number): Promise<Buffer | undefined> {
  const batch = set.batches[i] as Buffer;
  const header = headerOf(batch);
  const records = batch.subarray(headerBytes);
  try {
    if (!isIntact(batch)) throw new Error('its checksum is wrong, so its bytes have changed since it was written');
    // The checksum does not cover the first offset.
    if (header.first < 0n || header.first + BigInt(header.lastDelta) >= set.highWatermark)
      throw new Error('its offsets do not match its position in the batch');
    if (header.count === 0 && records.length === 0) return passed(batch, header);
    if (header.count > recordsOfBatchMax)
      throw new Error(`it has ${header.count} records, more than ${recordsOfBatchMax}`);
    const decompressed = header.codec === 0 ? records : await decompress(header.codec, records, bytesMax);
    assertRecords(decompressed, header);
    return header.codec === 0 ? undefined : decompressed;
  } catch (error) {
    return replaced(batch, { end: endOf(set, i), reason: decompressionFault(error, bytesMax) });
  }
}

/** An offset above all records of the batch: where the next batch begins, or the end of the log. The header may be wrong. */
function endOf({ batches, highWatermark }: RecordSet, i: number): bigint {
  const { first } = headerOf(batches[i] as Buffer);
  const next = batches[i + 1] && headerOf(batches[i + 1] as Buffer).first;
  return next !== undefined && next > first && next < highWatermark ? next : highWatermark;
}

/** Turns an empty batch into one control record, which kafkajs skips: without a record it would fetch the same batch for ever. */
function passed(batch: Buffer, header: BatchHeader): Buffer {
  const { first, lastDelta } = header;
  rewriteHeader(batch, { codec: replacingCodec, first, count: 1, isControl: true });
  return emptyRecords({ count: 1, lastDelta });
}

/** A header whose bytes have changed could make a consumer skip records of other batches: no offset outside of the log is used. */
function replaced(batch: Buffer, { end, reason }: { readonly end: bigint; readonly reason: string }): Buffer {
  const header = headerOf(batch);
  const last = least(end - 1n, header.first + BigInt(Math.max(header.lastDelta, 0)));
  const first = least(last, header.first < 0n ? 0n : header.first);
  const lastDelta = Number(last - first);
  const count = Math.max(1, Math.min(header.count, lastDelta + 1, unreadableOfBatchMax));
  rewriteHeader(batch, { codec: replacingCodec, first, count });
  const place = `the batch of offsets ${first} to ${last} (${codecs[header.codec]?.name})`;
  return unreadableRecords({ count, lastDelta }, `${place} cannot be decoded: ${reason}`);
}

const least = (one: bigint, other: bigint) => (one < other ? one : other);

/** For kafkajs this is a batch that the broker cut off: it handles the batches before, and fetches the rest in its next answer. */
function fetchAgain(): Error {
  return Object.assign(new Error('The answer holds more than is decompressed at once.'), {
    name: 'KafkaJSPartialMessageError',
  });
}
