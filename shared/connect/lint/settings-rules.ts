// Rules about single settings that lose or expose events when they are missing or wrong. Pure.
// Each detail says what would happen, so that the rule need not be looked up.
import { parsed } from '../config-values.ts';
import { holdsSecret } from '../secrets.ts';
import { type AnyFileRule, brokenIf, type FileRule, settingBroken } from './rules.ts';

const required = ['connector.class', 'connection.uri', 'database', 'collection', 'topic.namespace.map'];

const holdsWhatIsNeeded: FileRule = ({ config }) =>
  required.filter((key) => !config[key]).map((key) => settingBroken('missing-setting', key, 'is missing'));

const namesItsPlace: FileRule = ({ config }) =>
  brokenIf(
    !config['offset.partition.name'],
    'no-offset-partition-name',
    'offset.partition.name',
    'is missing: by default it holds the host list, and another host list would silently start a new stream',
  );

const nameStandsOnce: AnyFileRule = ({ config }) =>
  brokenIf(
    config.name !== undefined,
    'name-twice',
    'name',
    'stands at the top of the file already: take it out of config',
  );

const toleratesNothing: FileRule = ({ config }) =>
  ['errors.tolerance', 'mongo.errors.tolerance']
    .filter((key) => config[key] !== undefined && config[key] !== 'none')
    .map((key) =>
      settingBroken(
        'errors-tolerated',
        key,
        `must be "none", not ${JSON.stringify(config[key])}: with a lost resume token the connector would start again without one and skip events, and say so only in its log`,
      ),
    );

const keepsSecretsOut: AnyFileRule = ({ config }) =>
  Object.entries(config)
    .filter(([key, value]) => holdsSecret(key, value))
    .map(([key]) =>
      settingBroken(
        'literal-secret',
        key,
        `holds a user or password, and the worker shows configs to anyone who asks: write \${dir:/run/secrets/foldline:${key === 'connection.uri' ? 'mongodb-uri' : '<file>'}}`,
      ),
    );

const jsonKeys = [
  'pipeline',
  'startup.mode.copy.existing.pipeline',
  'output.schema.key',
  'output.schema.value',
  'topic.namespace.map',
];

const holdsJsonInJson: FileRule = ({ config }) =>
  jsonKeys
    .filter((key) => config[key] && parsed(config[key]) === undefined)
    .map((key) => settingBroken('not-json', key, `is not JSON: ${config[key]?.slice(0, 80)}`));

/** Of what is no list, no stage would be looked at. */
const holdsStages: FileRule = ({ config }) =>
  ['pipeline', 'startup.mode.copy.existing.pipeline']
    .filter((key) => config[key] && parsed(config[key]) !== undefined && !Array.isArray(parsed(config[key])))
    .map((key) => settingBroken('not-json', key, `is no list of stages: ${config[key]?.slice(0, 80)}`));

const landsInItsTopic: FileRule = ({ config, topic }) => {
  const namespace = `${config.database}.${config.collection}`;
  const map = parsed(config['topic.namespace.map']);
  if (map === undefined) return [];
  const { [namespace]: target } = Object(map) as Readonly<Record<string, unknown>>;
  const added = ['topic.prefix', 'topic.suffix'].filter((key) => config[key]);
  return [
    ...added.map((key) =>
      settingBroken('wrong-topic', key, `would be added to the topic's name ${topic.name}: leave it out`),
    ),
    ...brokenIf(
      target !== topic.name,
      'wrong-topic',
      'topic.namespace.map',
      `must be {"${namespace}":"${topic.name}"}, so that the collection's events land in the topic of this file`,
    ),
  ];
};

const startsWithWhatIsThere: FileRule = ({ config }) =>
  brokenIf(
    config['startup.mode'] !== 'copy_existing',
    'starts-late',
    'startup.mode',
    `is ${JSON.stringify(config['startup.mode'] ?? 'latest')}: what is older than the connector would never travel; write "copy_existing"`,
  );

const pollWaitDefaultMs = 5_000;
const pollWaitMaxMs = 1_000;

const doesNotWaitLong: FileRule = ({ config }) => {
  const waitMs = Number(config['poll.await.time.ms'] ?? pollWaitDefaultMs);
  const detail = `lets an event wait up to ${waitMs} ms for the next poll; write "20"`;
  return brokenIf(waitMs > pollWaitMaxMs, 'slow-poll', 'poll.await.time.ms', detail);
};

export const anyFileRules: readonly AnyFileRule[] = [nameStandsOnce, keepsSecretsOut];

export const settingsRules: readonly FileRule[] = [
  holdsWhatIsNeeded,
  namesItsPlace,
  nameStandsOnce,
  keepsSecretsOut,
  toleratesNothing,
  holdsJsonInJson,
  holdsStages,
  landsInItsTopic,
  startsWithWhatIsThere,
  doesNotWaitLong,
];
