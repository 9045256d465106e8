// Where the servers keep their things under DATA_DIR, and the one secret that connectors read from there.
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

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

/** Makes the folders that several servers share; nobody but the owner may look into `secrets`. */
export const prepareFolders = async ({ pids, logs, secrets }: DataFolders): Promise<void> => {
  await mkdir(pids, { recursive: true });
  await mkdir(logs, { recursive: true });
  await mkdir(secrets, { recursive: true, mode: 0o700 });
  // mkdir leaves a folder that was there as it was.
  await chmod(secrets, 0o700);
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
