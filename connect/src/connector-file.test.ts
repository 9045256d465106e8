// Goal: no connector file that would lose, scatter or expose events gets past the reader, and each fault names file, line and key.
// Method: the shipped files must be valid; a valid file is spoiled in one place at a time.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConnectorFile,
  type FileFault,
  parseConnectorFile,
  placeSecretsInFiles,
  readConnectorFiles,
} from './connector-file.ts';
import { connectorShape, connectorText } from './testing/connector-text.ts';

const file = 'folder/user-events.json';

function faultsOf(text: string): readonly FileFault[] {
  const parsed = parseConnectorFile(file, text);
  if ('config' in parsed) throw new Error('expected faults, and there are none');
  return parsed;
}

/** The valid file with `config` (or another part) changed; undefined takes a key out. */
function spoiled(changes: {
  config?: Record<string, unknown>;
  topic?: Record<string, unknown>;
  top?: Record<string, unknown>;
}): string {
  const shape = connectorShape();
  return connectorText({
    ...shape,
    ...changes.top,
    topic: { ...shape.topic, ...changes.topic },
    config: { ...shape.config, ...changes.config },
  });
}

test('the four shipped files are valid and name what the embedded mode reads', async () => {
  const connectors = await readConnectorFiles();
  expect(connectors.map(({ name, database, collection, topic }) => [name, database, collection, topic.name])).toEqual([
    ['catalog-events', 'shopping', 'CatalogEvents', 'catalog-events'],
    ['order-events', 'shopping', 'OrderEvents', 'order-events'],
    ['user-events', 'users', 'UserEvents', 'user-events'],
    ['user-snapshots', 'users', 'Users', 'user-snapshots'],
  ]);
});

test('the pattern they are spoiled from is valid', () => {
  expect(parseConnectorFile(file, connectorText())).toMatchObject({
    file,
    name: 'user-events',
    topic: { partitions: 3 },
  });
});

test.each<[string, string, Partial<FileFault>]>([
  [
    'an unknown top-level key',
    spoiled({ top: { extra: 1 } }),
    { key: 'extra', detail: expect.stringContaining('is not known here') },
  ],
  [
    'a missing config',
    connectorText({ name: 'user-events', topic: connectorShape().topic }),
    { key: 'config', detail: 'is missing' },
  ],
  ['a number where Connect keeps text', spoiled({ config: { 'tasks.max': 1 } }), { key: 'config.tasks.max', line: 24 }],
  ['another name than the file', spoiled({ top: { name: 'users' } }), { key: 'name', line: 2 }],
  ['no partitions', spoiled({ topic: { partitions: 0 } }), { key: 'topic.partitions', line: 5 }],
  [
    'a topic setting that Kafka does not know',
    spoiled({ topic: { config: { 'retention.mss': '1' } } }),
    { key: 'topic.config.retention.mss' },
  ],
  [
    'a compacted topic of events',
    spoiled({ topic: { config: { 'cleanup.policy': 'compact' } } }),
    { key: 'topic.config.cleanup.policy' },
  ],
  [
    'no offset.partition.name',
    spoiled({ config: { 'offset.partition.name': undefined } }),
    { key: 'config.offset.partition.name' },
  ],
  [
    'errors.tolerance all',
    spoiled({ config: { 'errors.tolerance': 'all' } }),
    { key: 'config.errors.tolerance', line: 18 },
  ],
  [
    'mongo.errors.tolerance all',
    spoiled({ config: { 'mongo.errors.tolerance': 'all' } }),
    { key: 'config.mongo.errors.tolerance' },
  ],
  ['a name inside config', spoiled({ config: { name: 'user-events' } }), { key: 'config.name' }],
  ['a pipeline that is no JSON', spoiled({ config: { pipeline: '[{x' } }), { key: 'config.pipeline' }],
  [
    'records in another topic',
    spoiled({ config: { 'topic.namespace.map': '{"users.UserEvents":"other"}' } }),
    { key: 'config.topic.namespace.map' },
  ],
  ['a topic prefix', spoiled({ config: { 'topic.prefix': 'p' } }), { key: 'config.topic.prefix' }],
  ['no heartbeat', spoiled({ config: { 'heartbeat.interval.ms': '0' } }), { key: 'config.heartbeat.interval.ms' }],
  [
    'a transform that meets heartbeats',
    spoiled({ config: { 'transforms.key.negate': 'false' } }),
    { key: 'config.transforms.key.predicate' },
  ],
  [
    'another number of partitions for Connect',
    spoiled({ config: { 'topic.creation.default.partitions': '4' } }),
    { key: 'config.topic.creation.default.partitions' },
  ],
  [
    'a typo in topic.creation',
    spoiled({ config: { 'topic.creation.default.retention.mss': '4' } }),
    { key: 'config.topic.creation.default.retention.mss' },
  ],
  [
    'an unknown topic.creation group',
    spoiled({ config: { 'topic.creation.other.partitions': '4' } }),
    { key: 'config.topic.creation.other.partitions' },
  ],
])('%s is refused', (_what, text, expected) => {
  expect(faultsOf(text)).toContainEqual(expect.objectContaining({ file, ...expected }));
});

test('a password in the URI is refused and not repeated', () => {
  const faults = faultsOf(spoiled({ config: { 'connection.uri': 'mongodb://api:hunter2@db/' } }));
  expect(faults).toEqual([expect.objectContaining({ key: 'config.connection.uri', line: 13 })]);
  expect(JSON.stringify(faults)).not.toContain('hunter2');
});

test('all faults of all files are told at once, each on its line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-connectors-'));
  try {
    await writeFile(join(folder, 'a.json'), '{\n  "name": "a",,\n}');
    await writeFile(join(folder, 'user-events.json'), spoiled({ top: { extra: 1 } }));
    await writeFile(join(folder, 'notes.txt'), 'not a connector');
    const message = await readConnectorFiles(folder).catch((error: Error) => error.message);
    expect(message).toMatch(
      /a\.json:2: Expected a key in double quotes, found "," \(column 15\)\n.*user-events\.json:\d+: extra: is not known/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('two files on one topic are refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-connectors-'));
  try {
    const second = connectorShape('other');
    second.topic.name = 'user-events';
    second.config['topic.namespace.map'] = '{"users.UserEvents":"user-events"}';
    await writeFile(join(folder, 'other.json'), connectorText(second));
    await writeFile(join(folder, 'user-events.json'), connectorText());
    await expect(readConnectorFiles(folder)).rejects.toThrow('user-events is also the topic of');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a folder that does not exist, or holds nothing, is told in one sentence', async () => {
  await expect(readConnectorFiles('/nowhere/at/all')).rejects.toThrow(/^\/nowhere\/at\/all cannot be read: ENOENT/);
  const empty = await mkdtemp(join(tmpdir(), 'foldline-connectors-'));
  await expect(readConnectorFiles(empty)).rejects.toThrow('holds no .json file');
  await rm(empty, { recursive: true });
});

test('secrets are looked for in the given folder, and nothing else changes', () => {
  const parsed = parseConnectorFile(file, connectorText()) as ConnectorFile;
  const [placed] = placeSecretsInFiles([parsed], '/data/secrets');
  expect(placed?.config).toEqual({ ...parsed.config, 'connection.uri': `\${dir:/data/secrets:mongodb-uri}` });
  expect(placeSecretsInFiles([parsed], undefined)[0]?.config).toEqual(parsed.config);
});
