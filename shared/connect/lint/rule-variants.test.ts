// Goal: what loses, reorders, changes or misses records is found in forms that no example names, and what is harmless is left alone.
// Method: the shipped files are spoiled in one place at a time and parsed; no server is asked.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseConnectors } from '../connector-file.ts';
import { connectorShape, connectorText, merged } from '../testing/connector-text.ts';
import {
  expectedTopicSettings,
  harmlessTopicSettings,
  judgedTopicSettings,
  topicSettings,
} from './known-topic-settings.ts';
import type { RuleName } from './rules.ts';

type Patch = Readonly<Record<string, string | null>>;

const found = (patch: object, name = 'user-events') =>
  parseConnectors(`${name}.json`, connectorText(merged(connectorShape(name), patch))).findings;
const rulesOf = (patch: object, name?: string) => found(patch, name).map(({ rule }) => rule);

const inserts = { $match: { operationType: 'insert' } };
const unset = { $unset: ['fullDocument._id', 'fullDocument.claims', 'fullDocument.request'] };
const copyUnset = { $unset: ['_id', 'claims', 'request'] };
const envelope = 'specversion id source type subject version time correlationid causationid data'.split(' ');
const changes = (...stages: unknown[]) => ({ config: { pipeline: JSON.stringify(stages) } });
const copy = (...stages: unknown[]) => ({
  config: { 'startup.mode.copy.existing.pipeline': JSON.stringify(stages) },
});
const each = (value: unknown, ...fields: string[]) => Object.fromEntries(fields.map((field) => [field, value]));

test('the shipped files and those of the examples break no rule, and ask nothing', () => {
  const root = join(__dirname, '..', '..', '..');
  const ofExamples = ['channel-groups', 'festival'].flatMap((one) => {
    const folder = join(root, 'examples', one, 'connectors');
    return readdirSync(folder).map((file) => join(folder, file));
  });
  // A team may put files of its own beside the shipped ones.
  const shipped = ['catalog-events', 'order-events', 'user-events', 'user-snapshots'].map((name) =>
    join(root, 'connect', 'connectors', `${name}.json`),
  );
  const files = [...shipped, ...ofExamples];
  expect(files.length).toBeGreaterThan(7);
  for (const file of files) expect(parseConnectors(basename(file), readFileSync(file, 'utf8')).findings).toEqual([]);
});

describe('what a file carries is declared, never guessed', () => {
  test.each([
    ['updateLookup', 'updateLookup'],
    ['whenAvailable', 'whenAvailable'],
    ['required', 'required'],
  ])(
    'hazard: change.stream.full.document=%s in a file of events brings no advice to compact its topic',
    (_what, value) => {
      const findings = found({ config: { 'change.stream.full.document': value } });
      expect(findings.map(({ rule }) => rule)).toEqual(['setting-in-doubt']);
      expect(JSON.stringify(findings)).not.toMatch(/compact/);
    },
  );

  test('hazard: a file of events that lets updates through is told so, and is not taken for one of snapshots', () => {
    const all = { $match: { operationType: { $in: ['insert', 'update', 'replace'] } } };
    const findings = found(changes(all, unset));
    expect(findings.map(({ rule }) => rule)).toEqual(['more-than-inserts']);
    expect(JSON.stringify(findings)).not.toMatch(/compact/);
  });

  test('a file of snapshots whose topic keeps everything is told to compact, whatever its pipeline says', () => {
    const policy = { 'cleanup.policy': 'delete' };
    const patch = { topic: { config: policy }, config: { 'topic.creation.default.cleanup.policy': 'delete' } };
    expect(rulesOf(patch, 'user-snapshots')).toEqual(['snapshot-topic-not-compacted']);
    // Somebody who declared the wrong kind is told so beside the advice.
    expect(found({ carries: 'snapshots' }).map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(/must say "compact".* write "carries": "events" instead$/),
    );
  });

  test.each([
    ['no declaration', null, /is missing: write "carries": "events" where .* or "carries": "snapshots" where/],
    ['another word', 'documents', /must be "events" or "snapshots"/],
    ['a number', 7, /must be "events" or "snapshots"/],
  ])('%s is an error that says how to declare, and advises nothing else', (_what, carries, detail) => {
    const findings = found({ carries, topic: { config: { 'cleanup.policy': 'compact' } } });
    expect(findings).toEqual([
      expect.objectContaining({
        rule: 'file-shape',
        severity: 'error',
        key: 'carries',
        detail: expect.stringMatching(detail),
      }),
    ]);
  });
});

describe('pipelines', () => {
  test.each<[string, object]>([
    ['as shipped', changes(inserts, unset)],
    ['$eq and $in', changes({ $match: { operationType: { $eq: 'insert' } } }, unset)],
    ['$in of one', changes({ $match: { operationType: { $in: ['insert'] } } }, unset)],
    ['$and', changes({ $match: { $and: [{ operationType: 'insert' }] } }, unset)],
    ['one $unset for each field', changes(inserts, ...unset.$unset.map(($unset) => ({ $unset })))],
    ['an exclusion', changes(inserts, { $project: each(0, ...unset.$unset) })],
    ['an exclusion, nested', changes(inserts, { $project: { fullDocument: each(false, '_id', 'claims', 'request') } })],
    [
      'the envelope kept',
      changes(inserts, {
        $project: { ...each(1, 'operationType', 'ns', 'documentKey'), fullDocument: each(1, ...envelope) },
      }),
    ],
    ['what nobody reads taken out', changes(inserts, unset, { $unset: ['updateDescription', 'lsid'] })],
    ['a copy by exclusion', copy({ $project: each(0, '_id', 'claims', 'request') })],
    ['a copy that keeps the envelope', copy({ $project: { _id: 0, ...each(1, ...envelope) } })],
  ])('harmless: %s', (_what, patch) => {
    expect(found(patch)).toEqual([]);
  });

  test.each<[string, RuleName, object]>([
    [
      'deletions left out',
      'records-filtered',
      changes({ $match: { operationType: 'insert', 'fullDocument.type': { $ne: 'userDeleted_v1' } } }, unset),
    ],
    [
      'types named',
      'records-filtered',
      changes(inserts, { $match: { 'fullDocument.type': { $in: ['userCreated_v2'] } } }, unset),
    ],
    [
      'a subject',
      'records-filtered',
      changes(inserts, { $match: { 'fullDocument.subject': { $regex: '^user-0' } } }, unset),
    ],
    ['$or', 'records-filtered', changes(inserts, { $match: { $or: [{ operationType: 'insert' }] } }, unset)],
    [
      '$expr',
      'records-filtered',
      changes(inserts, { $match: { $expr: { $gt: ['$fullDocument.version', 3] } } }, unset),
    ],
    ['$nor', 'records-filtered', changes(inserts, { $match: { $nor: [{ 'fullDocument.type': 'x' }] } }, unset)],
    ['$redact', 'records-filtered', changes(inserts, unset, { $redact: '$$PRUNE' })],
    ['$limit', 'records-filtered', copy({ $limit: 10 }, copyUnset)],
    ['a copy of the young', 'records-filtered', copy({ $match: { time: { $gt: '2026' } } }, copyUnset)],
    ['a copy that looks for changes', 'records-filtered', copy(inserts, copyUnset)],
    [
      '$project of some fields',
      'records-rewritten',
      changes(inserts, { $project: { 'fullDocument.type': 1, 'fullDocument.subject': 1 } }),
    ],
    [
      'a computed $project',
      'records-rewritten',
      changes(inserts, unset, { $project: { fullDocument: { type: { $toUpper: '$fullDocument.type' } } } }),
    ],
    ['$set', 'records-rewritten', changes(inserts, unset, { $set: { 'fullDocument.data.email': 'x' } })],
    ['$addFields', 'records-rewritten', changes(inserts, unset, { $addFields: { 'fullDocument.region': 'eu' } })],
    ['$replaceRoot', 'records-rewritten', changes(inserts, unset, { $replaceRoot: { newRoot: '$fullDocument' } })],
    ['$replaceWith', 'records-rewritten', changes(inserts, unset, { $replaceWith: '$fullDocument' })],
    ['$unset of data', 'records-rewritten', changes(inserts, unset, { $unset: 'fullDocument.data' })],
    ['$unset of the resume token', 'records-rewritten', changes(inserts, unset, { $unset: '_id' })],
    ['$unset of the namespace', 'records-rewritten', changes(inserts, unset, { $unset: 'ns' })],
    [
      '$changeStreamSplitLargeEvent',
      'records-rewritten',
      changes(inserts, unset, { $changeStreamSplitLargeEvent: {} }),
    ],
    ['a stage of a later MongoDB', 'records-rewritten', changes(inserts, unset, { $someday: {} })],
    ['no stage at all', 'records-rewritten', changes(inserts, unset, 'x')],
    ['a copy without data', 'records-rewritten', copy(copyUnset, { $unset: 'data' })],
    ['a copy without the unset', 'store-fields-travel', copy()],
    [
      'a projection that keeps claims',
      'store-fields-travel',
      changes(inserts, { $project: each(1, 'operationType', 'ns', 'documentKey', 'fullDocument') }),
    ],
  ])('%s', (_what, rule, patch) => {
    expect([...new Set(rulesOf(patch))]).toContain(rule);
    expect(found(patch).every(({ severity }) => severity === 'error')).toBe(true);
  });

  const states = { 'fullDocument.state': { $in: ['active', 'deleted'] } };
  test.each<[string, object]>([
    [
      'the removed left out',
      changes({ $match: { operationType: { $in: ['insert', 'replace', 'update'] }, 'fullDocument.state': 'active' } }),
    ],
    ['updates left out', changes({ $match: { operationType: { $in: ['insert', 'replace'] }, ...states } })],
    ['inserts only', changes({ $match: { operationType: 'insert', ...states } })],
    ['a copy of the living', copy({ $match: { state: { $in: ['active'] } } })],
    ['updates without their document', { config: { 'change.stream.full.document': null } }],
    ['a document where there is one', { config: { 'change.stream.full.document': 'whenAvailable' } }],
  ])('snapshots, %s', (_what, patch) => {
    expect(rulesOf(patch, 'user-snapshots')).toEqual(['records-filtered']);
  });

  test('hazard: the states of a service are its own words; a filter without their list is refused, and says how to list them', () => {
    const filters = (states: readonly string[]) => ({
      config: {
        ...changes({
          $match: {
            operationType: { $in: ['insert', 'replace', 'update'] },
            'fullDocument.state': { $in: ['open', 'closed'] },
          },
        }).config,
        ...copy({ $match: { state: { $in: ['open', 'closed'] } } }).config,
      },
      states,
    });
    expect(rulesOf(filters(['open', 'closed']), 'user-snapshots')).toEqual([]);
    expect(rulesOf(filters(['open', 'closed', 'removed']), 'user-snapshots')).toEqual(
      Array(2).fill('records-filtered'),
    );
    const unlisted = found({ states: null }, 'user-snapshots');
    expect(unlisted.map(({ rule }) => rule)).toEqual(Array(2).fill('records-filtered'));
    expect(unlisted[0]?.detail).toContain('list them all in "states" of the file');
    expect(found({ states: ['open'] })).toMatchObject([{ rule: 'file-shape', key: 'states' }]);
  });

  test('snapshots: a field that is taken out, and the key of the copy', () => {
    const all = { $match: { operationType: { $in: ['insert', 'replace', 'update'] }, ...states } };
    expect(rulesOf(changes(all, { $unset: 'fullDocument.email' }), 'user-snapshots')).toEqual(['records-rewritten']);
    expect(rulesOf(copy({ $unset: '_id' }), 'user-snapshots')).toEqual(['records-rewritten']);
  });
});

const producer = (settings: Patch) =>
  Object.fromEntries(Object.entries(settings).map(([key, value]) => [`producer.override.${key}`, value]));
const inFlight = 'max.in.flight.requests.per.connection';

test.each<[RuleName, Patch]>([
  ['copy-misses', { 'startup.mode.copy.existing.namespace.regex': 'users[.]userevents' }],
  ['copy-misses', { 'startup.mode.copy.existing.namespace.regex': '(' }],
  ['copy-misses', { 'copy.existing.namespace.regex': '.*' }],
  ['copy-misses', { 'copy.existing': 'true' }],
  ['starts-late', { 'startup.mode': 'timestamp', 'startup.mode.timestamp.start.at.operation.time': '0' }],
  ['starts-late', { 'startup.mode': null }],
  ['order-not-kept', producer({ 'partitioner.class': 'org.apache.kafka.clients.producer.RoundRobinPartitioner' })],
  ['order-not-kept', producer({ [inFlight]: '6' })],
  ['order-not-kept', producer({ [inFlight]: 'many' })],
  ['order-not-kept', producer({ [inFlight]: '2', 'enable.idempotence': null })],
  ['writes-can-be-lost', producer({ acks: '0' })],
  ['writes-can-be-lost', producer({ acks: '1' })],
  ['record-limit-too-small', producer({ 'max.request.size': null })],
  ['record-limit-too-small', producer({ 'max.request.size': '1048576' })],
  ['codec-foreign', producer({ 'compression.type': 'snappy' })],
  ['codec-foreign', producer({ 'compression.type': 'zstd' })],
  ['setting-in-doubt', producer({ 'enable.idempotence': 'false' })],
  ['setting-in-doubt', producer({ 'interceptor.classes': 'org.example.Sampler' })],
  ['setting-in-doubt', producer({ 'transactional.id': 'x' })],
  ['setting-in-doubt', { collation: '{"locale":"de"}' }],
  ['setting-in-doubt', { 'change.stream.document.key.as.key': 'false' }],
  ['setting-in-doubt', { 'publish.full.document.only.tombstone.on.delete': 'true' }],
  ['setting-in-doubt', { 'exactly.once.support': 'required' }],
  ['setting-in-doubt', { 'value.converter.encoding': 'UTF-16' }],
  ['setting-in-doubt', { 'heartbeat.intervall.ms': '1' }],
  ['not-json', { pipeline: '{}' }],
  ['not-json', { 'startup.mode.copy.existing.pipeline': 'null' }],
  ['unknown-topic-setting', { 'topic.creation.enable': 'false' }],
  ['wrong-topic', { 'topic.mapper': 'org.example.Mapper' }],
  ['wrong-topic', { 'topic.suffix': 'v2' }],
  ['topic-creation-differs', { 'topic.creation.heartbeats.include': '.*' }],
  ['topic-creation-differs', { 'topic.creation.default.retention.bytes': '1000' }],
])('%s: %j', (rule, config) => {
  expect([...new Set(rulesOf({ config }))]).toEqual([rule]);
});

test.each<[RuleName, string]>([
  ['record-transformed', 'Filter'],
  ['record-transformed', 'TimestampRouter'],
  ['record-transformed', 'ReplaceField$Value'],
  ['record-transformed', 'MaskField$Value'],
  ['record-transformed', 'DropHeaders'],
  ['record-transformed', 'SetSchemaMetadata$Value'],
  ['key-not-subject', 'ValueToKey'],
  ['key-not-subject', 'HoistField$Key'],
])('%s: the transform %s, also where it spares heartbeats', (rule, type) => {
  const config = {
    transforms: 'keyDocument,keySubject,contentType,more',
    'transforms.more.type': `org.apache.kafka.connect.transforms.${type}`,
    'transforms.more.predicate': 'heartbeat',
    'transforms.more.negate': 'true',
  };
  expect(rulesOf({ config })).toEqual([rule]);
});

test('hazard: a predicate that matches the topic of events too leaves its keys as they are', () => {
  expect(rulesOf({ config: { 'predicates.heartbeat.pattern': '.*' } })).toEqual(['key-not-subject']);
});

test.each<Patch>([
  { 'startup.mode.copy.existing.namespace.regex': 'UserEvents' },
  { 'startup.mode.copy.existing.max.threads': '2', 'poll.max.batch.size': '500' },
  { ...producer({ 'linger.ms': '5', acks: 'all', [inFlight]: '5', 'compression.type': 'gzip' }) },
  { ...producer({ 'enable.idempotence': null, [inFlight]: '1' }), 'producer.override.sasl.mechanism': 'PLAIN' },
  { ...producer({ 'ssl.truststore.location': '/x', 'max.request.size': '3000000' }) },
  { 'errors.log.enable': 'true', 'connection.ssl.truststore': '/x', 'server.api.version': '1' },
])('harmless: %j', (config) => {
  expect(rulesOf({ config })).toEqual([]);
});

test.each<[RuleName, Patch]>([
  ['event-topic-forgets', { 'retention.bytes': null }],
  ['event-topic-forgets', { 'retention.bytes': '1073741824' }],
  ['event-topic-forgets', { 'retention.ms': '86400000' }],
  ['event-topic-compacted', { 'cleanup.policy': 'compact,delete' }],
  ['record-limit-too-small', { 'max.message.bytes': null }],
  ['record-limit-too-small', { 'max.message.bytes': '262144' }],
  ['codec-foreign', { 'compression.type': 'snappy' }],
  ['codec-foreign', { 'compression.type': 'zstd' }],
  ['writes-can-be-lost', { 'unclean.leader.election.enable': 'true' }],
  ['setting-in-doubt', { 'message.timestamp.before.max.ms': '3600000' }],
  ['setting-in-doubt', { 'message.timestamp.after.max.ms': '1' }],
  ['setting-in-doubt', { 'remote.storage.enable': 'true' }],
  ['setting-in-doubt', { 'delete.retention.ms': '0' }],
])('a topic: %s: %j', (rule, config) => {
  const creation = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [`topic.creation.default.${key}`, value]),
  );
  expect([...new Set(rulesOf({ topic: { config }, config: creation }))]).toEqual([rule]);
});

test('a topic: what changes no record is not asked about', () => {
  const config = { 'segment.ms': '3600000', 'min.insync.replicas': '2', 'message.timestamp.type': 'LogAppendTime' };
  expect(found({ topic: { config: { ...config, 'compression.type': 'gzip' } } })).toEqual([]);
});

/** Of Kafka 4 (kafka.apache.org, "Topic Configs"). */
const settingsOfKafka = [
  'cleanup.policy',
  'compression.gzip.level',
  'compression.lz4.level',
  'compression.type',
  'compression.zstd.level',
  'delete.retention.ms',
  'file.delete.delay.ms',
  'flush.messages',
  'flush.ms',
  'follower.replication.throttled.replicas',
  'index.interval.bytes',
  'leader.replication.throttled.replicas',
  'local.retention.bytes',
  'local.retention.ms',
  'max.compaction.lag.ms',
  'max.message.bytes',
  'message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms',
  'message.timestamp.type',
  'min.cleanable.dirty.ratio',
  'min.compaction.lag.ms',
  'min.insync.replicas',
  'preallocate',
  'remote.log.copy.disable',
  'remote.log.delete.on.disable',
  'remote.storage.enable',
  'retention.bytes',
  'retention.ms',
  'segment.bytes',
  'segment.index.bytes',
  'segment.jitter.ms',
  'segment.ms',
  'unclean.leader.election.enable',
];

test('every setting that a topic can have stands in one table, with what is known of it', () => {
  const tables = [...Object.keys(expectedTopicSettings), ...harmlessTopicSettings, ...judgedTopicSettings];
  expect(tables.sort()).toEqual(settingsOfKafka.sort());
  expect([...topicSettings].sort()).toEqual(settingsOfKafka);
});

describe('what keeps a place fresh, and what a worker would make again', () => {
  test.each(['00', ' 0', '-1', '864000000', 'often'])('a heartbeat interval of "%s" is none', (interval) => {
    expect(rulesOf({ config: { 'heartbeat.interval.ms': interval } })).toEqual(['no-heartbeat']);
  });

  test.each<[string, string]>([
    ['partitions', 'user-events'],
    ['retention.ms', 'user-events'],
    ['retention.bytes', 'user-events'],
    ['cleanup.policy', 'user-snapshots'],
    ['max.message.bytes', 'user-snapshots'],
  ])('hazard: without topic.creation.default.%s the worker makes another topic of %s', (key, name) => {
    const setting = `topic.creation.default.${key}`;
    expect(found({ config: { [setting]: null } }, name)).toEqual([
      expect.objectContaining({ rule: 'topic-creation-differs', key: `config.${setting}` }),
    ]);
  });
});
