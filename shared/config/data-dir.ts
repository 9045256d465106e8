// Closes DATA_DIR to everybody but its owner: data of people, logs and an address with a password lie in it.
// Promises to leave the mode of a folder alone that others keep things in: /tmp or a home are not Foldline's to close.
import { promises as fs } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { SettingsFault } from './settings.ts';

const ofOthers = 0o077;
const ownerOnly = 0o700;

/** Everything that Foldline keeps directly under DATA_DIR. */
const ownFolders: ReadonlySet<string> = new Set([
  'pids',
  'logs',
  'secrets',
  'services',
  'mongodb',
  'kafka',
  'connect',
  'imports',
  'examples',
]);

/** Of everybody, or of a person, however little lies there at the moment. */
const placesOfOthers = () => ['/', '/tmp', '/var/tmp', '/dev/shm', os.tmpdir(), os.homedir()];

/**
 * Makes DATA_DIR, or closes one that is there, and the folders of Foldline in it.
 *
 * @throws SettingsFault when a folder stays open to others; nothing was written into it
 */
export async function openDataDir(dataDir: string): Promise<void> {
  await make(dataDir).catch((error: NodeJS.ErrnoException) => {
    throw new SettingsFault(
      `DATA_DIR: ${dataDir} cannot be made (${error.code}): name a folder in which this user may write.`,
      { cause: error },
    );
  });
  await assertWritable(dataDir);
  if (await isOurs(dataDir)) await close(dataDir);
  const found = await fs.readdir(dataDir, { withFileTypes: true });
  for (const entry of found.filter(({ name }) => ownFolders.has(name)))
    await close(join(dataDir, entry.name), entry.isSymbolicLink());
}

/** One folder after the other: below /proc the recursive form of Node 20 tries for ever. */
async function make(folder: string): Promise<void> {
  try {
    await fs.mkdir(folder, { mode: ownerOnly });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await fs.stat(folder)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    if (await fs.stat(dirname(folder)).catch(() => undefined)) throw error;
    await make(dirname(folder));
    await make(folder);
  }
}

async function assertWritable(dataDir: string): Promise<void> {
  const code = await fs.access(dataDir, fs.constants.W_OK | fs.constants.X_OK).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (code !== undefined)
    throw new SettingsFault(
      `DATA_DIR: ${dataDir} cannot be written (${code}): give this user the right, or name another folder.`,
    );
}

async function isOurs(dataDir: string): Promise<boolean> {
  const real = await fs.realpath(dataDir);
  const places = await Promise.all(placesOfOthers().map((place) => fs.realpath(place).catch(() => place)));
  return !places.includes(real) && (await fs.readdir(dataDir)).every((name) => ownFolders.has(name));
}

/** @param isLink the folder that it leads to may be of others, and is looked at only */
async function close(folder: string, isLink = false): Promise<void> {
  if (await isClosed(folder)) return;
  const cause = isLink ? undefined : await fs.chmod(folder, ownerOnly).catch((error: NodeJS.ErrnoException) => error);
  if (await isClosed(folder)) return;
  const mode = ((await fs.stat(folder)).mode & 0o777).toString(8);
  const why = isLink
    ? 'it is a link'
    : cause
      ? `it could not be closed (${cause.code})`
      : 'its file system keeps no modes';
  throw new SettingsFault(
    `DATA_DIR: ${folder} is open to others (mode ${mode}) and ${why}: run chmod 700 on it as its owner, ` +
      'or name in DATA_DIR a folder that is not there yet, which will be made for its owner alone.',
    { cause },
  );
}

async function isClosed(folder: string): Promise<boolean> {
  return ((await fs.stat(folder)).mode & ofOthers) === 0;
}
