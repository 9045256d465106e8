// The one table of what is looked for in a connector file before it is deployed: Kafka Connect itself accepts all of it.
// Each row names the loss that it prevents; docs/connectors.md explains it, with the example in `connect/lint-examples`.

export type Severity = 'error' | 'warning';

interface Rule {
  /** An error keeps `plan` and `apply` from going on; a warning is told. */
  readonly severity: Severity;
  /** What would be lost. */
  readonly prevents: string;
}

const error = (prevents: string): Rule => ({ severity: 'error', prevents });
const warning = (prevents: string): Rule => ({ severity: 'warning', prevents });

export const rules = {
  'file-shape': error(
    'a deployment of half of what was meant: the file cannot be read as a connector, or clashes with another',
  ),
  'missing-setting': error('a connector that starts and reads from, or writes to, the wrong place'),
  'key-not-subject': error('the order of events: one subject would be scattered over all partitions'),
  'errors-tolerated': error('events that are skipped in silence after a lost resume token'),
  'no-heartbeat': error(
    'the place in a quiet collection: the oplog forgets an old token, and the connector cannot go on',
  ),
  'heartbeat-transformed': error('the task: a transform that meets the first heartbeat record ends it'),
  'no-offset-partition-name': error('the place in the stream: another host list would silently start a new one'),
  'literal-secret': error('the secrecy of a password: the worker shows configs to anyone who asks'),
  'event-topic-compacted': error('all events of a subject but the last'),
  'snapshot-topic-not-compacted': error('snapshots: the topic would forget old ones, or keep every version of each'),
  'partitions-changed': error(
    "the order of events: a subject's later ones would go to another partition than its earlier ones",
  ),
  'wrong-topic': error('events that land in a topic that nobody reads'),
  'not-json': error('a filter or a key that is not the one meant'),
  'unknown-topic-setting': error('a policy of the topic that is written down and not in force'),
  'topic-creation-differs': error('the policy of a topic that the worker has to make again'),
  'unknown-key': error('a setting that is written down and not in force: the worker ignores a misspelt key in silence'),
  'config-refused': error('a connector that does not start'),
  'plugin-missing': error('a connector that does not start'),
  'owned-by-another': error("somebody else's connector, which would be overwritten"),
  'name-twice': error('a connector whose name in its config is not that of its file'),
  'event-topic-forgets': warning('old events: a service that is new could not read them from the topic'),
  'starts-late': warning('events that are older than the connector: they would never travel'),
  'slow-poll': warning('time: an event would wait up to five seconds for the next poll'),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof rules;
