// Goal: a command line finds the services that a start started, and no service of a start that has ended.
// Method: the file in a folder of its own, read as the command line reads it.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startedServers } from 'foldline/connect';
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
  const folders = dataFolders(dataDir);
  const servers = { folders, brokers: null, connectUrl: null };
  await writeAddresses(servers, [{ name: 'user-service', url: 'http://127.0.0.1:1' }]);
  await writeAddresses(servers, services);
  const file = join(dataDir, 'services', 'addresses.json');
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    'user-service': { url: 'http://127.0.0.1:3001' },
    'shopping-service': { url: 'http://[::1]:3002' },
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(dataDir, 'services'))).toEqual(['addresses.json', 'servers.json']);
  await removeAddresses(dataFolders(dataDir));
  expect(await readdir(join(dataDir, 'services'))).toEqual([]);
});

test('where there is none, none is taken off', async () => {
  await expect(removeAddresses(dataFolders(dataDir))).resolves.toBeUndefined();
});

test('the command line of connectors reads the servers there, unless the environment names a worker or brokers', async () => {
  const folders = dataFolders(dataDir);
  const mongod = { uri: 'mongodb://127.0.0.1:7/?replicaSet=foldline' };
  await writeAddresses({ folders, mongod, brokers: '127.0.0.1:8', connectUrl: 'http://127.0.0.1:9' }, []);
  const found = {
    MONGODB_URI: mongod.uri,
    KAFKA_BROKERS: '127.0.0.1:8',
    CONNECT_URL: 'http://127.0.0.1:9',
    CONNECT_SECRETS_DIR: folders.secrets,
  };
  const file = join(dataDir, 'services', 'servers.json');
  expect(startedServers({ DATA_DIR: dataDir })).toEqual({ file, env: found });
  const none = { file: undefined, env: {} };
  expect(startedServers({ DATA_DIR: dataDir, CONNECT_URL: 'http://127.0.0.1:1' })).toEqual(none);
  expect(startedServers({ DATA_DIR: dataDir, KAFKA_BROKERS: '127.0.0.1:1' })).toEqual(none);
  expect(startedServers({ DATA_DIR: dataDir, MONGODB_URI: 'mongodb://127.0.0.1:1' })).toEqual(none);
  // As Compose leaves what is not set.
  expect(startedServers({ DATA_DIR: dataDir, CONNECT_URL: '', KAFKA_BROKERS: '' })).toEqual({ file, env: found });
  await removeAddresses(folders);
  expect(startedServers({ DATA_DIR: dataDir })).toEqual(none);
});

test('hazard: a start without a worker does not send its database to a worker of others', async () => {
  const mongod = { uri: 'mongodb://127.0.0.1:7/?replicaSet=foldline' };
  await writeAddresses({ folders: dataFolders(dataDir), mongod, brokers: null, connectUrl: null }, []);
  expect(startedServers({ DATA_DIR: dataDir })).toEqual({ file: undefined, env: {} });
});

test.each(['', '{', '[]', '{"CONNECT_URL":7}', '{"OTHER":"x"}'])(
  'a file that holds %j is named with the way out',
  async (text) => {
    await mkdir(join(dataDir, 'services'));
    await writeFile(join(dataDir, 'services', 'servers.json'), text);
    expect(() => startedServers({ DATA_DIR: dataDir })).toThrow(
      /servers\.json, .* cannot be read: .* set CONNECT_URL and KAFKA_BROKERS/,
    );
  },
);
