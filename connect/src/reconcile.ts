// What must change so that the worker and the broker hold what the files say. Pure: state in, changes out, nothing done.
import type { ConnectorFile, TopicSpec } from './connector-file.ts';
import type { ActualTopic } from './topics.ts';

/** `refill`: the connector begins anew, since its topic is new. */
export type Action = 'create' | 'alter' | 'delete' | 'refill' | 'none';

export interface KeyChange {
  readonly key: string;
  /** null: not there. */
  readonly from: string | null;
  readonly to: string | null;
}

export interface Change {
  readonly kind: 'topic' | 'connector';
  readonly name: string;
  readonly action: Action;
  /** Sorted by key; empty for `none`, `delete` and `refill`. */
  readonly keys: readonly KeyChange[];
}

export interface ActualState {
  /** The connectors' own topics. */
  readonly topics: ReadonlyMap<string, ActualTopic>;
  /** Every topic that is needed and there. */
  readonly existingTopics: ReadonlySet<string>;
  readonly configs: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

type Pairs = Readonly<Record<string, string>>;

/** The keys that differ. With `onlyWanted`, keys that `wanted` does not name are left as they are. */
export function differences(actual: Pairs, wanted: Pairs, onlyWanted = false): KeyChange[] {
  const keys = new Set([...Object.keys(wanted), ...(onlyWanted ? [] : Object.keys(actual))]);
  return [...keys]
    .filter((key) => actual[key] !== wanted[key])
    .sort()
    .map((key) => ({ key, from: actual[key] ?? null, to: wanted[key] ?? null }));
}

/** What the worker keeps as the connector's config: the file's, and its name. */
export function wantedConfig({ name, config }: ConnectorFile): Pairs {
  return { ...config, name };
}

export function reconcileConnector(file: ConnectorFile, actual: Pairs | undefined): Change {
  const keys = differences(actual ?? {}, wantedConfig(file));
  const action = actual === undefined ? 'create' : keys.length > 0 ? 'alter' : 'none';
  return { kind: 'connector', name: file.name, action, keys };
}

/** Partitions are never changed: a rule refuses another number before anything is done. */
export function reconcileTopic(spec: TopicSpec, actual: ActualTopic | undefined): Change {
  const base = { kind: 'topic', name: spec.name } as const;
  if (actual === undefined) {
    const partitions = { key: 'partitions', from: null, to: String(spec.partitions) };
    const keys = [...differences({}, spec.config), partitions];
    return { ...base, action: 'create', keys: keys.sort((a, b) => (a.key < b.key ? -1 : 1)) };
  }
  const keys = differences(actual.config, spec.config, true);
  return { ...base, action: keys.length > 0 ? 'alter' : 'none', keys };
}

/** A support topic is made where it is missing. One that is there may be somebody else's too, and stays as it is. */
export function reconcileSupport(spec: TopicSpec, existing: ReadonlySet<string>): Change {
  if (!existing.has(spec.name)) return reconcileTopic(spec, undefined);
  return { kind: 'topic', name: spec.name, action: 'none', keys: [] };
}

export interface Wanted {
  readonly files: readonly ConnectorFile[];
  readonly support: readonly TopicSpec[];
}

export interface Besides {
  readonly toDelete?: readonly string[];
  readonly toRefill?: readonly string[];
}

/** All changes, topics first: each is needed before the connector that fills it. What is to be taken off comes last. */
export function reconcile(
  { files, support }: Wanted,
  actual: ActualState,
  { toDelete = [], toRefill = [] }: Besides = {},
): Change[] {
  const named =
    (action: 'delete' | 'refill') =>
    (name: string): Change => ({ kind: 'connector', name, action, keys: [] });
  return [
    ...files.map(({ topic }) => reconcileTopic(topic, actual.topics.get(topic.name))),
    ...support.map((spec) => reconcileSupport(spec, actual.existingTopics)),
    ...files.map((file) => reconcileConnector(file, actual.configs.get(file.name))),
    ...toRefill.map(named('refill')),
    ...toDelete.map(named('delete')),
  ];
}

export function isPending({ action }: Change): boolean {
  return action !== 'none';
}
