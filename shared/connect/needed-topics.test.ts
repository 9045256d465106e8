// Goal: every topic that a connector sends to is known, once, with the settings that the worker itself would give it.
import { type ConnectorFile, parseConnectors } from './connector-file.ts';
import { neededTopicsOf, supportTopicsOf } from './needed-topics.ts';
import { connectorShape, connectorText, merged } from './testing/connector-text.ts';

function fileOf(name: string, config: object): ConnectorFile {
  const text = connectorText(merged(connectorShape(name), { config }));
  return parseConnectors(`${name}.json`, text).files[0] as ConnectorFile;
}

const none = { 'topic.creation.groups': null };

test('files that share a heartbeat topic need it once', () => {
  const files = [fileOf('user-events', {}), fileOf('order-events', {})];
  expect(supportTopicsOf(files)).toEqual([
    {
      name: 'foldline-heartbeats',
      partitions: 1,
      config: { 'retention.ms': '3600000', 'segment.ms': '3600000' },
      neededBy: ['user-events', 'order-events'],
    },
  ]);
  expect(neededTopicsOf(files).map(({ name }) => name)).toEqual(['user-events', 'order-events', 'foldline-heartbeats']);
});

test.each<[string, object, unknown]>([
  ['no heartbeats', { 'heartbeat.interval.ms': '0' }, []],
  ['the name that the connector gives them', { 'heartbeat.topic.name': null }, [{ name: '__mongodb_heartbeats' }]],
  ['another name, without a group', { ...none, 'heartbeat.topic.name': 'beats' }, [{ name: 'beats', partitions: 1 }]],
  [
    'a group that names them by a pattern',
    { 'topic.creation.heartbeats.include': 'other, foldline-.*', 'topic.creation.heartbeats.retention.ms': '7' },
    [{ config: { 'retention.ms': '7', 'segment.ms': '3600000' } }],
  ],
  [
    'a group that excludes them',
    { 'topic.creation.heartbeats.exclude': 'foldline-.*', 'topic.creation.heartbeats.retention.ms': '7' },
    [{ config: { 'retention.ms': '3600000' } }],
  ],
  ['a pattern that only Java reads', { 'topic.creation.heartbeats.include': '(?i)foldline.*+' }, [{ partitions: 1 }]],
  [
    'dead letters, told twice',
    { 'errors.deadletterqueue.topic.name': 'dead', 'mongo.errors.deadletterqueue.topic.name': 'dead' },
    [{ name: 'foldline-heartbeats' }, { name: 'dead', partitions: 1 }],
  ],
  ["a file's own topic", { 'heartbeat.topic.name': 'user-events' }, []],
])('%s', (_what, config, expected) => {
  expect(supportTopicsOf([fileOf('user-events', config)])).toMatchObject(expected as object[]);
});
