// Goal: a command line finds the services that a start started, and no service of a start that has ended.
// Method: the file in a folder of its own, read as the command line reads it.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAddresses, writeAddresses } from './addresses-file.ts';
import { dataFolders } from './data-folder.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'foldline-addresses-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('it names each service with its address, for its owner alone, and nothing is left beside it', async () => {
  const services = [
    { name: 'user-service', url: 'http://127.0.0.1:3001' },
    { name: 'shopping-service', url: 'http://[::1]:3002' },
  ];
  await writeAddresses(dataFolders(dataDir), [{ name: 'user-service', url: 'http://127.0.0.1:1' }]);
  await writeAddresses(dataFolders(dataDir), services);
  const file = join(dataDir, 'services', 'addresses.json');
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    'user-service': { url: 'http://127.0.0.1:3001' },
    'shopping-service': { url: 'http://[::1]:3002' },
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(dataDir, 'services'))).toEqual(['addresses.json']);
  await removeAddresses(dataFolders(dataDir));
  expect(await readdir(join(dataDir, 'services'))).toEqual([]);
});

test('where there is none, none is taken off', async () => {
  await expect(removeAddresses(dataFolders(dataDir))).resolves.toBeUndefined();
});
