// Where the servers keep their things under DATA_DIR, and the one secret that connectors read from there.
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { openDataDir } from 'foldline/config';

/** The folders under DATA_DIR; all paths are absolute. */
export interface DataFolders {
  readonly pids: string;
  readonly logs: string;
  readonly secrets: string;
  readonly mongodb: string;
  readonly kafka: string;
  readonly connect: string;
}

/** The folders under this DATA_DIR, whether they exist or not. */
export const dataFolders = (dataDir: string): DataFolders => {
  const root = resolve(dataDir);
  const under = (name: string) => join(root, name);
  return {
    pids: under('pids'),
    logs: under('logs'),
    secrets: under('secrets'),
    mongodb: under('mongodb'),
    kafka: under('kafka'),
    connect: under('connect'),
  };
};

/** Makes the folders; nobody but the owner may look into any of them. @throws SettingsFault when one stays open to others */
export const prepareFolders = async (folders: DataFolders): Promise<void> => {
  const { pids, logs, secrets, mongodb, kafka, connect } = folders;
  const dataDir = dirname(pids);
  // First of all, so that nothing is written into a folder that others can open.
  await openDataDir(dataDir);
  for (const folder of [pids, logs, secrets, mongodb, kafka, connect])
    await mkdir(folder, { recursive: true, mode: 0o700 });
};

/**
 * Writes the URI that connectors name as `${dir:<secrets>:mongodb-uri}`.
 * Beside and renamed: a connector that starts meanwhile reads the old or the new one, never half of it.
 */
export const writeMongodbUri = async ({ secrets }: Pick<DataFolders, 'secrets'>, uri: string): Promise<void> => {
  const file = join(secrets, 'mongodb-uri');
  await writeFile(`${file}.tmp`, uri, { mode: 0o600 });
  await chmod(`${file}.tmp`, 0o600);
  await rename(`${file}.tmp`, file);
};
