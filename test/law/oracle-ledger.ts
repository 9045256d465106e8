// The ledger by the oracle's own words: what a document holds is read off its payload, and since when by looking back through
// all that it held before. Nothing is carried from event to event, which is how the engine does it.
import type { StoredEvent } from 'foldline/engine';
import { textOf } from './canonical-text.ts';

interface Holding {
  readonly field: string;
  readonly target: string;
}

/** A reference as the document shows it. */
export interface Since extends Holding {
  readonly since: Date;
  readonly sinceVersion: number;
}

export interface Entry extends Since {
  readonly referrer: string;
  /** Of the target's document; undefined when there is none, or a placeholder. */
  readonly targetState: string | undefined;
}

/** What a document of this subject holds in this state, each once, in order. */
export function heldBy(subject: string, state: string, data: Readonly<Record<string, unknown>>): Holding[] {
  if (state === 'removed') return [];
  const all: [field: string, kind: string, id: unknown][] = [];
  if (subject.startsWith('item-'))
    all.push(['categoryId', 'category', data.categoryId], ['sellerId', 'user', data.sellerId]);
  if (subject.startsWith('order-')) {
    all.push(['customerId', 'user', data.customerId]);
    for (const itemId of (data.lines as { itemId: string }[]).map((line) => line.itemId).sort())
      all.push(['lines.itemId', 'item', itemId]);
  }
  const known = all.filter(([, , id]) => id !== '');
  return known
    .map(([field, kind, id]) => ({ field, target: `${kind}-${id}` }))
    .filter(({ target }, i, list) => list.findIndex((one) => one.target === target) === i);
}

/** @param held what the subject held after each of its events */
export function sinceWhen(held: readonly (readonly Holding[])[], events: readonly StoredEvent[]): Since[][] {
  const holds = (i: number, { field, target }: Holding) =>
    held[i]?.some((one) => one.field === field && one.target === target) ?? false;
  return held.map((holdings, last) =>
    holdings.map((holding) => {
      let first = last;
      while (holds(first - 1, holding)) first -= 1;
      const { time, version } = events[first] as StoredEvent;
      return { ...holding, since: time, sinceVersion: version };
    }),
  );
}

/** Nothing here is `overdue`: that is a question of the reader's clock. */
export function ledgerText(entries: readonly Entry[]): string {
  const stateOf = (targetState = 'notYetAvailable') =>
    targetState === 'removed' ? 'removed' : targetState === 'notYetAvailable' ? 'pending' : 'resolved';
  return entries
    .map(({ referrer, field, target, since, sinceVersion, targetState }) =>
      textOf({ referrer, field, target, since, sinceVersion, state: stateOf(targetState) }),
    )
    .sort()
    .join('\n    ');
}
