// The end of a server's log, for the error message of a server that died. Reads a bounded number of bytes.
import { open } from 'node:fs/promises';
import { codeOf } from '@foldline/shared/engine';
import { lastLines } from './commands.ts';

const TAIL_BYTES = 16 * 1024;

/**
 * The last `count` lines of the file that are not blank; an empty text while there is no such file.
 *
 * @param fromBytes what stands before this place is left out
 */
export const logTail = async (file: string, fromBytes = 0, count = 12): Promise<string> => {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const from = Math.max(fromBytes, size - TAIL_BYTES);
      const bytes = Math.max(0, size - from);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, from);
      return lastLines(buffer.subarray(0, bytesRead).toString('utf8'), count);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
};
