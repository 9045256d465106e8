// The two servers that a deployment changes.
import type { ConnectRest } from './connect-rest.ts';
import type { TopicAdmin } from './topics.ts';

export interface Targets {
  readonly rest: ConnectRest;
  readonly topics: TopicAdmin;
}
