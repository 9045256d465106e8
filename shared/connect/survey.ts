// What is there now: the worker's configs and the broker's topics, read once, compared with the files and held against the rules.
import { isBeginning } from './begin-anew.ts';
import { filesThatCarry, type PlainFile } from './connector-file.ts';
import type { Source } from './connector-sources.ts';
import { type Finding, inOrder } from './lint/rules.ts';
import { brokenAtBroker, brokenAtWorker } from './lint/server-rules.ts';
import { neededTopicsOf, supportTopicsOf } from './needed-topics.ts';
import { type Change, reconcile, straysOf, type UnnamedSetting, unnamedSettings } from './reconcile.ts';
import {
  type Looking,
  type TopicIsNew,
  type TopicWouldDelete,
  topicsThatAreNew,
  topicsThatWouldDelete,
} from './topic-losses.ts';
import type { Targets } from './wait.ts';

export interface Survey {
  readonly files: readonly PlainFile[];
  /** Of the files alone and of the servers, in the order of the files. */
  readonly findings: readonly Finding[];
  /** That would make worker and broker hold what the files say. */
  readonly changes: readonly Change[];
  /** Connectors of the same owner that no file describes; known only of whole folders. With `prune` they are among the changes. */
  readonly strays: readonly string[];
  /** Settings that topics have and their files do not name. With `resetTopicSettings` the change of the topic takes them off. */
  readonly unnamed: readonly UnnamedSetting[];
  /** Connectors that would go on from their position into a topic that is new. With `refill` they are among the changes. */
  readonly newTopics: readonly TopicIsNew[];
  /** Topics whose changes would delete records that they keep now. With `deleteRecords` nobody is asked. */
  readonly wouldDelete: readonly TopicWouldDelete[];
}

/** What the changes hold besides what the files say. */
export interface SurveyFlags {
  readonly prune?: boolean | undefined;
  readonly resetTopicSettings?: boolean | undefined;
  /** Whether connectors whose topic is new are to begin anew. */
  readonly refill?: boolean | undefined;
  /** Whether a change of a topic may delete records that the topic keeps now. */
  readonly deleteRecords?: boolean | undefined;
}

interface SurveyOptions extends SurveyFlags, Pick<Looking, 'countDocuments' | 'limits' | 'signal'> {}

export async function survey(source: Source, { rest, topics }: Targets, options: SurveyOptions): Promise<Survey> {
  const { files } = source;
  const { prune = false, refill = false, resetTopicSettings = false, deleteRecords = false } = options;
  const carrying = filesThatCarry(files);
  const support = supportTopicsOf(carrying);
  const needed = neededTopicsOf(carrying).map(({ name }) => name);
  const actual = {
    configs: await rest.configs(),
    topics: await topics.describe(carrying.map((file) => file.topic.name)),
    existingTopics: await topics.existing(needed),
  };
  const strays = source.whole ? straysOf(files, actual.configs) : [];
  const findings = [
    ...source.findings,
    ...brokenAtBroker(carrying, actual.topics),
    ...(await brokenAtWorker(files, rest)),
  ];
  // One whose beginning was interrupted is stopped, and begins anew with this apply.
  const settled = new Map([...actual.configs].filter(([, config]) => !isBeginning(config)));
  const looking = { ...options, rest, topics, configs: settled, existingTopics: actual.existingTopics };
  const newTopics = await topicsThatAreNew(carrying, looking);
  const toRefill = refill ? newTopics.filter(({ canRefill }) => canRefill).map(({ connector }) => connector) : [];
  const besides = { toDelete: prune ? strays : [], toRefill, resetTopicSettings };
  const changes = reconcile({ files, support }, actual, besides);
  const unnamed = carrying.flatMap(({ topic }) => unnamedSettings(topic, actual.topics.get(topic.name)));
  const altered = changes.filter(({ kind, action }) => kind === 'topic' && action === 'alter').map(({ name }) => name);
  const wouldDelete =
    deleteRecords || altered.length === 0
      ? []
      : topicsThatWouldDelete(changes, actual.topics, await topics.lengths(altered));
  const refused = { newTopics: newTopics.filter(({ canRefill }) => !(refill && canRefill)), wouldDelete };
  return { files, findings: inOrder(findings), changes, strays, unnamed, ...refused };
}

/** Why `apply` must not go on, a sentence for each topic. */
export function refusalsIn({ newTopics, wouldDelete }: Pick<Survey, 'newTopics' | 'wouldDelete'>): string[] {
  return [...newTopics, ...wouldDelete].map(({ reason }) => reason);
}
