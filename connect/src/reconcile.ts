// What must change so that the worker and the broker hold what the files say. Pure: state in, changes out, nothing done.
import type { ConnectorFile, TopicSpec } from './connector-file.ts';
import type { ActualTopic } from './topics.ts';

export type Action = 'create' | 'alter' | 'none' | 'refuse';

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
  /** Sorted by key; empty for `none`. */
  readonly keys: readonly KeyChange[];
  /** Why a change is refused. */
  readonly reason?: string;
}

export interface ActualState {
  readonly topics: ReadonlyMap<string, ActualTopic>;
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

/** A topic with another number of partitions is refused: a subject's later events would go to another partition than its earlier ones. */
export function reconcileTopic(spec: TopicSpec, actual: ActualTopic | undefined): Change {
  const base = { kind: 'topic', name: spec.name } as const;
  const partitions = String(spec.partitions);
  if (actual === undefined) {
    const keys = [...differences({}, spec.config), { key: 'partitions', from: null, to: partitions }];
    return { ...base, action: 'create', keys: keys.sort((a, b) => (a.key < b.key ? -1 : 1)) };
  }
  if (actual.partitions !== spec.partitions) {
    return {
      ...base,
      action: 'refuse',
      keys: [{ key: 'partitions', from: String(actual.partitions), to: partitions }],
      reason:
        `topic ${spec.name} has ${actual.partitions} partitions and the file says ${spec.partitions}: another number would send a subject's later events ` +
        `to another partition than its earlier ones. Write ${actual.partitions} into the file, or fill a topic of another name.`,
    };
  }
  const keys = differences(actual.config, spec.config, true);
  return { ...base, action: keys.length > 0 ? 'alter' : 'none', keys };
}

/** All changes, topics first: each is needed before the connector that fills it. */
export function reconcile(files: readonly ConnectorFile[], actual: ActualState): Change[] {
  return [
    ...files.map(({ topic }) => reconcileTopic(topic, actual.topics.get(topic.name))),
    ...files.map((file) => reconcileConnector(file, actual.configs.get(file.name))),
  ];
}

export function isPending({ action }: Change): boolean {
  return action === 'create' || action === 'alter';
}
