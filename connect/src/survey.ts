// What is there now: the worker's configs and the broker's topics, read once, compared with the files.
import type { ConnectRest } from './connect-rest.ts';
import type { ConnectorFile } from './connector-file.ts';
import { type Change, reconcile } from './reconcile.ts';
import type { TopicAdmin } from './topics.ts';

export interface Targets {
  readonly rest: ConnectRest;
  readonly topics: TopicAdmin;
}

/** The changes that would make worker and broker hold what the files say. */
export async function survey(files: readonly ConnectorFile[], { rest, topics }: Targets): Promise<Change[]> {
  const configs = await rest.configs();
  const actual = await topics.describe(files.map((file) => file.topic.name));
  return reconcile(files, { configs, topics: actual });
}
