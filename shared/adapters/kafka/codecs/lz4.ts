// Decompresses the one LZ4 frame of a batch. The library knows no limit, so the lengths that stand in the blocks are added up before.
// The format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
import { decompressFrameSync } from 'lz4-napi';
import { type Decompress, TooLarge } from './decompress.ts';

const magic = 0x184d2204;
const uncompressedFlag = 0x80000000;
const matchBytesMin = 4;

export const decompressLz4: Decompress = (bytes, bytesMax) => {
  if (lengthOf(bytes) > bytesMax) throw new TooLarge();
  return decompressFrameSync(bytes);
};

/** What the frame gives. @throws Error where it is no frame, RangeError where the bytes end before the frame does */
function lengthOf(frame: Buffer): number {
  if (frame.readUInt32LE(0) !== magic) throw new Error('there is no frame of LZ4');
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
