// Everything that `doctor` can find, and what to do about it. Codes are stable; docs/connectors.md lists them, and a test compares.
import { kafkaRemedies } from '../../adapters/kafka/index.ts';
import type { Severity } from '../lint/rules.ts';

interface Entry {
  readonly severity: Severity;
  /** What to do, as one instruction. */
  readonly todo: string;
}

const error = (todo: string): Entry => ({ severity: 'error', todo });
const warning = (todo: string): Entry => ({ severity: 'warning', todo });

export const catalogue = {
  'mongodb-not-given': warning('set MONGODB_URI to the address that the connectors read from'),
  'mongodb-unreachable': error('start it, or set MONGODB_URI to where it is'),
  'mongodb-login': error('correct user, password or authSource in MONGODB_URI, or create the user'),
  'mongodb-no-replica-set': error(
    'start mongod with --replSet and run rs.initiate() once: change streams need a replica set, of one member if need be',
  ),
  'mongodb-no-primary': error('bring back enough members for an election, and look at rs.status()'),
  'mongodb-no-majority': error(
    'bring back members that hold data: until then every write waits, and nothing travels that is not held by a majority',
  ),
  'mongodb-may-not-look': warning('give the user the role clusterMonitor, and read on the database local'),
  'oplog-short': error(
    'enlarge it with db.adminCommand({ replSetResizeOplog: 1, size: <megabytes> }): a connector that is away for longer loses its place',
  ),
  'oplog-fills-fast': warning(
    'watch it while so much is written, or enlarge it with db.adminCommand({ replSetResizeOplog: 1, size: <megabytes> })',
  ),
  'broker-unreachable': error('start the broker, or set KAFKA_BROKERS or --brokers to where it is'),
  'broker-login': error(kafkaRemedies.login),
  'broker-tls': error(kafkaRemedies.tls),
  'topic-missing': error('npm run connect -- apply creates it; a consumer that starts before that fails'),
  'support-topic-missing': error('npm run connect -- apply creates it, and restarts the connectors that it stopped'),
  'topic-shorter': error('npm run connect -- refill <name>'),
  'topic-partitions': error('write the number that the topic has into the file, or fill a topic of another name'),
  'topic-settings': error('npm run connect -- plan shows both values, npm run connect -- apply sets those of the file'),
  'topic-deletes': error(
    'write the value that keeps records into topic.config of the file, then npm run connect -- apply',
  ),
  'topic-unsafe': error('write the value that is told into topic.config of the file, then npm run connect -- apply'),
  'topic-in-doubt': warning(
    'write the value that is meant into topic.config of the file, then npm run connect -- apply',
  ),
  'topic-setting-unnamed': warning(
    'write it into topic.config of the file; npm run connect -- apply --reset-topic-settings takes it off, unless it decides how long records stay',
  ),
  'worker-unreachable': error('start the worker, or set CONNECT_URL or --url to where it is'),
  'worker-too-old': error('run Kafka Connect 3.0 or later: an older one cannot restart the tasks of a connector'),
  'plugin-missing': error(
    "put the connector's jars into a folder of their own under the worker's plugin.path, and restart it",
  ),
  'plugin-too-old': warning('take 1.13.1 or later: an older one copies a whole collection again after some restarts'),
  'file-faulty': error('npm run connect -- validate shows each fault with its line'),
  'connector-missing': error('npm run connect -- apply'),
  'connector-differs': warning(
    'npm run connect -- plan shows what differs, npm run connect -- apply brings it up to date',
  ),
  'connector-not-running': error('remove the cause, then npm run connect -- restart --only-failed'),
  'connector-paused': error('npm run connect -- resume <name>'),
  'connector-beginning': error('npm run connect -- apply finishes the restart'),
  'connector-of-another': error('give the file another name, or agree with that owner who keeps the connector'),
  'connector-stray': warning('npm run connect -- apply --prune takes it off; its topic stays'),
} as const satisfies Readonly<Record<string, Entry>>;

export type Code = keyof typeof catalogue;
