// Goal: a file that is no connector is told by file, line and key, all of them at once; secrets are looked for where they lie.
// Method: the shipped files must be valid; one of them is spoiled in one place at a time. The rules of meaning are tested in `lint`.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { filesThatCarry, parseConnectors, standardInput } from './connector-file.ts';
import { loadConnectors, readConnectorFiles } from './connector-sources.ts';
import type { Finding } from './lint/rules.ts';
import { connectorShape, connectorText, merged } from './testing/connector-text.ts';

const file = 'folder/user-events.json';
const spoiled = (patch: object) => connectorText(merged(connectorShape(), patch));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foldline-connectors-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the four shipped files are valid and name what the embedded mode reads', async () => {
  const shipped = ['catalog-events', 'order-events', 'user-events', 'user-snapshots'];
  const paths = shipped.map((name) => join(__dirname, '..', '..', 'connect', 'connectors', `${name}.json`));
  const connectors = filesThatCarry(await readConnectorFiles(paths));
  expect(connectors.map(({ name, database, collection, topic }) => [name, database, collection, topic.name])).toEqual([
    ['catalog-events', 'shopping', 'CatalogEvents', 'catalog-events'],
    ['order-events', 'shopping', 'OrderEvents', 'order-events'],
    ['user-events', 'users', 'UserEvents', 'user-events'],
    ['user-snapshots', 'users', 'Users', 'user-snapshots'],
  ]);
});

test.each<[string, string, Partial<Finding>]>([
  [
    'an unknown top-level key',
    spoiled({ extra: 1 }),
    { key: 'extra', detail: expect.stringContaining('is not known here') },
  ],
  ['a missing config', spoiled({ config: null }), { key: 'config', line: 1, detail: 'is missing' }],
  ['a number where Connect keeps text', spoiled({ config: { 'tasks.max': 1 } }), { key: 'config.tasks.max', line: 17 }],
  ['another name than the file', spoiled({ name: 'users' }), { key: 'name', line: 2 }],
  ['no partitions', spoiled({ topic: { partitions: 0 } }), { key: 'topic.partitions', line: 6 }],
  ['a list', '[]', { key: '', line: 1 }],
])('%s is refused', (_what, text, expected) => {
  const { findings } = parseConnectors(file, text);
  expect(findings).toContainEqual(
    expect.objectContaining({ file, rule: 'file-shape', severity: 'error', ...expected }),
  );
});

test('all faults of all files are told at once, each on its line', async () => {
  await writeFile(join(folder, 'a.json'), '{\n  "name": "a",,\n}');
  await writeFile(join(folder, 'user-events.json'), spoiled({ extra: 1 }));
  await writeFile(join(folder, 'notes.txt'), 'not a connector');
  const message = await readConnectorFiles([folder]).catch((error: Error) => error.message);
  expect(message).toMatch(
    /a\.json:2: error: Expected a key in double quotes, found "," \(column 15\) \[file-shape\]\n.*user-events\.json:\d+: error: extra: is not known/,
  );
});

test('two files on one topic, or on one name, are refused', async () => {
  const topic = {
    topic: { name: 'user-events' },
    config: { 'topic.namespace.map': '{"users.UserEvents":"user-events"}' },
  };
  await writeFile(join(folder, 'other.json'), spoiled({ name: 'other', ...topic }));
  await writeFile(join(folder, 'user-events.json'), connectorText());
  await expect(readConnectorFiles([folder])).rejects.toThrow('user-events is also the topic of');
  await expect(
    readConnectorFiles([join(folder, 'user-events.json'), '-'], { stdin: stdin(connectorText()) }),
  ).rejects.toThrow('user-events is also the connector of');
});

const stdin = (text: string) => async () => text;

test('standard input holds one connector or a list of them, and a fault says which', async () => {
  const one = await loadConnectors(['-'], { stdin: stdin(connectorText()) });
  expect([one.files.map(({ name }) => name), one.findings, one.whole]).toEqual([['user-events'], [], false]);
  const list = JSON.stringify([connectorShape(), merged(connectorShape('user-snapshots'), { name: 7 })], null, 2);
  const two = await loadConnectors(['-'], { stdin: stdin(list) });
  expect(two.files.map(({ name }) => name)).toEqual(['user-events']);
  const line = list.split('\n').findIndex((text) => text.includes('"name": 7')) + 1;
  expect(two.findings).toEqual([expect.objectContaining({ file: `${standardInput}[1]`, line, key: 'name' })]);
  await expect(loadConnectors(['-'])).rejects.toThrow('Nothing comes from standard input here');
});

test('only folders say what is not there', async () => {
  await writeFile(join(folder, 'user-events.json'), connectorText());
  expect((await loadConnectors([folder])).whole).toBe(true);
  expect((await loadConnectors([join(folder, 'user-events.json')])).whole).toBe(false);
  const both = await loadConnectors([folder, join(folder, 'user-events.json')]);
  expect([both.whole, both.files.length]).toEqual([false, 1]);
  // The connector of a file that cannot be read is not one without a file.
  await writeFile(join(folder, 'user-snapshots.json'), '{');
  expect((await loadConnectors([folder])).whole).toBe(false);
});

test('hazard: heartbeats, whose values are null, do not go into the topic of another file', async () => {
  const config = { 'heartbeat.topic.name': 'user-snapshots', 'predicates.heartbeat.pattern': 'user-snapshots' };
  await writeFile(join(folder, 'user-events.json'), spoiled({ config }));
  await writeFile(join(folder, 'user-snapshots.json'), connectorText(connectorShape('user-snapshots')));
  const { findings } = await loadConnectors([folder]);
  expect(findings).toMatchObject([{ key: 'config.heartbeat.topic.name', severity: 'error' }]);
});

test('a folder that does not exist, or holds nothing, is told in one sentence', async () => {
  await expect(readConnectorFiles(['/nowhere/at/all'])).rejects.toThrow(/^\/nowhere\/at\/all cannot be read: ENOENT/);
  await expect(readConnectorFiles([folder])).rejects.toThrow('holds no .json file');
});

test('secrets are looked for in the given folder, and nothing else changes', async () => {
  const [shipped] = (await loadConnectors([])).files.filter(({ name }) => name === 'user-events');
  const [placed] = (await loadConnectors([], { secretsDir: '/data/secrets' })).files.filter(
    ({ name }) => name === 'user-events',
  );
  expect(placed?.config).toEqual({ ...shipped?.config, 'connection.uri': `\${dir:/data/secrets:mongodb-uri}` });
});

test.each([48151623, ['mongodb://connect:hunter2@db/'], { password: 'hunter2' }])(
  'hazard: a password that was written as %j, where text should be, is not told',
  (value) => {
    const { findings } = parseConnectors(file, spoiled({ config: { 'sasl.password': value } }));
    expect(JSON.stringify(findings)).toMatch(/it is a (number|list|object)/);
    expect(JSON.stringify(findings)).not.toMatch(/48151623|hunter2/);
  },
);

test.each([
  ['a backslash in it', '{ "config": { "connection.uri": "mongodb://connect:hunter2\\s@db/" } }'],
  ['no key before it', '{ "config": { "mongodb://connect:hunter2@db/" } }'],
  ['a strange key for a value', '{ "mongodb://connect:hunter2@db/": 1 }'],
])('hazard: an address with %s is not told', (_what, text) => {
  const { findings } = parseConnectors(file, text);
  expect(findings.length).toBeGreaterThan(0);
  expect(JSON.stringify(findings)).not.toContain('hunter2');
});

test('hazard: a folder or a dead link that is called like a file keeps nobody from hearing of the other files', async () => {
  await mkdir(join(folder, 'x.json'));
  await symlink(join(folder, 'nowhere'), join(folder, 'y.json'));
  await writeFile(join(folder, 'user-events.json'), spoiled({ name: 'other' }));
  const { findings, whole } = await loadConnectors([folder]);
  expect(findings.map(({ file: at, detail }) => [basename(at), detail])).toEqual([
    ['user-events.json', expect.stringContaining('is "other"')],
    ['x.json', expect.stringMatching(/^cannot be read: EISDIR/)],
    ['y.json', expect.stringMatching(/^cannot be read: ENOENT/)],
  ]);
  expect(whole).toBe(false);
});

test('hazard: an empty list on standard input, as a generator that broke leaves it, is no deployment', async () => {
  const { files, findings } = await loadConnectors(['-'], { stdin: async () => '[]' });
  expect([files, findings]).toMatchObject([[], [{ file: '(stdin)', rule: 'file-shape', severity: 'error' }]]);
});

describe('a connector of a class that the rules do not know', () => {
  const sink = {
    name: 'orders-to-sql',
    config: { 'connector.class': 'io.example.JdbcSinkConnector', topics: 'order-events', 'errors.tolerance': 'all' },
  };
  const parsedSink = (patch: object = {}) => parseConnectors('orders-to-sql.json', connectorText(merged(sink, patch)));

  test('is read as it is written, and no rule about records judges it', () => {
    const { files, findings } = parsedSink();
    expect(findings).toEqual([]);
    expect(files).toEqual([expect.objectContaining(sink)]);
    expect(filesThatCarry(files)).toEqual([]);
  });

  test.each([
    ['a password in the open', { config: { 'connection.password': 'hunter2' } }, 'literal-secret'],
    ['its name once more', { config: { name: 'orders-to-sql' } }, 'name-twice'],
    ['an unknown key', { topics: 'order-events' }, 'file-shape'],
    ['a value that is no text', { config: { 'tasks.max': 1 } }, 'file-shape'],
    ['another name than its file', { name: 'orders' }, 'file-shape'],
  ])('%s is told', (_what, patch, rule) => {
    expect(parsedSink(patch).findings).toEqual([expect.objectContaining({ rule, severity: 'error' })]);
  });

  test('says what it carries, and is judged as every file that does', () => {
    const { findings } = parsedSink({ carries: 'events' });
    expect(findings).toEqual([expect.objectContaining({ rule: 'file-shape', key: 'topic' })]);
  });

  test('clashes with another file of its name', async () => {
    await mkdir(join(folder, 'other'));
    for (const path of [folder, join(folder, 'other')])
      await writeFile(join(path, 'orders-to-sql.json'), connectorText(sink));
    await expect(readConnectorFiles([folder, join(folder, 'other')])).rejects.toThrow('is also the connector of');
  });
});
