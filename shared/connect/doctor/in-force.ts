// What is in force at a topic and not in its file: settings that were set on the topic itself, and those that the broker gives it.
// They are held against the rules that judge files, because a broker's `log.retention.bytes` deletes events as a file's would.
import type { ConnectorFile } from '../connector-file.ts';
import { topicDoubtRules } from '../lint/doubt-rules.ts';
import type { RuleName } from '../lint/rules.ts';
import { keepingRules } from '../lint/topic-rules.ts';
import { unnamedSettings } from '../reconcile.ts';
import type { ActualTopic } from '../topics.ts';
import type { Code } from './catalogue.ts';
import { type Diagnosis, diagnosed } from './diagnosis.ts';

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
