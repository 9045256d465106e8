// The compressions that a batch of records may have, by Kafka's numbers, each with how it is undone within a bound.
import { promisify } from 'node:util';
import { gzip, unzip } from 'node:zlib';
import { decompressFrameSync } from 'lz4-napi';
import { uncompressSync } from 'snappy';
import { bounded, shownCharactersMax } from '../../../engine/index.ts';
import { type Decompress, TooLarge } from './decompress.ts';
import { decompressZstd } from './zstd.ts';

const unzipped = promisify<Buffer, { maxOutputLength: number }, Buffer>(unzip);

export const compressGzip: (bytes: Buffer) => Promise<Buffer> = promisify(gzip);

/** By Node's own zlib, which stops at the limit. */
export const decompressGzip: Decompress = async (bytes, bytesMax) => {
  try {
    return await unzipped(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new TooLarge();
    throw error;
  }
};

const lz4Magic = 0x184d2204;
const uncompressedFlag = 0x80000000;
const matchBytesMin = 4;

/**
 * The one LZ4 frame of a batch. The library knows no limit, so the lengths that stand in the blocks are added up before.
 * The format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export const decompressLz4: Decompress = (bytes, bytesMax) => {
  if (lengthOfFrame(bytes) > bytesMax) throw new TooLarge();
  return decompressFrameSync(bytes);
};

/** What the frame gives. @throws Error where it is no frame, RangeError where the bytes end before the frame does */
function lengthOfFrame(frame: Buffer): number {
  if (frame.readUInt32LE(0) !== lz4Magic) throw new Error('there is no frame of LZ4');
  const flags = frame.readUInt8(4);
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  let length = 0;
  for (;;) {
    const field = frame.readUInt32LE(at);
    at += 4;
    if (field === 0) break;
    const size = field & ~uncompressedFlag;
    if (at + size > frame.length) throw new Error('a block of LZ4 does not end');
    length += field >= uncompressedFlag ? size : lengthOfBlock(frame.subarray(at, at + size));
    at += size + (flags & 0x10 ? 4 : 0);
  }
  at += flags & 0x04 ? 4 : 0;
  if (at !== frame.length) throw new Error('the frame of LZ4 ends before the batch does');
  return length;
}

/** A block is a row of literals and matches, each with its length. */
function lengthOfBlock(block: Buffer): number {
  let length = 0;
  let at = 0;
  const readLength = (first: number) => {
    let total = first;
    for (let byte = first === 15 ? 255 : 0; byte === 255; at += 1) {
      byte = block.readUInt8(at);
      total += byte;
    }
    return total;
  };
  while (at < block.length) {
    const token = block.readUInt8(at);
    at += 1;
    const literals = readLength(token >> 4);
    at += literals;
    length += literals;
    // The last row has literals only.
    if (at >= block.length) break;
    at += 2;
    length += readLength(token & 0x0f) + matchBytesMin;
  }
  return length;
}

const snappyMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** The magic, the version of the framing, and the lowest version that can read it. */
const snappyHeaderBytes = 16;

/**
 * Both forms that Kafka's clients write: the Java client puts blocks into the framing of snappy-java (Xerial), others write one bare block.
 */
export const decompressSnappy: Decompress = (bytes, bytesMax) => {
  if (!bytes.subarray(0, snappyMagic.length).equals(snappyMagic)) return snappyBlock(bytes, bytesMax);
  const blocks: Buffer[] = [];
  let total = 0;
  for (let at = snappyHeaderBytes; at < bytes.length; ) {
    const size = bytes.readInt32BE(at);
    const end = at + 4 + size;
    if (size <= 0 || end > bytes.length) throw new Error('a block of Snappy does not end');
    const decompressed = snappyBlock(bytes.subarray(at + 4, end), bytesMax - total);
    blocks.push(decompressed);
    total += decompressed.length;
    at = end;
  }
  return Buffer.concat(blocks, total);
};

function snappyBlock(bytes: Buffer, bytesMax: number): Buffer {
  if (lengthOfSnappy(bytes) > bytesMax) throw new TooLarge();
  return uncompressSync(bytes, { asBuffer: true }) as Buffer;
}

/** A block begins with its decompressed length, as a varint of at most 32 bits. */
function lengthOfSnappy(bytes: Buffer): number {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return length;
  }
  throw new Error('a block of Snappy has no length');
}

export const codecs: readonly { readonly name: string; readonly decompress?: Decompress }[] = [
  { name: 'no compression' },
  { name: 'gzip', decompress: decompressGzip },
  { name: 'snappy', decompress: decompressSnappy },
  { name: 'lz4', decompress: decompressLz4 },
  { name: 'zstd', decompress: decompressZstd },
  // A header has three bits for the codec: those that nobody has defined are unreadable too.
  ...[5, 6, 7].map((id) => ({ name: `codec ${id}` })),
];

/** @throws TooLarge and what the codec throws */
export function decompress(id: number, bytes: Buffer, bytesMax: number): Buffer | Promise<Buffer> {
  const decompressOne = codecs[id]?.decompress;
  if (!decompressOne) throw new Error('this codec is not known');
  return decompressOne(bytes, bytesMax);
}

/** Why bytes could not be decompressed, in a text of bounded length. */
export function decompressionFault(error: unknown, bytesMax: number): string {
  if (error instanceof TooLarge) return `it holds more than the ${bytesMax} bytes of KAFKA_BATCH_BYTES_MAX`;
  return error instanceof Error ? bounded(error.message, shownCharactersMax) : 'no reason is known';
}
