// What must change so that the worker and the broker hold what the files say. Pure: state in, changes out, nothing done.

import type { Config } from './config-values.ts';
import { filesThatCarry, type PlainFile, type TopicSpec } from './connector-file.ts';
import type { ActualTopic } from './topics.ts';

/** `refill`: the connector begins anew, since its topic is new. */
type Action = 'create' | 'alter' | 'delete' | 'refill' | 'none';

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
  /** Sorted by key; empty for `none` and `delete`. */
  readonly keys: readonly KeyChange[];
}

interface ActualState {
  /** The connectors' own topics. */
  readonly topics: ReadonlyMap<string, ActualTopic>;
  /** Every topic that is needed and there. */
  readonly existingTopics: ReadonlySet<string>;
  readonly configs: ReadonlyMap<string, Config>;
}

/** The keys that differ. With `onlyWanted`, keys that `wanted` does not name are left as they are. */
export function differences(actual: Config, wanted: Config, onlyWanted = false): KeyChange[] {
  const keys = new Set([...Object.keys(wanted), ...(onlyWanted ? [] : Object.keys(actual))]);
  return [...keys]
    .filter((key) => actual[key] !== wanted[key])
    .sort()
    .map((key) => ({ key, from: actual[key] ?? null, to: wanted[key] ?? null }));
}

/** What the worker keeps as the connector's config: the file's, and its name. */
export function wantedConfig({ name, config }: PlainFile): Config {
  return { ...config, name };
}

/** @param toRefill whether it begins anew, which brings its config up to date as well */
export function reconcileConnector(file: PlainFile, actual: Config | undefined, toRefill = false): Change {
  const keys = differences(actual ?? {}, wantedConfig(file));
  const changed = keys.length > 0 ? 'alter' : 'none';
  const action = actual === undefined ? 'create' : toRefill ? 'refill' : changed;
  return { kind: 'connector', name: file.name, action, keys };
}

/** A setting that a topic has of its own and that its file does not name: somebody set it, or the file named it once. */
export interface UnnamedSetting {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  /** Whether it may be taken off. Without it the broker's own value is in force, which may delete records: such a one stays. */
  readonly resettable: boolean;
}

/** What decides how long records stay. */
const keepsRecords = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'delete.retention.ms'];

export function unnamedSettings({ name, config }: TopicSpec, actual: ActualTopic | undefined): UnnamedSetting[] {
  return differences(actual?.ownConfig ?? {}, config)
    .filter(({ to }) => to === null)
    .map(({ key, from }) => ({ topic: name, key, value: from ?? '', resettable: !keepsRecords.includes(key) }));
}

/**
 * Partitions are never changed: a rule refuses another number before anything is done.
 * @param reset whether what the file does not name is taken off the topic
 */
export function reconcileTopic(spec: TopicSpec, actual: ActualTopic | undefined, reset = false): Change {
  const base = { kind: 'topic', name: spec.name } as const;
  if (actual === undefined) {
    const partitions = { key: 'partitions', from: null, to: String(spec.partitions) };
    const keys = [...differences({}, spec.config), partitions];
    return { ...base, action: 'create', keys: keys.sort((a, b) => (a.key < b.key ? -1 : 1)) };
  }
  const unnamed = unnamedSettings(spec, actual).filter(({ resettable }) => reset && resettable);
  const taken = unnamed.map(({ key, value }): KeyChange => ({ key, from: value, to: null }));
  const keys = [...differences(actual.config, spec.config, true), ...taken].sort((a, b) => (a.key < b.key ? -1 : 1));
  return { ...base, action: keys.length > 0 ? 'alter' : 'none', keys };
}

/** A support topic is made where it is missing. One that is there may be somebody else's too, and stays as it is. */
function reconcileSupport(spec: TopicSpec, existing: ReadonlySet<string>): Change {
  if (!existing.has(spec.name)) return reconcileTopic(spec, undefined);
  return { kind: 'topic', name: spec.name, action: 'none', keys: [] };
}

export interface Wanted {
  readonly files: readonly PlainFile[];
  readonly support: readonly TopicSpec[];
}

interface Besides {
  readonly toDelete?: readonly string[];
  readonly toRefill?: readonly string[];
  /** Whether settings that no file names are taken off topics. */
  readonly resetTopicSettings?: boolean;
}

/** All changes, topics first: each is needed before the connector that fills it. What is to be taken off comes last. */
export function reconcile(
  { files, support }: Wanted,
  actual: ActualState,
  { toDelete = [], toRefill = [], resetTopicSettings = false }: Besides = {},
): Change[] {
  const deleted = (name: string): Change => ({ kind: 'connector', name, action: 'delete', keys: [] });
  return [
    ...filesThatCarry(files).map(({ topic }) =>
      reconcileTopic(topic, actual.topics.get(topic.name), resetTopicSettings),
    ),
    ...support.map((spec) => reconcileSupport(spec, actual.existingTopics)),
    ...files.map((file) => reconcileConnector(file, actual.configs.get(file.name), toRefill.includes(file.name))),
    ...toDelete.map(deleted),
  ];
}

export function isPending({ action }: Change): boolean {
  return action !== 'none';
}

/** A key that Connect passes on unread. */
export const ownerKey = 'foldline.owner';

export function ownerOf(config: Config): string | undefined {
  return config[ownerKey] || undefined;
}

/** The connectors of the worker that belong to an owner of these files and stand in none of them, by name. */
export function straysOf(
  files: readonly { readonly name: string; readonly config: Config }[],
  configs: ReadonlyMap<string, Config>,
): string[] {
  const owners = new Set(files.map(({ config }) => ownerOf(config)).filter((owner) => owner !== undefined));
  const names = new Set(files.map(({ name }) => name));
  return [...configs]
    .filter(([name, config]) => !names.has(name) && owners.has(ownerOf(config) ?? ''))
    .map(([name]) => name)
    .sort();
}
