// Rules that Kafka Connect does not check and that lose or scatter events when broken. Pure.
// Each detail says what would happen, so that the rule need not be looked up.
import type { ConnectorShape } from './connector-file.ts';
import type { JsonPath } from './located-json.ts';
import { holdsUserInUri } from './secrets.ts';
import { isTopicCreationSetting, isTopicSetting } from './topic-settings.ts';

export interface BrokenRule {
  readonly path: JsonPath;
  readonly detail: string;
}

type Rule = (spec: ConnectorShape) => BrokenRule[];

const required = [
  'connector.class',
  'connection.uri',
  'database',
  'collection',
  'topic.namespace.map',
  'offset.partition.name',
];

const holdsWhatIsNeeded: Rule = ({ config }) =>
  required
    .filter((key) => !config[key])
    .map((key) => ({
      path: ['config', key],
      detail:
        key === 'offset.partition.name'
          ? 'is missing: by default it holds the host list, and another host list would silently start a new stream'
          : 'is missing',
    }));

const nameStandsOnce: Rule = ({ config }) =>
  config.name === undefined
    ? []
    : [{ path: ['config', 'name'], detail: 'stands at the top of the file already: take it out of config' }];

const toleratesNothing: Rule = ({ config }) =>
  ['errors.tolerance', 'mongo.errors.tolerance']
    .filter((key) => config[key] !== undefined && config[key] !== 'none')
    .map((key) => ({
      path: ['config', key],
      detail: `must be "none", not ${JSON.stringify(config[key])}: with a lost resume token the connector would start again without one and skip events, and say so only in its log`,
    }));

const keepsSecretsOut: Rule = ({ config }) =>
  Object.entries(config)
    .filter(([, value]) => holdsUserInUri(value))
    .map(([key]) => ({
      path: ['config', key],
      detail: `holds a user or password, and the worker shows configs to anyone who asks: write \${dir:/run/secrets/foldline:mongodb-uri}`,
    }));

const jsonKeys = [
  'pipeline',
  'startup.mode.copy.existing.pipeline',
  'output.schema.key',
  'output.schema.value',
  'topic.namespace.map',
];

function parsed(value: string | undefined): unknown {
  try {
    return value === undefined ? undefined : JSON.parse(value);
  } catch {
    return undefined;
  }
}

const holdsJsonInJson: Rule = ({ config }) =>
  jsonKeys
    .filter((key) => config[key] !== undefined && config[key] !== '' && parsed(config[key]) === undefined)
    .map((key) => ({ path: ['config', key], detail: `is not JSON: ${config[key]?.slice(0, 80)}` }));

const landsInItsTopic: Rule = ({ config, topic }) => {
  const namespace = `${config.database}.${config.collection}`;
  const map = parsed(config['topic.namespace.map']);
  if (map === undefined) return [];
  const faults: BrokenRule[] = ['topic.prefix', 'topic.suffix']
    .filter((key) => config[key])
    .map((key) => ({
      path: ['config', key],
      detail: `would be added to the topic's name ${topic.name}: leave it out`,
    }));
  const target =
    typeof map === 'object' && map !== null ? Object.entries(map).find(([key]) => key === namespace)?.[1] : undefined;
  if (target !== topic.name) {
    faults.push({
      path: ['config', 'topic.namespace.map'],
      detail: `must be {"${namespace}":"${topic.name}"}, so that the collection's events land in the topic of this file`,
    });
  }
  return faults;
};

const keepsEveryEvent: Rule = ({ config, topic }) => {
  const policy = topic.config['cleanup.policy'] ?? 'delete';
  const compacts = policy.split(',').some((part) => part.trim() === 'compact');
  if (!compacts || config['change.stream.full.document'] === 'updateLookup') return [];
  return [
    {
      path: ['topic', 'config', 'cleanup.policy'],
      detail: `${JSON.stringify(policy)} would keep only the last event of each subject: a topic of events must say "delete"`,
    },
  ];
};

const knowsTopicSettings: Rule = ({ topic }) =>
  Object.keys(topic.config)
    .filter((key) => !isTopicSetting(key))
    .map((key) => ({ path: ['topic', 'config', key], detail: 'is no setting of a Kafka topic' }));

/** `topic.creation.*` is the worker's fallback when a topic is gone: it must make the same topic that `apply` makes. */
const createsTheSameTopic: Rule = ({ config, topic }) => {
  const groups = new Set(['default', ...list(config['topic.creation.groups'])]);
  const wanted: Record<string, string> = { partitions: String(topic.partitions), ...topic.config };
  return Object.entries(config).flatMap(([name, value]): BrokenRule[] => {
    const [, group, key] = /^topic\.creation\.([^.]+)\.(.+)$/.exec(name) ?? [];
    if (group === undefined || key === undefined) return [];
    const path = ['config', name];
    if (!groups.has(group)) return [{ path, detail: `the group ${group} is not in topic.creation.groups` }];
    if (!isTopicCreationSetting(group, key))
      return [{ path, detail: `${key} is no setting of topic creation nor of a Kafka topic` }];
    if (key === 'partitions' && !/^(-1|[1-9]\d*)$/.test(value))
      return [{ path, detail: `is ${JSON.stringify(value)}, not a number` }];
    if (group === 'default' && key in wanted && wanted[key] !== value) {
      return [{ path, detail: `is ${JSON.stringify(value)}, but topic says ${JSON.stringify(wanted[key])}` }];
    }
    return [];
  });
};

/** A heartbeat record has a text as its key: a transform that meets it ends the task. */
const sparesHeartbeats: Rule = ({ config }) => {
  const interval = config['heartbeat.interval.ms'];
  if (interval === undefined || interval === '0') {
    return [
      {
        path: ['config', 'heartbeat.interval.ms'],
        detail: 'is missing or 0: a quiet collection would keep an old resume token until the oplog no longer holds it',
      },
    ];
  }
  return list(config.transforms)
    .filter(
      (alias) =>
        config[`transforms.${alias}.predicate`] === undefined || config[`transforms.${alias}.negate`] !== 'true',
    )
    .map((alias) => ({
      path: ['config', `transforms.${alias}.predicate`],
      detail: `the transform ${alias} must leave heartbeat records alone (a predicate on the heartbeat topic, negate "true"): the first one would end the task`,
    }));
};

function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const rules: readonly Rule[] = [
  holdsWhatIsNeeded,
  nameStandsOnce,
  keepsSecretsOut,
  toleratesNothing,
  holdsJsonInJson,
  landsInItsTopic,
  keepsEveryEvent,
  knowsTopicSettings,
  createsTheSameTopic,
  sparesHeartbeats,
];

/** Every rule that the connector breaks, in the order of the rules. */
export function brokenRules(spec: ConnectorShape): BrokenRule[] {
  return rules.flatMap((rule) => rule(spec));
}
