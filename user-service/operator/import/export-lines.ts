// The lines of one file of an export, each read as what it should be, or with the word why it is not. Every pass over a file goes
// through here, so that all of them see the same lines.
import { contentOf, type ExportFile } from './files.ts';
import { type JsonObject, linesOf, readJsonLine } from './json-line.ts';
import { isRefused, type Refused } from './refusal.ts';

/** `bytes` is the line's length; 0 for one that was not kept because it was too long. */
export type ReadLine<T> = { readonly number: number; readonly bytes: number } & (
  | Refused
  | { readonly blank: true }
  | { readonly value: T }
);

/** @param lineBytes how long the line is, to tell cheaply what is worth a closer look */
export type ReadObject<T> = (object: JsonObject, lineBytes: number) => T | Refused;

export interface Reading {
  readonly lineBytesMax: number;
  /** @param share how much of the file was read, from 0 to 1 @param lines so far */
  readonly onProgress: (share: number, lines: number) => void;
}

export async function* exportLines<T extends object>(
  file: ExportFile,
  read: ReadObject<T>,
  { lineBytesMax, onProgress }: Reading,
): AsyncGenerator<ReadLine<T>[]> {
  let share = 0;
  const content = contentOf(file, (bytes) => {
    share = bytes / file.bytes;
  });
  for await (const lines of linesOf(content, lineBytesMax)) {
    onProgress(share, lines.at(-1)?.number ?? 0);
    yield lines.map((line) => {
      const at = { number: line.number, bytes: line.bytes?.length ?? 0 };
      const json = readJsonLine(line);
      if (!('object' in json)) return { ...at, ...json };
      const value = read(json.object, at.bytes);
      return isRefused(value) ? { ...at, refused: value.refused } : { ...at, value };
    });
  }
}
