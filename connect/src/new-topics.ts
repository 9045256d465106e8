// A topic that is new while its connector has a position is the trap: the connector goes on from there, and what lies before that
// position never comes into the topic. Here such connectors are found before anything is changed.
import { pause } from '@foldline/shared/engine';
import type { Counts } from './collection-counts.ts';
import type { Limits } from './config.ts';
import type { ConnectorFile } from './connector-file.ts';
import { ConnectFailure } from './failure.ts';
import { positionIn } from './position.ts';
import type { Targets } from './targets.ts';
import { knowsOffsets } from './worker-version.ts';

/** A connector that has to begin anew before its topic holds what its collection holds. */
export interface TopicIsNew {
  readonly connector: string;
  readonly topic: string;
  readonly why: 'topic-missing' | 'topic-empty';
  /** Why and what to do, in one sentence. */
  readonly reason: string;
}

export interface Looking {
  /** The connectors that the worker has. */
  readonly connectors: ReadonlySet<string>;
  readonly existingTopics: ReadonlySet<string>;
  /** What the connectors copy; asked for only when a topic is empty. Undefined where MongoDB is not given. */
  readonly countDocuments: ((files: readonly ConnectorFile[]) => Promise<Counts>) | undefined;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/** A connector that is not there yet is no such case: `apply` makes it STOPPED and looks at its position before it runs. */
export async function topicsThatAreNew(
  files: readonly ConnectorFile[],
  { rest, topics }: Targets,
  looking: Looking,
): Promise<TopicIsNew[]> {
  const there = files.filter(({ name }) => looking.connectors.has(name));
  const missing = there.filter(({ topic }) => !looking.existingTopics.has(topic.name));
  const others = there.filter((file) => !missing.includes(file));
  const lengths = await topics.lengths(others.map(({ topic }) => topic.name));
  const empty = others.filter(({ topic }) => lengths.get(topic.name) === 0);
  if (missing.length + empty.length === 0 || !(await knowsOffsets(rest))) return [];
  const standing = async (file: ConnectorFile) => positionIn((await rest.offsets(file.name)) ?? [], file).length > 0;
  const positioned = await Promise.all([...missing, ...empty].map(standing));
  const suspects = [...missing, ...empty].filter((_, i) => positioned[i]);
  const stayEmpty = await stillEmpty(
    suspects.filter((file) => empty.includes(file)),
    { rest, topics },
    looking,
  );
  return suspects.flatMap((file): TopicIsNew[] => {
    if (missing.includes(file)) return [isNew(file, 'topic-missing', 'is not there')];
    const documents = stayEmpty.get(file.name);
    return documents === undefined
      ? []
      : [isNew(file, 'topic-empty', `is empty, and ${documents} documents are stored`)];
  });
}

function isNew({ name, database, collection, topic }: ConnectorFile, why: TopicIsNew['why'], what: string): TopicIsNew {
  const reason =
    `Connector ${name} has a position in ${database}.${collection}, and its topic ${topic.name} ${what}: what lies before that position ` +
    `would never come into the topic. To let the connector begin anew: npm run connect -- refill ${name}`;
  return { connector: name, topic: topic.name, why, reason };
}

/** Those whose collection holds documents that do not come either while a connector that only lags would send its first. */
async function stillEmpty(
  files: readonly ConnectorFile[],
  { topics }: Targets,
  { countDocuments, limits, signal }: Looking,
): Promise<Counts> {
  if (files.length === 0 || countDocuments === undefined) return new Map();
  const counted = await countDocuments(files);
  let waiting = files.filter(({ name }) => (counted.get(name) ?? 0) > 0);
  const untilMs = performance.now() + limits.topicMovesWithinMs;
  while (waiting.length > 0) {
    const lengths = await topics.lengths(waiting.map(({ topic }) => topic.name));
    waiting = waiting.filter(({ topic }) => lengths.get(topic.name) === 0);
    if (performance.now() > untilMs) break;
    await pause(limits.pollMs, signal);
    if (signal?.aborted) throw new ConnectFailure('aborted', 'Stopped while looking at the topics.');
  }
  return new Map(waiting.map(({ name }) => [name, counted.get(name) ?? 0]));
}
