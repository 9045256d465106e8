// Decompresses Zstandard, frame by frame (RFC 8878). The library allocates the window that a frame asks for, up to 2 GiB. Here no
// window is larger than the largest possible output of its frame.
import { Decompress as Stream } from 'fzstd';
import { type Decompress, TooLarge } from './decompress.ts';

const magic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
const blockBytesMax = 131_072;
const windowBytesMin = 1024;

export const decompressZstd: Decompress = (bytes, bytesMax) => {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (let at = 0; at < bytes.length; ) {
    const { end, isSkippable, ...frame } = frameAt(bytes, at);
    if (!isSkippable) {
      const stream = new Stream((chunk) => {
        total += chunk.length;
        if (total > bytesMax) throw new TooLarge();
        chunks.push(chunk);
      });
      stream.push(withWindow(bytes.subarray(at, end), { ...frame, bytesMax }), true);
    }
    at = end;
  }
  return Buffer.concat(chunks, total);
};

interface Frame {
  readonly end: number;
  readonly isSkippable: boolean;
  readonly isSingleSegment: boolean;
  /** The most bytes that the blocks of the frame can decompress to. */
  readonly bound: number;
}

/** @throws Error where there is no frame, RangeError where the bytes end before the frame ends */
function frameAt(bytes: Buffer, begin: number): Frame {
  const found = bytes.readUInt32LE(begin);
  if ((found & 0xfffffff0) >>> 0 === skippableMagic)
    return { end: begin + 8 + bytes.readUInt32LE(begin + 4), isSkippable: true, isSingleSegment: false, bound: 0 };
  if (found !== magic) throw new Error('there is no frame of Zstandard');
  const flags = bytes.readUInt8(begin + 4);
  const isSingleSegment = (flags & 0x20) !== 0;
  const sizeBytes = flags >> 6 ? 1 << (flags >> 6) : Number(isSingleSegment);
  let at = begin + 5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][flags & 3] ?? 0) + sizeBytes;
  let bound = 0;
  for (let isLast = false; !isLast; ) {
    const header = bytes.readUIntLE(at, 3);
    isLast = (header & 1) === 1;
    const isRepeatedByte = ((header >> 1) & 3) === 1;
    at += 3 + (isRepeatedByte ? 1 : header >> 3);
    bound += blockBytesMax;
  }
  return { end: at + (flags & 0x04 ? 4 : 0), isSkippable: false, isSingleSegment, bound };
}

/** The frame, with its window reduced to its largest possible output where it asks for a larger window. */
function withWindow(
  frame: Buffer,
  { bound, bytesMax, isSingleSegment }: Omit<Frame, 'end' | 'isSkippable'> & { readonly bytesMax: number },
): Buffer {
  const needed = Math.max(windowBytesMin, Math.min(bound, bytesMax + blockBytesMax));
  if (isSingleSegment) {
    // The window of such a frame is its content size, which cannot exceed the output of its blocks.
    if (contentSizeOf(frame) > bytesMax) throw new TooLarge();
    return frame;
  }
  const descriptor = frame.readUInt8(5);
  const base = 2 ** (10 + (descriptor >> 3));
  if (base + (base / 8) * (descriptor & 7) <= needed) return frame;
  const copy = Buffer.from(frame);
  copy.writeUInt8(Math.ceil(Math.log2(needed / windowBytesMin)) << 3, 5);
  return copy;
}

/** The content size that a frame of a single segment states. A frame with a dictionary is refused: Kafka uses none. */
function contentSizeOf(frame: Buffer): number {
  const flags = frame.readUInt8(4);
  if (flags & 3) throw new Error('a frame of Zstandard wants a dictionary');
  const form = flags >> 6;
  if (form === 0) return frame.readUInt8(5);
  if (form === 1) return frame.readUInt16LE(5) + 256;
  return form === 2 ? frame.readUInt32LE(5) : Number(frame.readBigUInt64LE(5));
}
