// What `doctor` finds at the brokers: topics that lack, settings that are in force in place of those of the files, support topics.
// The settings of the broker are judged by the rules for files: a broker's `log.retention.bytes` deletes events as a file's does.

import { rootReasonOf } from '../../engine/index.ts';
import type { ConnectorFile } from '../connector-file.ts';
import { type Context, withoutPatience, withTargets } from '../context.ts';
import { type ConnectFailure, isConnectFailure } from '../failure.ts';
import { topicDoubtRules } from '../lint/doubt-rules.ts';
import type { RuleName } from '../lint/rules.ts';
import { keepingRules } from '../lint/topic-rules.ts';
import { type SupportTopic, supportTopicsOf } from '../needed-topics.ts';
import { differences, unnamedSettings } from '../reconcile.ts';
import type { ActualTopic } from '../topics.ts';
import type { Code } from './catalogue.ts';
import { type Diagnosis, diagnosed, notChecked, type Section, section } from './diagnosis.ts';

export function diagnoseSupport(support: readonly SupportTopic[], existing: ReadonlySet<string>): Diagnosis[] {
  return support
    .filter(({ name }) => !existing.has(name))
    .map(({ name, neededBy }) =>
      diagnosed(
        'support-topic-missing',
        `topic ${name}`,
        `does not exist, and ${neededBy.join(', ')} cannot continue without it, although the worker says RUNNING`,
      ),
    );
}

const codes: Partial<Readonly<Record<RuleName, Code>>> = {
  'event-topic-compacted': 'topic-deletes',
  'event-topic-forgets': 'topic-deletes',
  'snapshot-topic-not-compacted': 'topic-deletes',
  'writes-can-be-lost': 'topic-unsafe',
  'record-limit-too-small': 'topic-unsafe',
};

/** What the file names is compared elsewhere; a topic whose file says the same is the business of the rules for files. */
export function diagnoseInForce(file: ConnectorFile, actual: ActualTopic): Diagnosis[] {
  const about = `topic ${file.topic.name}`;
  const isNamed = (key: string) => Object.hasOwn(file.topic.config, key);
  const isOwn = (key: string) => Object.hasOwn(actual.ownConfig, key);
  const from = (key: string) => (isOwn(key) ? 'of its own' : 'from the broker');

  const spec = { ...file, topic: { ...file.topic, config: actual.config } };
  const judged = [...keepingRules, ...topicDoubtRules]
    .flatMap((rule) => rule(spec))
    .map(({ rule, path, detail }) => ({
      key: path.at(-1)?.toString() ?? '',
      code: codes[rule] ?? 'topic-in-doubt',
      detail,
    }))
    // A broker that does not tell a setting has none of it in force that is known.
    .filter(({ key }) => !isNamed(key) && Object.hasOwn(actual.config, key));
  const told = new Set(judged.map(({ key }) => key));
  const unnamed = unnamedSettings(file.topic, actual).filter(({ key }) => !told.has(key));
  return [
    ...judged.map(({ key, code, detail }) =>
      diagnosed(code, about, `has ${key} ${from(key)}, which its file does not name: ${detail}`),
    ),
    ...inSync(about, actual, isNamed('min.insync.replicas')),
    ...unnamed.map(({ key, value }) =>
      diagnosed('topic-setting-unnamed', about, `has ${key}=${value} of its own, and its file does not name it`),
    ),
  ];
}

/** What the connector waits for at each write. A topic of one copy has nobody to wait for. */
function inSync(about: string, { replicas, config }: ActualTopic, isNamed: boolean): Diagnosis[] {
  const wanted = Number(config['min.insync.replicas'] ?? 1);
  const settings = `has min.insync.replicas=${wanted} and ${replicas} copies`;
  if (wanted > replicas)
    return [diagnosed('topic-unsafe', about, `${settings}: the broker refuses every write, and nothing travels`)];
  if (isNamed || wanted > 1 || replicas === 1) return [];
  const loss = 'a record that one broker alone has taken counts as written, and is lost with that broker';
  return [diagnosed('topic-in-doubt', about, `${settings}: ${loss}; write "2" into its file`)];
}

export async function diagnoseBroker(files: readonly ConnectorFile[], context: Context): Promise<Section[]> {
  const brokers = context.config.brokers.join(',');
  try {
    const support = supportTopicsOf(files);
    const [topics, existing] = await withTargets(withoutPatience(context), ({ topics }) =>
      Promise.all([
        topics.describe(files.map(({ topic }) => topic.name)),
        topics.existing(support.map(({ name }) => name)),
      ]),
    );
    return [section('broker', brokers), diagnoseTopics(files, topics, diagnoseSupport(support, existing))];
  } catch (error) {
    if (!isConnectFailure(error)) throw error;
    const finding = findingOf(error);
    return [section('broker', brokers, [finding]), notChecked('topics', 'no broker answers')];
  }
}

function findingOf(failure: ConnectFailure): Diagnosis {
  const reason = rootReasonOf(failure);
  if (failure.code === 'kafka-login') return diagnosed('broker-login', 'Kafka', reason);
  if (failure.code === 'kafka-tls') return diagnosed('broker-tls', 'Kafka', reason);
  return diagnosed('broker-unreachable', 'Kafka', `does not serve: ${reason}`);
}

function diagnoseTopics(
  files: readonly ConnectorFile[],
  topics: ReadonlyMap<string, ActualTopic>,
  ofSupport: readonly Diagnosis[],
): Section {
  const findings = files.flatMap((file): Diagnosis[] => {
    const { topic } = file;
    const about = `topic ${topic.name}`;
    const actual = topics.get(topic.name);
    if (actual === undefined) return [diagnosed('topic-missing', about, 'is not there')];
    const { partitions } = topic;
    const moved = `has ${actual.partitions} partitions, and its file says ${partitions}`;
    const differ = differences(actual.config, topic.config, true);
    const told = differ.map(({ key, from, to }) => `${key}=${from ?? 'nothing'}, not ${to}`).join('; ');
    return [
      ...(actual.partitions === partitions ? [] : [diagnosed('topic-partitions', about, moved)]),
      ...(differ.length === 0 ? [] : [diagnosed('topic-settings', about, `has ${told}`)]),
      ...diagnoseInForce(file, actual),
    ];
  });
  const wrong = new Set(findings.map(({ about }) => about)).size;
  return section('topics', `${files.length - wrong} of ${files.length} as their files say`, [
    ...findings,
    ...ofSupport,
  ]);
}
