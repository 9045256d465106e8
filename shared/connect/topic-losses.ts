// The topics that a deployment would leave without records, found before anything is changed. A connector whose topic is new while it has
// offsets would continue after them, and the documents before would never come into the topic. A change of a topic, to a policy that
// compacts or a shorter retention, may have its broker delete records. `apply` refuses both unless the operator allows them.

import { positionIn } from './begin-anew.ts';
import { type Counts, copiesExisting } from './collection-counts.ts';
import type { Config } from './config-values.ts';
import type { ConnectorFile } from './connector-file.ts';
import { readHealth } from './health.ts';
import type { Change } from './reconcile.ts';
import type { ActualTopic } from './topics.ts';
import { type AtWorker, pauseWhile, type Targets } from './wait.ts';
import { knowsOffsets } from './worker-version.ts';

/** A connector that has to begin anew before its topic holds what its collection holds. */
export interface TopicIsNew {
  readonly connector: string;
  readonly topic: string;
  readonly why: 'topic-missing' | 'topic-empty';
  /** Whether `refill` fills the topic; else the file has to be changed first. */
  readonly canRefill: boolean;
  /** Why and what to do, in one sentence. */
  readonly reason: string;
}

export interface Looking extends AtWorker, Targets {
  /** Of the connectors that the worker has, but for those that are beginning anew. */
  readonly configs: ReadonlyMap<string, Config>;
  readonly existingTopics: ReadonlySet<string>;
  /** What the connectors copy; asked for only when a topic is empty. Undefined where MongoDB is not given. */
  readonly countDocuments: ((files: readonly ConnectorFile[]) => Promise<Counts>) | undefined;
}

/** A connector that is not there yet is no such case: `apply` makes it STOPPED and looks at its position before it runs. */
export async function topicsThatAreNew(files: readonly ConnectorFile[], looking: Looking): Promise<TopicIsNew[]> {
  const { rest, topics } = looking;
  const there = files.filter(({ name }) => looking.configs.has(name));
  const missing = there.filter(({ topic }) => !looking.existingTopics.has(topic.name));
  // The topic of one that copies nothing is empty until something new is stored.
  const copying = there.filter((file) => !missing.includes(file) && copiesExisting(file));
  const lengths = await topics.lengths(copying.map(({ topic }) => topic.name));
  const empty = copying.filter(({ topic }) => lengths.get(topic.name) === 0);
  if (missing.length + empty.length === 0) return [];
  if (!(await knowsOffsets(rest))) return missing.filter((file) => keepsItsEpoch(file, looking)).map(unknownPosition);

  const health = missing.length === 0 ? [] : await readHealth(rest, namesOf(missing));
  const isStopped = (name: string) => health.some((one) => one.name === name && one.state === 'STOPPED');
  const stands = async (file: ConnectorFile): Promise<string | undefined> => {
    if (positionIn((await rest.offsets(file.name)) ?? [], file).length > 0) return 'has a position';
    // Connect stores positions now and then: one that is not STOPPED may have sent much already.
    return missing.includes(file) && keepsItsEpoch(file, looking) && !isStopped(file.name) ? 'is at work' : undefined;
  };
  const positions = await Promise.all([...missing, ...empty].map(stands));
  const suspects = [...missing, ...empty].flatMap((file, i) => (positions[i] ? [{ file, stand: positions[i] }] : []));
  const stayEmpty = await stillEmpty(
    suspects.map(({ file }) => file).filter((file) => empty.includes(file)),
    looking,
  );
  return suspects.flatMap(({ file, stand }): TopicIsNew[] => {
    if (missing.includes(file)) return [isNew(file, stand, 'topic-missing', 'is not there')];
    const documents = stayEmpty.get(file.name);
    return documents === undefined
      ? []
      : [isNew(file, stand, 'topic-empty', `is empty, and ${documents} documents are stored`)];
  });
}

const namesOf = (files: readonly ConnectorFile[]) => files.map(({ name }) => name);

/** With another `offset.partition.name` than before it begins anew by itself. */
function keepsItsEpoch({ name, config }: ConnectorFile, { configs }: Looking): boolean {
  const key = 'offset.partition.name';
  return configs.get(name)?.[key] === config[key];
}

function isNew(file: ConnectorFile, stand: string, why: TopicIsNew['why'], what: string): TopicIsNew {
  const { name, database, collection, topic, config } = file;
  const canRefill = copiesExisting(file);
  const wayOut = canRefill
    ? `To let the connector begin anew: npm run connect -- refill ${name}`
    : `A connector with startup.mode=${config['startup.mode'] ?? 'latest'} copies nothing when it begins anew: write "startup.mode": "copy_existing" into ${file.file}`;
  const reason =
    `Connector ${name} ${stand} in ${database}.${collection}, and its topic ${topic.name} ${what}: what lies before its position ` +
    `would never come into the topic. ${wayOut}`;
  return { connector: name, topic: topic.name, why, canRefill, reason };
}

/** A worker before 3.6 can neither say nor forget where a connector stands. */
function unknownPosition({ name, topic, file }: ConnectorFile): TopicIsNew {
  const reason =
    `Connector ${name} is there, and its topic ${topic.name} is not: a worker before 3.6 lets it go on from its position, and what lies ` +
    `before would never come into the topic. Raise the number in offset.partition.name of ${file}, so that it begins anew`;
  return { connector: name, topic: topic.name, why: 'topic-missing', canRefill: false, reason };
}

/** Those whose collection holds documents that do not come either while a connector that only lags would send its first. */
async function stillEmpty(
  files: readonly ConnectorFile[],
  { topics, countDocuments, limits, signal }: Looking,
): Promise<Counts> {
  if (files.length === 0 || countDocuments === undefined) return new Map();
  const counted = await countDocuments(files);
  let waiting = files.filter(({ name }) => (counted.get(name) ?? 0) > 0);
  const untilMs = performance.now() + limits.topicMovesWithinMs;
  while (waiting.length > 0) {
    const lengths = await topics.lengths(waiting.map(({ topic }) => topic.name));
    waiting = waiting.filter(({ topic }) => lengths.get(topic.name) === 0);
    if (performance.now() > untilMs) break;
    await pauseWhile('looking at the topics', limits.pollMs, signal);
  }
  return new Map(waiting.map(({ name }) => [name, counted.get(name) ?? 0]));
}

/** A topic of which the broker would delete records once the changes of `keys` were made. */
export interface TopicWouldDelete {
  readonly topic: string;
  readonly keys: readonly string[];
  /** Why, and what to do, in one sentence. */
  readonly reason: string;
}

/** @param lengths how many records ever came into each topic: an empty one loses nothing */
export function topicsThatWouldDelete(
  changes: readonly Change[],
  topics: ReadonlyMap<string, ActualTopic>,
  lengths: ReadonlyMap<string, number>,
): TopicWouldDelete[] {
  return changes.flatMap(({ kind, name, action, keys }): TopicWouldDelete[] => {
    const actual = topics.get(name);
    if (kind !== 'topic' || action !== 'alter' || actual === undefined || !lengths.get(name)) return [];
    const wanted = Object.fromEntries(keys.flatMap(({ key, to }) => (to === null ? [] : [[key, to]])));
    const deleting = deletingKeys(actual.config, { ...actual.config, ...wanted });
    if (deleting.length === 0) return [];
    const told = keys
      .filter(({ key }) => deleting.includes(key))
      .map(({ key, from, to }) => `${key} = ${to} (was ${from})`);
    const reason =
      `Topic ${name} holds records, and its file would have the broker delete some of them: ${told.join(', ')}. ` +
      'Write the value that the topic has into the file, or, where these records may go: npm run connect -- apply --delete-records';
    return [{ topic: name, keys: deleting, reason }];
  });
}

function deletingKeys(before: Config, after: Config): string[] {
  const compacts = has(after, 'compact') && !has(before, 'compact');
  const shrinks = ['retention.ms', 'retention.bytes'].filter((key) => limitOf(after, key) < limitOf(before, key));
  // A policy that begins to delete puts a retention in force that stays as it is.
  const starts = shrinks.length > 0 && !has(before, 'delete');
  return [...(compacts || starts ? ['cleanup.policy'] : []), ...shrinks];
}

function has(settings: Config, policy: string): boolean {
  const policies = settings['cleanup.policy'] ?? 'delete';
  return policies.split(',').some((part) => part.trim() === policy);
}

/** Kafka writes -1 for no limit; a topic that only compacts has none in force. */
function limitOf(settings: Config, key: string): number {
  const limit = Number(settings[key] ?? -1);
  return has(settings, 'delete') && limit >= 0 ? limit : Number.POSITIVE_INFINITY;
}
