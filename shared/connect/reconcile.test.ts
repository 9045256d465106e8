// Goal: the plan names exactly what differs, key by key, and never proposes to move a subject to another partition.
import { type ConnectorFile, parseConnectors } from './connector-file.ts';
import { supportTopicsOf } from './needed-topics.ts';
import { reconcile, reconcileConnector, reconcileTopic, unnamedSettings, wantedConfig } from './reconcile.ts';
import { connectorText } from './testing/connector-text.ts';

const [file] = parseConnectors('user-events.json', connectorText()).files as [ConnectorFile];
const nothing = { topics: new Map(), existingTopics: new Set<string>(), configs: new Map() };
const topic = (partitions: number, config: Record<string, string>) => ({
  partitions,
  replicas: 1,
  config,
  ownConfig: config,
});

test('what is not there is created, topics before connectors', () => {
  const changes = reconcile({ files: [file], support: [] }, nothing);
  expect(changes.map(({ kind, name, action }) => [kind, name, action])).toEqual([
    ['topic', 'user-events', 'create'],
    ['connector', 'user-events', 'create'],
  ]);
  expect(changes[0]?.keys).toContainEqual({ key: 'partitions', from: null, to: '6' });
  expect(changes[1]?.keys).toContainEqual({ key: 'name', from: null, to: 'user-events' });
});

test('what is there as written stays', () => {
  const actual = {
    existingTopics: new Set(['user-events', 'foldline-heartbeats']),
    topics: new Map([['user-events', topic(6, { ...file.topic.config, 'segment.ms': '1' })]]),
    configs: new Map([[file.name, wantedConfig(file)]]),
  };
  expect(
    reconcile({ files: [file], support: supportTopicsOf([file]) }, actual).map(({ action, keys }) => [action, keys]),
  ).toEqual([
    ['none', []],
    ['none', []],
    ['none', []],
  ]);
});

test('a connector is altered by added, changed and removed keys', () => {
  const { transforms: _taken, ...rest } = wantedConfig(file);
  const change = reconcileConnector(file, { ...rest, 'errors.tolerance': 'all', 'old.key': 'x' });
  expect(change).toMatchObject({ action: 'alter' });
  expect(change.keys).toEqual([
    { key: 'errors.tolerance', from: 'all', to: 'none' },
    { key: 'old.key', from: 'x', to: null },
    { key: 'transforms', from: null, to: 'keyDocument,keySubject,contentType' },
  ]);
});

test('a topic is altered by the settings that the file names, and by no others', () => {
  const change = reconcileTopic(
    file.topic,
    topic(6, { ...file.topic.config, 'cleanup.policy': 'compact', 'segment.ms': '1' }),
  );
  expect(change).toMatchObject({ action: 'alter', keys: [{ key: 'cleanup.policy', from: 'compact', to: 'delete' }] });
});

test('what the topic has of its own is told, and taken off only when that is asked for; what keeps records stays', () => {
  const own = { ...file.topic.config, 'compression.type': 'lz4', 'segment.ms': '1' };
  const actual = { ...topic(6, own), config: { ...own, 'min.insync.replicas': '1' } };
  expect(unnamedSettings(file.topic, actual).map(({ key, value }) => [key, value])).toEqual([
    ['compression.type', 'lz4'],
    ['segment.ms', '1'],
  ]);
  expect(reconcileTopic(file.topic, actual)).toMatchObject({ action: 'none', keys: [] });
  expect(reconcileTopic(file.topic, actual, true)).toMatchObject({
    action: 'alter',
    keys: [
      { key: 'compression.type', from: 'lz4', to: null },
      { key: 'segment.ms', from: '1', to: null },
    ],
  });
  const { 'retention.bytes': _taken, ...config } = file.topic.config;
  const spec = { ...file.topic, config };
  expect(unnamedSettings(spec, topic(6, file.topic.config))).toMatchObject([
    { key: 'retention.bytes', value: '-1', resettable: false },
  ]);
  expect(reconcileTopic(spec, topic(6, file.topic.config), true)).toMatchObject({ action: 'none' });
});

test('partitions are no change: a rule refuses another number', () => {
  expect(reconcileTopic(file.topic, topic(3, file.topic.config))).toMatchObject({ action: 'none', keys: [] });
});

test('what is to be taken off comes last', () => {
  const actual = { ...nothing, configs: new Map([['user-events', wantedConfig(file)]]) };
  const changes = reconcile({ files: [file], support: [] }, actual, {
    toDelete: ['old-events'],
    toRefill: ['user-events'],
  });
  expect(changes.at(-2)).toEqual({ kind: 'connector', name: 'user-events', action: 'refill', keys: [] });
  expect(changes.at(-1)).toEqual({ kind: 'connector', name: 'old-events', action: 'delete', keys: [] });
});
