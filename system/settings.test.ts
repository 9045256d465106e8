// Goal: the servers are started with the settings that the rest of the system relies on, and the versions they need.
import { systemSettings } from './config.ts';
import { dataFolders } from './data-folder.ts';
import { workerSettings } from './kafka/connect-worker.ts';
import { findJava, javaMajor, propertiesText } from './kafka/java.ts';
import { kafkaSettings } from './kafka/kafka.ts';
import { mongodArguments } from './mongodb/mongod.ts';
import { findMongod, supportedVersion } from './mongodb/mongod-binary.ts';

test('the environment is read once, empty means not given, relative folders start at the root', () => {
  const env = { DATA_DIR: 'here', XDG_CACHE_HOME: '/cache', MONGODB_URI: ' ', KAFKA_BROKERS: 'a:1' };
  expect(systemSettings(env, '/root')).toMatchObject({
    dataDir: '/root/here',
    cacheDir: '/cache/foldline',
    kafkaBrokers: 'a:1',
    mongodbUri: undefined,
    userServicePort: 3001,
  });
  expect(() => systemSettings({ USER_SERVICE_PORT: 'x' }, '/root')).toThrow('USER_SERVICE_PORT is "x": set it to');
  expect(systemSettings({}, '/root').dataDir).toBe('/root/.foldline');
});

test('mongod is on loopback, without zlib, and ends open transactions after five seconds', () => {
  const line = mongodArguments({ dbPath: '/db', port: 27_017, args: ['--oplogSize', '64'] }).join(' ');
  expect(line).toContain('--bind_ip 127.0.0.1');
  expect(line).toContain('--replSet foldline');
  expect(line).toContain('--networkMessageCompressors snappy,zstd');
  expect(line).toContain('--setParameter transactionLifetimeLimitSeconds=5');
  expect(line).toMatch(/--oplogSize 64$/);
  expect(line).not.toContain('enableTestCommands');
  const forTests = mongodArguments({ dbPath: '/db', port: 27_017, enableTestCommands: true });
  expect(forTests).toContain('enableTestCommands=1');
});

test('the broker makes no topics by itself and listens on loopback alone', () => {
  const settings = kafkaSettings({ dataDir: '/kafka', port: 9092, controllerPort: 9093 });
  expect(settings['auto.create.topics.enable']).toBe(false);
  expect(settings['message.max.bytes']).toBe(2_097_152);
  expect(settings.listeners).toBe('PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
});

test('the worker reads secrets from one folder and lets connectors override two producer settings', () => {
  const jars = { workerDir: '/jars/worker', pluginsDir: '/jars/plugins' };
  const settings = workerSettings({ brokers: '127.0.0.1:9092', port: 8083, jars, secretsDir: '/data/secrets' });
  expect(settings['config.providers.dir.param.allowed.paths']).toBe('/data/secrets');
  expect(settings['connector.client.config.override.policy']).toBe('Allowlist');
  expect(settings['connector.client.config.override.allowlist']).toBe('enable.idempotence,max.request.size');
  expect(settings.listeners).toBe('http://127.0.0.1:8083');
});

test('properties survive back slashes, line ends and leading blanks', () => {
  expect(propertiesText({ path: 'C:\\data', text: ' a\nb', on: true })).toBe(
    'path=C:\\\\data\ntext=\\ a\\nb\non=true\n',
  );
});

test('versions are read from what java and mongod print', () => {
  expect(javaMajor('openjdk version "17.0.15" 2025-04-15')).toBe(17);
  expect(javaMajor('java version "1.8.0_402"')).toBe(8);
  expect(javaMajor('openjdk version "25" 2025-09-16')).toBe(25);
  expect(() => javaMajor('bash: java')).toThrow('does not print the version of a Java');
  expect(supportedVersion('db version v6.0.5\nBuild Info')).toBe('6.0.5');
  expect(() => supportedVersion('db version v4.4.29')).toThrow('it is version 4.4.29');
});

test('a named mongod that does not run is an error, never a reason to look elsewhere', async () => {
  const search = findMongod({ cacheDir: '/nowhere', systemBinary: '/nowhere/mongod' });
  await expect(search).rejects.toThrow(/^MONGOMS_SYSTEM_BINARY names \/nowhere\/mongod, which is no mongod/);
  const notMongod = findMongod({ cacheDir: '/nowhere', systemBinary: process.execPath });
  await expect(notMongod).rejects.toThrow('it does not print the version of a mongod');
});

test('a JAVA_HOME without Java falls back to the PATH, or says what to install', async () => {
  const java = await findJava({ javaHome: '/nowhere' }).catch((error: unknown) => error);
  if (java instanceof Error) expect(java.message).toMatch(/Kafka needs Java 17 or later .* set JAVA_HOME$/);
  else expect(java).toMatchObject({ path: 'java' });
});

test('the folders under DATA_DIR are absolute', () => {
  expect(dataFolders('/data').secrets).toBe('/data/secrets');
  expect(dataFolders('relative').pids).toMatch(/^\/.*\/relative\/pids$/);
});
