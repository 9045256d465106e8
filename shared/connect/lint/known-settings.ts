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

export const inDoubt = (allows: Expected['allows'], otherwise: string): Expected => ({
  allows,
  rule: 'setting-in-doubt',
  otherwise,
});

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

const oldName = (now: string): Expected => ({
  allows: () => false,
  rule: 'copy-misses',
  otherwise: `this is an old name, which the rules do not follow and a later connector may drop: write ${now}`,
});

export const expectedSettings: Readonly<Record<string, Expected>> = {
  'connector.class': inDoubt(oneOf(mongoSource), `the rules know ${mongoSource} only, and follow no other`),
  'topic.mapper': {
    allows: oneOf(defaultMapper),
    rule: 'wrong-topic',
    otherwise: "another mapper may send the collection's events to another topic: leave it out",
  },
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
  'producer.override.partitioner.ignore.keys': {
    allows: oneOf('false'),
    rule: 'order-not-kept',
    otherwise:
      "the key would not choose the partition, and one subject's events would lie in all of them: leave it out",
  },
  'producer.override.partitioner.class': {
    allows: () => false,
    rule: 'order-not-kept',
    otherwise:
      'another partitioner than the default may not choose by key, and sends a subject elsewhere than before: leave it out',
  },
  'producer.override.acks': {
    allows: oneOf('all', '-1'),
    rule: 'writes-can-be-lost',
    otherwise: 'a record that one broker alone has taken is lost with that broker: leave it out, or write "all"',
  },
  'producer.override.enable.idempotence': inDoubt(
    oneOf('true'),
    'a retry would write records twice: consumers pass them over, and the topic grows. Write "true"',
  ),
  'producer.override.compression.type': {
    allows: oneOf(...readCodecs),
    rule: 'codec-foreign',
    otherwise: foreignCodec,
  },
};

/** Settings that are harmless whatever they say, and why. A name that ends in `*` stands for all that begin so. */
const harmlessSettings: Readonly<Record<string, string>> = {
  'foldline.owner': 'Connect keeps it unread',
  'tasks.max': 'the connector starts one task whatever it says',
  'tasks.max.enforce': 'the connector starts one task whatever it says',
  'config.action.reload': 'says when the worker restarts the connector',
  'batch.size': 'how many documents MongoDB sends at a time',
  'poll.max.batch.size': 'how many documents one poll takes at most',
  'startup.mode.copy.existing.max.threads': 'how fast the copy is',
  'startup.mode.copy.existing.queue.size': 'how many copied documents wait in memory',
  'startup.mode.copy.existing.allow.disk.use': 'how MongoDB sorts the copy',
  'startup.mode.timestamp.start.at.operation.time': 'read only with startup.mode=timestamp, which a rule warns of',
  'connection.ssl.*': 'how MongoDB is spoken to',
  'server.api.*': 'how MongoDB is spoken to',
  'errors.log.enable': 'more is logged',
  'mongo.errors.log.enable': 'more is logged',
  'errors.retry.delay.max.ms': 'how long a transform is tried again',
  'errors.retry.timeout': 'how long a transform is tried again',
  'output.schema.value': 'read only with output.format.value=schema, which a rule refuses',
  'output.schema.infer.value': 'read only with output.format.value=schema, which a rule refuses',
  'topic.separator': 'stands between parts of a name that a rule keeps out',
  'key.converter.schemas.enable': 'StringConverter does not read it',
  'value.converter.schemas.enable': 'StringConverter does not read it',
  'producer.override.batch.size': 'how many records are sent at a time',
  'producer.override.buffer.memory': 'how many records wait in memory',
  'producer.override.client.id': 'a name in logs and quotas',
  'producer.override.compression.gzip.level': 'how small gzip makes a batch',
  'producer.override.connections.max.idle.ms': 'when a connection is closed',
  'producer.override.delivery.timeout.ms': 'when the task fails, which is seen',
  'producer.override.linger.ms': 'how long a batch waits for more',
  'producer.override.max.block.ms': 'when the task fails, which is seen',
  'producer.override.metadata.*': 'how often leaders are asked for',
  'producer.override.partitioner.adaptive.partitioning.enable': 'read only for records without a key',
  'producer.override.partitioner.availability.timeout.ms': 'read only for records without a key',
  'producer.override.receive.buffer.bytes': 'how the broker is spoken to',
  'producer.override.reconnect.*': 'how the broker is spoken to',
  'producer.override.request.timeout.ms': 'when a request is tried again',
  'producer.override.retries': 'when the task fails, which is seen',
  'producer.override.retry.*': 'when a request is tried again',
  'producer.override.sasl.*': 'how the broker is spoken to',
  'producer.override.security.*': 'how the broker is spoken to',
  'producer.override.send.buffer.bytes': 'how the broker is spoken to',
  'producer.override.ssl.*': 'how the broker is spoken to',
};

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

const named = (names: readonly string[]) => {
  const whole = new Set(names);
  const starts = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  return (key: string) => whole.has(key) || starts.some((start) => key.startsWith(start));
};

/** Whether a table or another rule says what the setting does. */
export const isKnownSetting = named([
  ...Object.keys(expectedSettings),
  ...Object.keys(harmlessSettings),
  ...judgedElsewhere,
]);

/** Every name in the tables, for a suggestion. */
export const knownSettings: readonly string[] = [
  ...Object.keys(expectedSettings),
  ...Object.keys(harmlessSettings),
  ...judgedElsewhere,
].filter((name) => !name.endsWith('*'));
