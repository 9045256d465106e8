// Decompresses gzip by Node's own zlib, which stops at the limit.
import { promisify } from 'node:util';
import { gzip, unzip } from 'node:zlib';
import { type Decompress, TooLarge } from './decompress.ts';

const unzipped = promisify<Buffer, { maxOutputLength: number }, Buffer>(unzip);

export const compressGzip: (bytes: Buffer) => Promise<Buffer> = promisify(gzip);

export const decompressGzip: Decompress = async (bytes, bytesMax) => {
  try {
    return await unzipped(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new TooLarge();
    throw error;
  }
};
