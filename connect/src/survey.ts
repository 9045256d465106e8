// What is there now: the worker's configs and the broker's topics, read once, compared with the files and held against the rules.
import type { ConnectRest } from './connect-rest.ts';
import type { ConnectorFile } from './connector-file.ts';
import type { Source } from './connector-sources.ts';
import { type Finding, inOrder } from './lint/finding.ts';
import { brokenAtBroker, brokenAtWorker } from './lint/server-rules.ts';
import { straysOf } from './ownership.ts';
import { type Change, reconcile, type UnnamedSetting, unnamedSettings } from './reconcile.ts';
import type { TopicAdmin } from './topics.ts';

export interface Targets {
  readonly rest: ConnectRest;
  readonly topics: TopicAdmin;
}

export interface Survey {
  readonly files: readonly ConnectorFile[];
  /** Of the files alone and of the servers, in the order of the files. */
  readonly findings: readonly Finding[];
  /** That would make worker and broker hold what the files say. */
  readonly changes: readonly Change[];
  /** Connectors of the same owner that no file describes; known only of whole folders. With `prune` they are among the changes. */
  readonly strays: readonly string[];
  /** Settings that topics have and their files do not name. With `resetTopicSettings` the change of the topic takes them off. */
  readonly unnamed: readonly UnnamedSetting[];
}

/** What the changes hold besides what the files say. */
export interface SurveyFlags {
  readonly prune?: boolean | undefined;
  readonly resetTopicSettings?: boolean | undefined;
}

export async function survey(source: Source, { rest, topics }: Targets, flags: SurveyFlags = {}): Promise<Survey> {
  const { prune = false, resetTopicSettings = false } = flags;
  const { files } = source;
  const actual = { configs: await rest.configs(), topics: await topics.describe(files.map((file) => file.topic.name)) };
  const strays = source.whole ? straysOf(files, actual.configs) : [];
  const findings = [
    ...source.findings,
    ...brokenAtBroker(files, actual.topics),
    ...(await brokenAtWorker(files, rest)),
  ];
  const changes = reconcile(files, actual, prune ? strays : [], resetTopicSettings);
  const unnamed = files.flatMap(({ topic }) => unnamedSettings(topic, actual.topics.get(topic.name)));
  return { files, findings: inOrder(findings), changes, strays, unnamed };
}
