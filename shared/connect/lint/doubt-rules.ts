// Rules that follow the tables of known settings: a value that is not known to be harmless is a finding, and a setting that the tables
// do not have is a question to the operator. Pure.

import type { Config } from '../config-values.ts';
import { type Expected, expectedSettings, isKnownSetting, knownSettings } from './known-settings.ts';
import { expectedTopicSettings, recordBytesMin } from './known-topic-settings.ts';
import { didYouMean } from './nearest.ts';
import { type Broken, brokenIf, type FileRule, settingBroken } from './rules.ts';

const topicPath = (key: string) => ['topic', 'config', key];

/** The values that their row in the table does not know to be harmless. */
function unexpected(values: Config, table: Readonly<Record<string, Expected>>, pathOf: (key: string) => string[]) {
  return Object.entries(values).flatMap(([key, value]): Broken[] => {
    const expected = Object.hasOwn(table, key) ? table[key] : undefined;
    if (expected === undefined || expected.allows(value)) return [];
    return [{ rule: expected.rule, path: pathOf(key), detail: `is ${quoted(value)}: ${expected.otherwise}` }];
  });
}

const quoted = (value: string) => JSON.stringify(value.slice(0, 80));

const saysWhatIsKnown: FileRule = ({ config }) => unexpected(config, expectedSettings, (key) => ['config', key]);

const asksAboutTheRest: FileRule = ({ config }) =>
  Object.keys(config)
    .filter((key) => !isKnownSetting(key))
    .map((key) => {
      const detail =
        `nobody here knows what it does to events${didYouMean(key, knownSettings)}. Leave it out, or look up that it ` +
        'neither drops, changes, delays nor reorders records';
      return settingBroken('setting-in-doubt', key, detail);
    });

const lookup = 'change.stream.full.document';

const looksUpWhatItCarries: FileRule = ({ carries, config }) => {
  const value = config[lookup] ?? '';
  if (carries === 'events') {
    const detail = `is ${quoted(value)}: it changes nothing for inserts, which always hold their document; leave it out`;
    return brokenIf(value !== '' && value !== 'default', 'setting-in-doubt', lookup, detail);
  }
  const detail = `is ${quoted(value)}: an update would come without its document, and the newest snapshot would not travel; write "updateLookup"`;
  return brokenIf(value !== 'updateLookup' && value !== 'required', 'records-filtered', lookup, detail);
};

const inFlight = 'producer.override.max.in.flight.requests.per.connection';

/** Connect's producers have one request in flight; an idempotent one keeps the order of up to five. */
const keepsTheOrderOfRetries: FileRule = ({ config }) => {
  const max = config['producer.override.enable.idempotence'] === 'true' ? 5 : 1;
  const requests = config[inFlight] ?? String(max);
  const isKept = /^\d+$/.test(requests) && Number(requests) <= max;
  const detail = `is ${quoted(requests)}: a retry could write a later event before an earlier one; write "${max}" or less`;
  return brokenIf(!isKept, 'order-not-kept', inFlight, detail);
};

const requestSize = 'producer.override.max.request.size';

const sendsTheLargest: FileRule = ({ config }) =>
  tooSmall(config, requestSize, "the producer's default is 1048576", ['config', requestSize]);

const takesTheLargest: FileRule = ({ topic }) =>
  tooSmall(topic.config, 'max.message.bytes', "the broker's default is 1048588", topicPath('max.message.bytes'));

function tooSmall(values: Config, key: string, otherwise: string, path: readonly string[]): Broken[] {
  const value = values[key];
  if (value !== undefined && /^\d+$/.test(value) && Number(value) >= recordBytesMin) return [];
  const said = value === undefined ? `is missing, and ${otherwise}` : `is ${quoted(value)}`;
  const detail = `${said}: the largest event would end the task, and nothing after it would travel; write "${recordBytesMin}" or more`;
  return [{ rule: 'record-limit-too-small', path, detail }];
}

const topicSaysWhatIsKnown: FileRule = ({ topic }) => unexpected(topic.config, expectedTopicSettings, topicPath);

/** Of topics: they judge what a file says, and what is in force, alike. */
export const topicDoubtRules: readonly FileRule[] = [takesTheLargest, topicSaysWhatIsKnown];

export const doubtRules: readonly FileRule[] = [
  saysWhatIsKnown,
  asksAboutTheRest,
  looksUpWhatItCarries,
  keepsTheOrderOfRetries,
  sendsTheLargest,
  ...topicDoubtRules,
];
