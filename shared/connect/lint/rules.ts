// The one table of the rules for a connector file: Kafka Connect itself accepts everything that they refuse. Each row names the loss that
// its rule prevents; docs/connectors.md explains the rule with an example of `connect/lint-examples`. A finding says which rule is broken
// and where: file, line and key, so that the place is found at once.
import type { JsonPath } from '../../json/index.ts';
import type { ConnectorShape } from '../connector-shape.ts';
import { maskUris } from '../secrets.ts';

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
    'a connector is missing or wrong: the file cannot be read as a connector, or clashes with another file',
  ),
  'missing-setting': error('the connector starts and reads from, or writes to, the wrong place'),
  'key-not-subject': error('the order of events is lost: one subject is scattered over all partitions'),
  'value-unreadable': error(
    'every consumer holds every subject: the records are not events, or not in the form of their contracts',
  ),
  'more-than-inserts': error(
    'the topic gets records that are not events, such as the removal of a claim or a deletion',
  ),
  'store-fields-travel': error('e-mail addresses in claims stay in a topic for ever, where nobody looks for them'),
  'records-filtered': error('records that a filter leaves out are never sent, for example a deletion'),
  'records-rewritten': error(
    'the records differ from the stored events: consumers hold every subject, or read something else',
  ),
  'copy-misses': error('documents that are older than the connector are not copied, and are never sent'),
  'record-transformed': error('events are dropped, changed, or sent to a topic that nobody reads'),
  'order-not-kept': error(
    'the order of events is lost: a retry or another partitioner puts a later event before an earlier event',
  ),
  'writes-can-be-lost': error('records that the connector regards as written are lost with one broker'),
  'record-limit-too-small': error('the largest event ends the task, and no later event is sent'),
  'errors-tolerated': error('events are skipped in silence after a lost resume token'),
  'no-heartbeat': error(
    'a quiet collection loses its place: the oplog forgets an old token, and the connector cannot go on',
  ),
  'heartbeat-transformed': error('the task ends at the first heartbeat record'),
  'no-offset-partition-name': error('another host list silently starts a new stream'),
  'literal-secret': error('a password is exposed: the worker shows its configs to anyone who asks'),
  'event-topic-compacted': error('all events of a subject but the last are lost'),
  'snapshot-topic-not-compacted': error(
    'old snapshots leave the topic, or the topic keeps every version of each snapshot',
  ),
  'partitions-changed': error(
    'the order of events is lost: later events of a subject go to another partition than its earlier events',
  ),
  'wrong-topic': error('events land in a topic that nobody reads'),
  'not-json': error('the connector uses another filter or another key than intended'),
  'unknown-topic-setting': error('a setting of the topic is in the file and has no effect'),
  'topic-creation-differs': error(
    'if the worker has to create a topic again, the new topic differs from the old topic',
  ),
  'unknown-key': error('a setting is in the file and has no effect, because its name is misspelt'),
  'config-refused': error('the connector does not start'),
  'plugin-missing': error('the connector does not start'),
  'owned-by-another': error("somebody else's connector is overwritten"),
  'name-twice': error('the connector gets another name than its file'),
  'event-topic-forgets': warning('old events leave the topic, and a new service cannot read them there'),
  'codec-foreign': warning('consumers of other teams may not be able to read the topic'),
  'setting-in-doubt': warning('a setting may change records in a way that nobody has checked'),
  'starts-late': warning('events that are older than the connector are never sent'),
  'slow-poll': warning('an event waits up to five seconds for the next poll'),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof rules;

/** What a rule says about a key of a connector, before the file and its lines are known. */
export interface Broken {
  readonly rule: RuleName;
  readonly path: JsonPath;
  readonly detail: string;
}

export interface Finding {
  readonly file: string;
  readonly line: number;
  /** Dotted path of the key; empty for the whole file. */
  readonly key: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly detail: string;
}

/** What a finding needs to know of a file. */
export interface Located {
  readonly file: string;
  readonly lineOf: (path: JsonPath) => number;
}

export function findingAt({ file, lineOf }: Located, { rule, path, detail }: Broken): Finding {
  // A value may stand where a key was expected, and a detail may repeat either.
  const key = maskUris(path.join('.'));
  return { file, line: lineOf(path), key, rule, severity: rules[rule].severity, detail: maskUris(detail) };
}

export function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

const placeOf = ({ file, key }: Finding) => JSON.stringify([file, key]);

/** One line as compilers write it, so that editors and people find the place. */
export function renderFinding({ file, line, key, rule, severity, detail }: Finding): string {
  return `${file}:${line}: ${severity}: ${key === '' ? '' : `${key}: `}${detail} [${rule}]`;
}

/** By file in the order given, inside a file by line. A key of which another rule speaks is not asked about as well. */
export function inOrder(all: readonly Finding[]): Finding[] {
  const told = new Set(all.filter(({ rule }) => rule !== 'setting-in-doubt').map(placeOf));
  const findings = all.filter((one) => one.rule !== 'setting-in-doubt' || !told.has(placeOf(one)));
  const files = [...new Set(findings.map(({ file }) => file))];
  return [...findings].sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line);
}

export type FileRule = (spec: ConnectorShape) => Broken[];

/** A rule that needs to know nothing of what is carried. */
export type AnyFileRule = (spec: Pick<ConnectorShape, 'config'>) => Broken[];

/** A rule of which a setting of the connector is broken. */
export const settingBroken = (rule: RuleName, key: string, detail: string): Broken => ({
  rule,
  path: ['config', key],
  detail,
});

/** What a rule found about one setting: nothing, or that. */
export const brokenIf = (isBroken: boolean, rule: RuleName, key: string, detail: string): Broken[] =>
  isBroken ? [settingBroken(rule, key, detail)] : [];

/** As `brokenIf`, of a setting of the topic. */
export const topicBrokenIf = (isBroken: boolean, rule: RuleName, key: string, detail: string): Broken[] =>
  isBroken ? [{ rule, path: ['topic', 'config', key], detail }] : [];
