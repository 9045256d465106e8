// Decompresses Snappy in both forms that Kafka's clients write: the Java client puts blocks into the framing of snappy-java (Xerial),
// others write one bare block.
import { uncompressSync } from 'snappy';
import { type Decompress, TooLarge } from './decompress.ts';

const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** The magic, the version of the framing, and the lowest version that can read it. */
const headerBytes = 16;

export const decompressSnappy: Decompress = (bytes, bytesMax) => {
  if (!bytes.subarray(0, magic.length).equals(magic)) return block(bytes, bytesMax);
  const blocks: Buffer[] = [];
  let total = 0;
  for (let at = headerBytes; at < bytes.length; ) {
    const size = bytes.readInt32BE(at);
    const end = at + 4 + size;
    if (size <= 0 || end > bytes.length) throw new Error('a block of Snappy does not end');
    const decompressed = block(bytes.subarray(at + 4, end), bytesMax - total);
    blocks.push(decompressed);
    total += decompressed.length;
    at = end;
  }
  return Buffer.concat(blocks, total);
};

function block(bytes: Buffer, bytesMax: number): Buffer {
  if (lengthOf(bytes) > bytesMax) throw new TooLarge();
  return uncompressSync(bytes, { asBuffer: true }) as Buffer;
}

/** A block begins with its decompressed length, as a varint of at most 32 bits. */
function lengthOf(bytes: Buffer): number {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return length;
  }
  throw new Error('a block of Snappy has no length');
}
