// The one table of the rules for a connector file: Kafka Connect itself accepts everything that they refuse. Each row names the loss that
// its rule prevents; docs/connectors.md explains the rule with an example of `connect/lint-examples`.

export type Severity = 'error' | 'warning';

interface Rule {
  /** An error keeps `plan` and `apply` from going on; a warning is told. */
  readonly severity: Severity;
  /** What happens where it is not kept. */
  readonly loss: string;
}

const error = (loss: string): Rule => ({ severity: 'error', loss });
const warning = (loss: string): Rule => ({ severity: 'warning', loss });

export const rules = {
  'file-shape': error(
    'half of what was meant is deployed: the file cannot be read as a connector, or clashes with another',
  ),
  'missing-setting': error('the connector starts and reads from, or writes to, the wrong place'),
  'key-not-subject': error('the order of events is lost: one subject is scattered over all partitions'),
  'value-unreadable': error(
    'every consumer holds every subject: what travels is not the event, or not as its contract says',
  ),
  'more-than-inserts': error('what is no event stands in the stream: a claim that was taken off, a deletion'),
  'store-fields-travel': error('addresses stay in a topic for ever, where nobody looks for them'),
  'records-filtered': error('records that a filter leaves out never travel: a deletion, for example'),
  'records-rewritten': error(
    'what travels is not what is stored: consumers hold every subject, or read something else',
  ),
  'copy-misses': error('what is older than the connector is not copied, and never travels'),
  'record-transformed': error('events are dropped on their way, changed, or sent where nobody reads'),
  'order-not-kept': error(
    'the order of events is lost: a retry or another partitioner puts a later one before an earlier one',
  ),
  'writes-can-be-lost': error('records that the connector takes for written are lost with one broker'),
  'record-limit-too-small': error('the largest event ends the task, and nothing after it travels'),
  'errors-tolerated': error('events are skipped in silence after a lost resume token'),
  'no-heartbeat': error(
    'a quiet collection loses its place: the oplog forgets an old token, and the connector cannot go on',
  ),
  'heartbeat-transformed': error('the task ends at the first heartbeat record'),
  'no-offset-partition-name': error('another host list silently starts a new stream'),
  'literal-secret': error('a password is told: the worker shows its configs to anyone who asks'),
  'event-topic-compacted': error('all events of a subject but the last are lost'),
  'snapshot-topic-not-compacted': error('old snapshots leave the topic, or every version of each one stays in it'),
  'partitions-changed': error(
    "the order of events is lost: a subject's later ones go to another partition than its earlier ones",
  ),
  'wrong-topic': error('events land in a topic that nobody reads'),
  'not-json': error('another filter or another key is used than the one that was meant'),
  'unknown-topic-setting': error('a setting of the topic is written down and not in force'),
  'topic-creation-differs': error('a topic that the worker has to make again is another than before'),
  'unknown-key': error('a setting is written down and not in force, because it is misspelt'),
  'config-refused': error('the connector does not start'),
  'plugin-missing': error('the connector does not start'),
  'owned-by-another': error("somebody else's connector is overwritten"),
  'name-twice': error('the connector gets another name than its file'),
  'event-topic-forgets': warning('old events leave the topic, and a new service cannot read them there'),
  'codec-foreign': warning('consumers of other teams may not be able to read the topic'),
  'setting-in-doubt': warning('a setting does something to records that nobody here knows of'),
  'starts-late': warning('events that are older than the connector never travel'),
  'slow-poll': warning('an event waits up to five seconds for the next poll'),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof rules;
