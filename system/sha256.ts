// SHA-256 of files, and the pinned lists they are held against (the format of `sha256sum`: hash, two blanks, path).
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SystemFailure } from './failure.ts';

/** The hex SHA-256 of a file, read as a stream. */
export const sha256OfFile = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

/** The hex SHA-256 of some texts one after the other. */
export const sha256OfTexts = (...texts: readonly string[]): string => {
  const hash = createHash('sha256');
  // The length goes in too, else moving a line from one text to the next would not change the hash.
  for (const text of texts) hash.update(`${text.length}\n`).update(text);
  return hash.digest('hex');
};

/**
 * Path to hash, as a `sha256sum` list says it.
 *
 * @throws SystemFailure naming the first line that is not of that form
 */
export const parseChecksums = (text: string): Map<string, string> => {
  const entries = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): [string, string] => {
      const [, hash, path] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? [];
      if (!hash || !path) throw new SystemFailure(`the checksum line "${line}" is not "<SHA-256>  <path>"`);
      return [path, hash];
    });
  return new Map(entries);
};

/** What differs between the pinned and the found files, one sentence each; empty when they are the same. */
export const checksumFaults = (pinned: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): string[] => [
  ...[...pinned].flatMap(([path, hash]) => {
    const actual = found.get(path);
    if (actual === undefined) return [`${path} is missing`];
    return actual === hash ? [] : [`${path} has SHA-256 ${actual} where ${hash} is pinned`];
  }),
  ...[...found.keys()].filter((path) => !pinned.has(path)).map((path) => `${path} is not in the list`),
];
