// The settings of a connector whose effect on records is known here. A setting that stands in neither table is asked about.
// Each row names the values that are known to be harmless, or says why every value is. Pure data.
import type { RuleName } from './rules.ts';

/** A setting of which some values are harmless. */
export interface Expected {
  readonly allows: (value: string) => boolean;
  /** What another value breaks. */
  readonly rule: RuleName;
  /** What happens with another value, after `is "<value>": `. */
  readonly otherwise: string;
}

export const oneOf =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value);

export const atLeast = (min: number) => (value: string) => /^\d+$/.test(value) && Number(value) >= min;

export const expected = (allows: Expected['allows'], rule: RuleName, otherwise: string): Expected => ({
  allows,
  rule,
  otherwise,
});

export const inDoubt = (allows: Expected['allows'], otherwise: string) =>
  expected(allows, 'setting-in-doubt', otherwise);

/** The one class of connectors that the rules know. */
export const mongoSource = 'com.mongodb.kafka.connect.MongoSourceConnector';
const defaultMapper = 'com.mongodb.kafka.connect.source.topic.mapping.DefaultTopicMapper';
const headerConverters = [
  'org.apache.kafka.connect.storage.StringConverter',
  'org.apache.kafka.connect.storage.SimpleHeaderConverter',
];

/** Codecs that every consumer on kafkajs reads without an addition, and what names no codec. */
export const readCodecs = ['none', 'uncompressed', 'producer', 'gzip'];
export const foreignCodec =
  "services on Foldline's kit read it; another team's consumer on kafkajs reads gzip only, and stops at the first batch. Write " +
  '"gzip", or ask every team that reads the topic';

const oldName = (now: string): Expected =>
  expected(
    () => false,
    'copy-misses',
    `this is an old name, which the rules do not follow and a later connector may drop: write ${now}`,
  );

export const expectedSettings: Readonly<Record<string, Expected>> = {
  'connector.class': inDoubt(oneOf(mongoSource), `the rules know ${mongoSource} only, and follow no other`),
  'topic.mapper': expected(
    oneOf(defaultMapper),
    'wrong-topic',
    "another mapper may send the collection's events to another topic: leave it out",
  ),
  'header.converter': inDoubt(
    oneOf(...headerConverters),
    'the header content-type may be written in another form than a text; write StringConverter',
  ),
  'change.stream.full.document.before.change': inDoubt(
    oneOf('', 'default', 'off'),
    'without stored pre-images "required" ends the stream, and no consumer reads a pre-image: leave it out',
  ),
  'change.stream.show.expanded.events': inDoubt(oneOf('false'), 'changes of indexes and collections are no events'),
  'publish.full.document.only.tombstone.on.delete': inDoubt(
    oneOf('false'),
    'a null value is kept for erasure: consumers do not take it for a deletion',
  ),
  'errors.log.include.messages': inDoubt(
    oneOf('false'),
    "documents with personal data would stand in the worker's log: leave it out",
  ),
  'exactly.once.support': inDoubt(oneOf('requested'), "MongoDB's connector does not support it, and does not start"),
  'transaction.boundary': inDoubt(oneOf('poll'), "MongoDB's connector knows no other boundary"),
  'copy.existing': oldName('"startup.mode": "copy_existing"'),
  'copy.existing.pipeline': oldName('startup.mode.copy.existing.pipeline'),
  'copy.existing.namespace.regex': oldName('startup.mode.copy.existing.namespace.regex'),
  'copy.existing.max.threads': oldName('startup.mode.copy.existing.max.threads'),
  'copy.existing.queue.size': oldName('startup.mode.copy.existing.queue.size'),
  'copy.existing.allow.disk.use': oldName('startup.mode.copy.existing.allow.disk.use'),
  'producer.override.partitioner.ignore.keys': expected(
    oneOf('false'),
    'order-not-kept',
    "the key would not choose the partition, and one subject's events would lie in all of them: leave it out",
  ),
  'producer.override.partitioner.class': expected(
    () => false,
    'order-not-kept',
    'another partitioner than the default may not choose by key, and sends a subject elsewhere than before: leave it out',
  ),
  'producer.override.acks': expected(
    oneOf('all', '-1'),
    'writes-can-be-lost',
    'a record that one broker alone has taken is lost with that broker: leave it out, or write "all"',
  ),
  'producer.override.enable.idempotence': inDoubt(
    oneOf('true'),
    'a retry would write records twice: consumers pass them over, and the topic grows. Write "true"',
  ),
  'producer.override.compression.type': expected(oneOf(...readCodecs), 'codec-foreign', foreignCodec),
};

/** Settings that are harmless whatever they say, and why. A name that ends in `*` stands for all that begin so. */
const harmlessSettings = [
  // Connect keeps it unread.
  'foldline.owner',
  // The connector starts one task whatever it says.
  'tasks.max',
  'tasks.max.enforce',
  // Says when the worker restarts the connector.
  'config.action.reload',
  // How many documents MongoDB sends at a time.
  'batch.size',
  // How many documents one poll takes at most.
  'poll.max.batch.size',
  // How fast the copy is.
  'startup.mode.copy.existing.max.threads',
  // How many copied documents wait in memory.
  'startup.mode.copy.existing.queue.size',
  // How MongoDB sorts the copy.
  'startup.mode.copy.existing.allow.disk.use',
  // Read only with startup.mode=timestamp, which a rule warns of.
  'startup.mode.timestamp.start.at.operation.time',
  // How MongoDB is spoken to.
  'connection.ssl.*',
  'server.api.*',
  // More is logged.
  'errors.log.enable',
  'mongo.errors.log.enable',
  // How long a transform is tried again.
  'errors.retry.delay.max.ms',
  'errors.retry.timeout',
  // Read only with output.format.value=schema, which a rule refuses.
  'output.schema.value',
  'output.schema.infer.value',
  // Stands between parts of a name that a rule keeps out.
  'topic.separator',
  // StringConverter does not read it.
  'key.converter.schemas.enable',
  'value.converter.schemas.enable',
  // How many records are sent at a time.
  'producer.override.batch.size',
  // How many records wait in memory.
  'producer.override.buffer.memory',
  // A name in logs and quotas.
  'producer.override.client.id',
  // How small gzip makes a batch.
  'producer.override.compression.gzip.level',
  // When a connection is closed.
  'producer.override.connections.max.idle.ms',
  // When the task fails, which is seen.
  'producer.override.delivery.timeout.ms',
  'producer.override.max.block.ms',
  'producer.override.retries',
  // How long a batch waits for more.
  'producer.override.linger.ms',
  // How often leaders are asked for.
  'producer.override.metadata.*',
  // Read only for records without a key.
  'producer.override.partitioner.adaptive.partitioning.enable',
  'producer.override.partitioner.availability.timeout.ms',
  // How the broker is spoken to.
  'producer.override.receive.buffer.bytes',
  'producer.override.reconnect.*',
  'producer.override.sasl.*',
  'producer.override.security.*',
  'producer.override.send.buffer.bytes',
  'producer.override.ssl.*',
  // When a request is tried again.
  'producer.override.request.timeout.ms',
  'producer.override.retry.*',
];

/** Settings that other rules look at. */
const judgedElsewhere = [
  'name',
  'connection.uri',
  'database',
  'collection',
  'topic.namespace.map',
  'topic.prefix',
  'topic.suffix',
  'offset.partition.name',
  'startup.mode',
  'startup.mode.copy.existing.pipeline',
  'startup.mode.copy.existing.namespace.regex',
  'pipeline',
  'change.stream.full.document',
  'publish.full.document.only',
  'poll.await.time.ms',
  'heartbeat.interval.ms',
  'heartbeat.topic.name',
  'errors.tolerance',
  'mongo.errors.tolerance',
  'output.format.key',
  'output.schema.key',
  'output.format.value',
  'output.json.formatter',
  'key.converter',
  'value.converter',
  'predicates',
  'predicates.*',
  'transforms',
  'transforms.*',
  'topic.creation.*',
  'producer.override.max.in.flight.requests.per.connection',
  'producer.override.max.request.size',
];

const known = [...Object.keys(expectedSettings), ...harmlessSettings, ...judgedElsewhere];
const starts = known.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));

/** Every name in the tables, for a suggestion. */
export const knownSettings = known.filter((name) => !name.endsWith('*'));

/** Whether a table or another rule says what the setting does. */
export const isKnownSetting = (key: string) =>
  knownSettings.includes(key) || starts.some((start) => key.startsWith(start));
