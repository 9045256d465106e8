// A change to a topic that is there may have its broker delete records that the topic keeps now: a policy that compacts, or a shorter
// retention. Such changes are found here, so that `apply` refuses them before anything is changed, unless somebody says the word. Pure.
import type { Change } from './reconcile.ts';
import type { ActualTopic } from './topics.ts';

/** A topic of which the broker would delete records once the changes of `keys` were made. */
export interface TopicWouldDelete {
  readonly topic: string;
  readonly keys: readonly string[];
  /** Why, and what to do, in one sentence. */
  readonly reason: string;
}

type Settings = Readonly<Record<string, string>>;

/** @param lengths how many records ever came into each topic: an empty one loses nothing */
export function topicsThatWouldDelete(
  changes: readonly Change[],
  topics: ReadonlyMap<string, ActualTopic>,
  lengths: ReadonlyMap<string, number>,
): TopicWouldDelete[] {
  return changes.flatMap(({ kind, name, action, keys }): TopicWouldDelete[] => {
    const actual = topics.get(name);
    if (kind !== 'topic' || action !== 'alter' || actual === undefined || !lengths.get(name)) return [];
    const wanted = Object.fromEntries(keys.flatMap(({ key, to }) => (to === null ? [] : [[key, to]])));
    const deleting = deletingKeys(actual.config, { ...actual.config, ...wanted });
    if (deleting.length === 0) return [];
    const told = keys
      .filter(({ key }) => deleting.includes(key))
      .map(({ key, from, to }) => `${key} = ${to} (was ${from})`);
    const reason =
      `Topic ${name} holds records, and its file would have the broker delete some of them: ${told.join(', ')}. ` +
      'Write the value that the topic has into the file, or, where these records may go: npm run connect -- apply --delete-records';
    return [{ topic: name, keys: deleting, reason }];
  });
}

function deletingKeys(before: Settings, after: Settings): string[] {
  const compacts = has(after, 'compact') && !has(before, 'compact');
  const shrinks = ['retention.ms', 'retention.bytes'].filter((key) => limitOf(after, key) < limitOf(before, key));
  // A policy that begins to delete puts a retention in force that stays as it is.
  const starts = shrinks.length > 0 && !has(before, 'delete');
  return [...(compacts || starts ? ['cleanup.policy'] : []), ...shrinks];
}

function has(settings: Settings, policy: string): boolean {
  const policies = settings['cleanup.policy'] ?? 'delete';
  return policies.split(',').some((part) => part.trim() === policy);
}

/** Kafka writes -1 for no limit; a topic that only compacts has none in force. */
function limitOf(settings: Settings, key: string): number {
  const limit = Number(settings[key] ?? -1);
  return has(settings, 'delete') && limit >= 0 ? limit : Number.POSITIVE_INFINITY;
}
