// What is there now: the worker's configs and the broker's topics, read once, compared with the files and held against the rules.
import type { ConnectRest } from './connect-rest.ts';
import type { ConnectorFile } from './connector-file.ts';
import type { Source } from './connector-sources.ts';
import { type Finding, inOrder } from './lint/finding.ts';
import { brokenAtBroker, brokenAtWorker } from './lint/server-rules.ts';
import { straysOf } from './ownership.ts';
import { type Change, reconcile } from './reconcile.ts';
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
}

export async function survey(source: Source, { rest, topics }: Targets, prune = false): Promise<Survey> {
  const { files } = source;
  const actual = { configs: await rest.configs(), topics: await topics.describe(files.map((file) => file.topic.name)) };
  const strays = source.whole ? straysOf(files, actual.configs) : [];
  const findings = [
    ...source.findings,
    ...brokenAtBroker(files, actual.topics),
    ...(await brokenAtWorker(files, rest)),
  ];
  return { files, findings: inOrder(findings), changes: reconcile(files, actual, prune ? strays : []), strays };
}
