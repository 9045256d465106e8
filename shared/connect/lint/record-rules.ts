// Rules about what the transforms make of a record: its key is the bare subject, its value the document, and heartbeat
// records pass untouched. Pure.

import { type Config, list, matchesName, parsed } from '../config-values.ts';
import { type Broken, type FileRule, settingBroken } from './rules.ts';

const textConverter = 'org.apache.kafka.connect.storage.StringConverter';
const takeOutOfKey = 'org.apache.kafka.connect.transforms.ExtractField$Key';
const topicNameMatches = 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches';

/** Follows the key from the connector's schema through the transforms to the field that is left of it. */
const keyIsTheSubject: FileRule = ({ carries, config, topic }) => {
  const broken = (key: string, detail: string): Broken[] => [
    settingBroken(
      'key-not-subject',
      key,
      `${detail}: one subject's events would lie in several partitions, in no order`,
    ),
  ];
  if (config['output.format.key'] !== 'schema')
    return broken('output.format.key', 'must be "schema": the default key is the change\'s own id');
  const schema = parsed(config['output.schema.key']);
  if (schema === undefined) return broken('output.schema.key', 'must be the schema of a record that holds the subject');
  if (config['key.converter'] !== textConverter)
    return broken('key.converter', `must be ${textConverter}: another one would not write the bare subject`);

  const fields: string[] = [];
  for (const alias of list(config.transforms)) {
    const type = config[`transforms.${alias}.type`] ?? '';
    if (type === takeOutOfKey && isKeptFrom(config, alias, topic.name))
      return broken(`transforms.${alias}.predicate`, `keeps ${alias} from the records of ${topic.name} as well`);
    if (type === takeOutOfKey) fields.push(config[`transforms.${alias}.field`] ?? '');
    else if (type.endsWith('$Key') || type.endsWith('.ValueToKey'))
      return broken(
        `transforms.${alias}.type`,
        `changes the key in a way that is not followed here; take ${takeOutOfKey}`,
      );
  }
  const subjects =
    carries === 'snapshots'
      ? ['documentKey._id', 'fullDocument._id', 'fullDocument.subject']
      : ['fullDocument.subject'];
  if (!subjects.includes(fields.join('.')))
    return broken('transforms', `take ${fields.join('.') || 'nothing'} out of the key, not ${subjects[0]}`);
  if (!holdsText(schema, fields))
    return broken('output.schema.key', `holds no field ${fields.join('.')} that is a string`);
  return [];
};

/** Whether the predicate that spares heartbeats spares the records of this topic too. */
function isKeptFrom(config: Config, alias: string, topic: string): boolean {
  const predicate = config[`transforms.${alias}.predicate`];
  const pattern = config[`predicates.${predicate}.pattern`];
  return config[`transforms.${alias}.negate`] === 'true' && pattern !== undefined && matchesName(pattern, topic);
}

/** Whether an Avro schema has a string at this path of nested records. */
function holdsText(schema: unknown, path: readonly string[]): boolean {
  const [field, ...rest] = path;
  if (field === undefined) return schema === 'string';
  const { fields } = Object(schema) as { fields?: unknown };
  if (!Array.isArray(fields)) return false;
  const found = fields.find((one) => Object(one).name === field) as { type?: unknown } | undefined;
  return found !== undefined && holdsText(found.type, rest);
}

const simplified = 'com.mongodb.kafka.connect.source.json.formatter.SimplifiedJson';

const valueIsTheDocument: FileRule = ({ config }) => {
  const wanted = {
    'publish.full.document.only': ['true', 'the change around the document would travel, not the document'],
    'output.format.value': ['json', 'the default is a text of another form'],
    'output.json.formatter': [simplified, 'dates and numbers would be objects of MongoDB'],
    'value.converter': [textConverter, 'another one would quote the text again, or wrap it'],
  } as const;
  return Object.entries(wanted)
    .filter(([key, [value]]) => config[key] !== value)
    .map(([key, [value, why]]) => settingBroken('value-unreadable', key, `must be "${value}": ${why}`));
};

/** An oplog of a busy server may reach back for a few hours only. */
const heartbeatMaxMs = 3_600_000;

const keepsItsPlaceFresh: FileRule = ({ config }) => {
  const interval = config['heartbeat.interval.ms'] ?? '0';
  if (Number(interval) > 0 && Number(interval) <= heartbeatMaxMs) return [];
  const said =
    Number(interval) === 0 ? 'is missing or 0' : `is ${JSON.stringify(interval)}, not 1 to ${heartbeatMaxMs}`;
  const detail = `${said}: a quiet collection would keep an old resume token until the oplog no longer holds it`;
  return [settingBroken('no-heartbeat', 'heartbeat.interval.ms', detail)];
};

/** A heartbeat record has a text as its key: a transform that meets it ends the task. */
const sparesHeartbeats: FileRule = ({ config }) => {
  const topic = config['heartbeat.topic.name'] ?? '__mongodb_heartbeats';
  return list(config.transforms).flatMap((alias): Broken[] => {
    const why = whyItMeets(config, alias, topic);
    if (why === undefined) return [];
    const detail = `the transform ${alias} must leave heartbeat records alone: the first one would end the task; ${why}`;
    return [settingBroken('heartbeat-transformed', `transforms.${alias}.predicate`, detail)];
  });
};

function whyItMeets(config: Config, alias: string, topic: string): string | undefined {
  const predicate = config[`transforms.${alias}.predicate`];
  if (predicate === undefined) return 'it has no predicate';
  if (config[`transforms.${alias}.negate`] !== 'true') return 'its predicate must be turned round by negate "true"';
  if (!list(config.predicates).includes(predicate)) return `the predicate ${predicate} is not in predicates`;
  if (config[`predicates.${predicate}.type`] !== topicNameMatches)
    return `the predicate ${predicate} must be ${topicNameMatches}`;
  const pattern = config[`predicates.${predicate}.pattern`] ?? '';
  return matchesName(pattern, topic)
    ? undefined
    : `the predicate ${predicate} does not match the heartbeat topic ${topic}`;
}

export const recordRules: readonly FileRule[] = [
  keyIsTheSubject,
  valueIsTheDocument,
  keepsItsPlaceFresh,
  sparesHeartbeats,
];
