// The two files of an export as bytes: plain, or packed when the name ends in `.gz`. What cannot be read is one sentence with the
// file's name; a packed file that was cut off is found at its end, whoever reads it.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AdminFailure, isAdminFailure } from 'foldline/admin';

/** Also the words under which the report speaks of them. */
export type FileName = 'people' | 'events';

export interface ExportFile {
  readonly name: FileName;
  readonly path: string;
  /** As it lies on the disk, packed or not. */
  readonly bytes: number;
}

const pieceBytes = 64 * 1024;

/** @throws AdminFailure `file-unreadable` when there is no such file */
export async function findExportFile(name: FileName, path: string): Promise<ExportFile> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(name, path, cause);
  });
  if (!found.isFile()) throw unreadable(name, path, new Error('it is no file'));
  return { name, path, bytes: found.size };
}

/**
 * @param onRead told how many bytes of the file on the disk were read so far
 * @throws AdminFailure `file-unreadable`
 */
export async function* contentOf(
  { name, path }: ExportFile,
  onRead: (bytes: number) => void = () => {},
): AsyncGenerator<Buffer> {
  const source = counted(createReadStream(path, { highWaterMark: pieceBytes }), onRead);
  try {
    yield* path.endsWith('.gz') ? unpacked(source) : source;
  } catch (cause) {
    // Whoever reads may stop for reasons of their own.
    throw isAdminFailure(cause) ? cause : unreadable(name, path, cause);
  }
}

async function* counted(source: AsyncIterable<Buffer>, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    onRead(bytes);
    yield piece;
  }
}

function unpacked(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // An error of either ends the other, and reaches whoever reads.
  return pipeline(Readable.from(source), createGunzip({ chunkSize: pieceBytes }), () => {});
}

function unreadable(name: FileName, path: string, cause: unknown): AdminFailure {
  const { message } = cause as Error;
  const way = path.endsWith('.gz') ? 'a file that ends in .gz must be complete and packed by gzip' : 'name another one';
  return new AdminFailure('file-unreadable', `The file of --${name} cannot be read, ${path} (${message}): ${way}.`, {
    cause,
  });
}

/** When a later pass over the events meets other lines than the first. */
export function fileChanged(): AdminFailure {
  return new AdminFailure(
    'file-unreadable',
    'The file of --events changed while it was read. Import it again once it stays as it is.',
  );
}
