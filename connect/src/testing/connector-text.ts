// A valid connector file as text, and ways to spoil it: tests change one thing and look at the fault.
import type { ConnectorShape } from '../connector-file.ts';
import { sourceClass } from './fake-worker.ts';

export function connectorShape(name = 'user-events', collection = 'UserEvents'): ConnectorShape {
  return {
    name,
    topic: { name, partitions: 3, config: { 'cleanup.policy': 'delete', 'retention.ms': '-1' } },
    config: {
      'connector.class': sourceClass,
      'connection.uri': `\${dir:/run/secrets/foldline:mongodb-uri}`,
      database: 'users',
      collection,
      'topic.namespace.map': JSON.stringify({ [`users.${collection}`]: name }),
      'offset.partition.name': `${name}.1`,
      'errors.tolerance': 'none',
      'heartbeat.interval.ms': '5000',
      transforms: 'key',
      'transforms.key.predicate': 'heartbeat',
      'transforms.key.negate': 'true',
      'topic.creation.default.partitions': '3',
    },
  };
}

export function connectorText(shape: unknown = connectorShape()): string {
  return JSON.stringify(shape, null, 2);
}
