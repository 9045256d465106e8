// The file by which command lines find the services that run: written below DATA_DIR when all of them answer, and gone when they end.
// It has the form of the file of `npm run admin -- --services`, and holds no token.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DataFolders } from './data-folder.ts';
import type { ServiceHandle } from './services.ts';

/** `shared/admin/known-services.ts` reads it there. */
const addressesFile = ({ pids }: Pick<DataFolders, 'pids'>) => join(dirname(pids), 'services', 'addresses.json');

/** Written beside and renamed: a command that runs meanwhile reads the old one or the new one, never half of it. */
export async function writeAddresses(
  folders: Pick<DataFolders, 'pids'>,
  services: Iterable<Pick<ServiceHandle, 'name' | 'url'>>,
): Promise<void> {
  const file = addressesFile(folders);
  const content = Object.fromEntries([...services].map(({ name, url }) => [name, { url }]));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.tmp`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}

/** Nothing happens where there is none. */
export const removeAddresses = (folders: Pick<DataFolders, 'pids'>): Promise<void> =>
  rm(addressesFile(folders), { force: true });
