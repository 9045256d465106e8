// The codecs by the number that Kafka gives them.
import { bounded, shownCharactersMax } from '../../../engine/index.ts';
import { type Decompress, TooLarge } from './decompress.ts';
import { decompressGzip } from './gzip.ts';
import { decompressLz4 } from './lz4.ts';
import { decompressSnappy } from './snappy.ts';
import { decompressZstd } from './zstd.ts';

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
