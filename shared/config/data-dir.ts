// Closes DATA_DIR to everybody but its owner: data of people, logs and an address with a password lie in it.
// Promises to leave the mode of a folder alone that others keep things in: /tmp or a home are not Foldline's to close.
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { SettingsFault } from './settings.ts';

const ofOthers = 0o077;
const ownerOnly = 0o700;

/** Everything that Foldline keeps directly under DATA_DIR. */
const ownFolders: ReadonlySet<string> = new Set([
  ...['pids', 'logs', 'secrets', 'services', 'mongodb', 'kafka', 'connect'],
  ...['imports', 'examples'],
]);

/**
 * Makes DATA_DIR, or closes one that is there, and the folders of Foldline in it.
 *
 * @throws SettingsFault when a folder stays open to others; nothing was written into it
 */
export async function openDataDir(dataDir: string): Promise<void> {
  await makePrivate(dataDir, async (names) => names.every((name) => ownFolders.has(name) || name.startsWith('.')));
  const found = await fs.readdir(dataDir);
  for (const name of found.filter((each) => ownFolders.has(each))) await makePrivate(join(dataDir, name));
}

/** @param isOurs whether a folder with these names in it may be closed; if not, it stays as it is */
async function makePrivate(
  folder: string,
  isOurs: (names: readonly string[]) => Promise<boolean> = async () => true,
): Promise<void> {
  await fs.mkdir(folder, { recursive: true, mode: ownerOnly });
  if (await isClosed(folder)) return;
  if (!(await isOurs(await fs.readdir(folder)))) return;
  const cause = await fs.chmod(folder, ownerOnly).catch((error: NodeJS.ErrnoException) => error);
  if (await isClosed(folder)) return;
  const mode = ((await fs.stat(folder)).mode & 0o777).toString(8);
  const why = cause ? `it could not be closed (${cause.code})` : 'its file system keeps no modes';
  throw new SettingsFault(
    `DATA_DIR: ${folder} is open to others (mode ${mode}) and ${why}: run chmod 700 on it as its owner, ` +
      'or name in DATA_DIR a folder that is not there yet, which will be made for its owner alone.',
    { cause },
  );
}

async function isClosed(folder: string): Promise<boolean> {
  return ((await fs.stat(folder)).mode & ofOthers) === 0;
}
