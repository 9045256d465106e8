// The files by which command lines find what runs: written below DATA_DIR when all services answer, and gone when they end. The one of
// the services has the form of the file of `npm run admin -- --services`. None holds a token.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DataFolders } from './data-folder.ts';
import type { MongodHandle } from './mongodb/mongod.ts';
import type { ServiceHandle } from './services.ts';

type Folders = Pick<DataFolders, 'pids' | 'secrets'>;

interface StartedServers {
  readonly folders: Folders;
  readonly brokers: string | null;
  readonly connectUrl: string | null;
  /** Undefined where MongoDB was given: its address may hold a password. */
  readonly mongod?: Pick<MongodHandle, 'uri'>;
}

/** `shared/admin/known-services.ts` reads it there. */
const addressesFile = ({ pids }: Folders) => join(dirname(pids), 'services', 'addresses.json');

/** The addresses of the servers, as the settings that name them: `shared/connect/started-servers.ts` reads it there. */
const serversFile = ({ pids }: Folders) => join(dirname(pids), 'services', 'servers.json');

export async function writeAddresses(
  { folders, brokers, connectUrl, mongod }: StartedServers,
  services: Iterable<Pick<ServiceHandle, 'name' | 'url'>>,
): Promise<void> {
  await write(addressesFile(folders), Object.fromEntries([...services].map(({ name, url }) => [name, { url }])));
  await write(serversFile(folders), {
    MONGODB_URI: mongod?.uri,
    KAFKA_BROKERS: brokers ?? undefined,
    CONNECT_URL: connectUrl ?? undefined,
    CONNECT_SECRETS_DIR: connectUrl === null ? undefined : folders.secrets,
  });
}

/** Written beside and renamed: a command that runs meanwhile reads the old one or the new one, never half of it. */
async function write(file: string, content: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.tmp`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}

/** Nothing happens where there is none. */
export async function removeAddresses(folders: Folders): Promise<void> {
  await rm(addressesFile(folders), { force: true });
  await rm(serversFile(folders), { force: true });
}
