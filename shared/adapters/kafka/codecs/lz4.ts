// Decompresses LZ4 frames. The library knows no limit, so the blocks of a frame are added up before: a block cannot give more than the
// block size that its frame names, nor 255 bytes for each byte that it has.
import { decompressFrameSync } from 'lz4-napi';
import { type Decompress, TooLarge } from './decompress.ts';

const magic = 0x184d2204;
const skippableMagic = 0x184d2a50;
const blockBytesMax: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 };
const expansionMax = 255;

export const decompressLz4: Decompress = (bytes, bytesMax) => {
  // The last block of a frame may be smaller than it could be.
  const slack = Math.max(...Object.values(blockBytesMax));
  if (boundOf(bytes) > bytesMax + slack) throw new TooLarge();
  const decompressed = decompressFrameSync(bytes);
  if (decompressed.length > bytesMax) throw new TooLarge();
  return decompressed;
};

/** How much these frames can give at most. @throws Error where they do not end, RangeError where their bytes do */
function boundOf(bytes: Buffer): number {
  let bound = 0;
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.readUInt32LE(at);
    if ((found & 0xfffffff0) >>> 0 === skippableMagic) {
      at += 8 + bytes.readUInt32LE(at + 4);
      continue;
    }
    if (found !== magic) throw new Error('there is no frame of LZ4');
    const flags = bytes.readUInt8(at + 4);
    const blockMax = blockBytesMax[(bytes.readUInt8(at + 5) >> 4) & 7];
    if (blockMax === undefined) throw new Error('a frame of LZ4 names no block size');
    at += 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
    for (;;) {
      const size = bytes.readUInt32LE(at) & 0x7fffffff;
      at += 4;
      if (size === 0) break;
      bound += Math.min(blockMax, size * expansionMax);
      at += size + (flags & 0x10 ? 4 : 0);
    }
    at += flags & 0x04 ? 4 : 0;
  }
  return bound;
}
