// Rules about the topic of a file: what it keeps, and that the worker would make the same one if it were gone. Pure.

import { list, matchesName } from '../config-values.ts';
import { isTopicCreationSetting, topicSettings } from './known-topic-settings.ts';
import { didYouMean } from './nearest.ts';
import { type Broken, type FileRule, settingBroken, topicBrokenIf } from './rules.ts';

const keepsWhatItCarries: FileRule = ({ carries, topic }) => {
  const policy = topic.config['cleanup.policy'];
  const parts = (policy ?? '').split(',').map((part) => part.trim());
  const shown = JSON.stringify(policy ?? '');
  if (carries === 'snapshots') {
    const detail = `is ${shown}: a topic of snapshots must say "compact", which keeps the last one of each subject and no other; where each record is one event, write "carries": "events" instead`;
    return topicBrokenIf(parts.join() !== 'compact', 'snapshot-topic-not-compacted', 'cleanup.policy', detail);
  }
  const said = policy === undefined ? "is missing, and the broker's own may be compact, which" : shown;
  const detail = `${said} would keep only the last event of each subject: a topic of events must say "delete"`;
  const isCompacted = policy === undefined || parts.includes('compact');
  return topicBrokenIf(isCompacted, 'event-topic-compacted', 'cleanup.policy', detail);
};

const keepsEventsForEver: FileRule = ({ carries, topic: { config } }) => {
  if (carries === 'snapshots') return [];
  const said = (key: string, missing: string) =>
    config[key] === undefined ? `is missing, and ${missing}` : `is ${JSON.stringify(config[key])}`;
  const kept = said('retention.ms', 'the default is seven days');
  const cut = said('retention.bytes', "the broker's own log.retention.bytes may be set");
  const broken = (key: string, detail: string) =>
    topicBrokenIf(config[key] !== '-1', 'event-topic-forgets', key, detail);
  return [
    ...broken('retention.ms', `${kept}: older events would leave the topic; write "-1"`),
    ...broken('retention.bytes', `${cut}, which lets the oldest events leave a topic that grows: write "-1"`),
  ];
};

const knowsTopicSettings: FileRule = ({ topic }) =>
  Object.keys(topic.config).flatMap((key) =>
    topicBrokenIf(
      !topicSettings.has(key),
      'unknown-topic-setting',
      key,
      `is no setting of a Kafka topic${didYouMean(key, topicSettings)}`,
    ),
  );

/** `topic.creation.*` is the worker's fallback when a topic is gone: it must make the same topic that `apply` makes. */
const createsTheSameTopic: FileRule = ({ config, topic }) => {
  const groups = new Set(['default', ...list(config['topic.creation.groups'])]);
  const wanted: Record<string, string> = { partitions: String(topic.partitions), ...topic.config };
  return Object.entries(config).flatMap(([name, value]): Broken[] => {
    const [, group, key] = /^topic\.creation\.([^.]+)\.(.+)$/.exec(name) ?? [];
    if (name.startsWith('topic.creation.') && name !== 'topic.creation.groups' && key === undefined)
      return [settingBroken('unknown-topic-setting', name, 'is no setting of topic creation; Connect ignores it here')];
    if (group === undefined || key === undefined) return [];
    if (group !== 'default' && key === 'include' && groups.has(group) && matchesAny(value, topic.name)) {
      const detail = `matches ${topic.name}: the group ${group} would make the topic, and not as topic says`;
      return [settingBroken('topic-creation-differs', name, detail)];
    }
    if (!groups.has(group))
      return [settingBroken('unknown-topic-setting', name, `the group ${group} is not in topic.creation.groups`)];
    if (!isTopicCreationSetting(group, key)) {
      const detail = `${key} is no setting of topic creation nor of a Kafka topic${didYouMean(key, topicSettings)}`;
      return [settingBroken('unknown-topic-setting', name, detail)];
    }
    if (key === 'partitions' && !/^(-1|[1-9]\d*)$/.test(value))
      return [settingBroken('topic-creation-differs', name, `is ${JSON.stringify(value)}, not a number`)];
    if (group !== 'default' || !(key in wanted) || wanted[key] === value) return [];
    const detail = `is ${JSON.stringify(value)}, but topic says ${JSON.stringify(wanted[key])}`;
    return [settingBroken('topic-creation-differs', name, detail)];
  });
};

/** What decides how long records stay, which partition a subject has, and whether the largest event is taken. */
const decisive = ['partitions', 'cleanup.policy', 'retention.ms', 'retention.bytes', 'max.message.bytes'];

/** What the default group leaves out, the worker leaves to the broker. */
const createsNothingLess: FileRule = ({ config, topic }) => {
  const prefix = 'topic.creation.default.';
  if (!Object.keys(config).some((key) => key.startsWith(prefix))) return [];
  const wanted: Record<string, string> = { partitions: String(topic.partitions), ...topic.config };
  return decisive
    .filter((key) => wanted[key] !== undefined && config[prefix + key] === undefined)
    .map((key) => {
      const detail = `is missing, and topic says ${JSON.stringify(wanted[key])}: a topic that the worker makes again would have the broker's own value`;
      return settingBroken('topic-creation-differs', prefix + key, detail);
    });
};

const matchesAny = (patterns: string, name: string) => list(patterns).some((one) => matchesName(one, name));

/** What a topic keeps: judged of what a file says, and of what is in force. */
export const keepingRules: readonly FileRule[] = [keepsWhatItCarries, keepsEventsForEver];

export const topicRules: readonly FileRule[] = [
  ...keepingRules,
  knowsTopicSettings,
  createsTheSameTopic,
  createsNothingLess,
];
