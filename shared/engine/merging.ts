// Identities that belong to one person: edges over untouched streams. Events of the absorbed subject say into whom it was merged and take
// the merge back. Nothing is rewritten or moved, so every merge can be undone.
import { groupBy } from './group-by.ts';
import { type Merging, mergingOf } from './projection.ts';

/** How many merges lead from an identity to its survivor at most; a stranger's circle ends there too. */
export const mergeDepthMax = 50;

export function withSurvivor<V extends Merging>(view: V, mergeId: string, survivorId: string): V {
  return { ...view, mergedInto: survivorId, mergeId };
}

export function withAbsorbed<V extends Merging>(view: V, mergeId: string, absorbedId: string): V {
  const others = (view.absorbed ?? []).filter((one) => one.mergeId !== mergeId);
  return { ...view, absorbed: [...others, { mergeId, absorbedId }] };
}

/** A retraction concerns the merge that it names, on either side, and no other. */
export function withoutMerge<V extends Merging>(view: V, mergeId: string): V {
  const { mergedInto, mergeId: current, absorbed, ...rest } = view;
  const left = (absorbed ?? []).filter((one) => one.mergeId !== mergeId);
  const edge = current === mergeId ? {} : { mergedInto, mergeId: current };
  return { ...rest, ...mergingOf({ ...edge, absorbed: left } as Merging) } as V;
}

/** An identity and what is known of it. */
export interface Identity {
  readonly id: string;
  readonly mergedInto: string | undefined;
  readonly mergeId: string | undefined;
}

/** The id that stands for `id` in the end. In a circle, which only events from outside can make, this is the smallest id. */
export function survivorOf(id: string, mergedInto: (id: string) => string | undefined): string {
  const path = [id];
  for (let at = mergedInto(id); at !== undefined; at = mergedInto(at)) {
    if (path.includes(at)) return path.slice(path.indexOf(at)).sort()[0] as string;
    path.push(at);
  }
  return path.at(-1) as string;
}

/**
 * The survivor and all identities that it stands for. Each identity is followed by those that were merged into it, in the order of
 * the merge ids, and each of those by its own. Ids of version 7 are in the order of time, so a survivor shows after a merge what
 * it showed before. The order is the same on every side, because only the absorbed identities decide it.
 */
export function inMergeOrder<T extends Identity>(survivorId: string, all: readonly T[]): T[] {
  const rank = ({ mergeId = '', id }: T) => `${mergeId} ${id}`;
  const latestFirst = [...all].sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
  const absorbedBy = groupBy(latestFirst, ({ mergedInto }) => mergedInto ?? '');
  const ordered: T[] = [];
  const seen = new Set<string>();
  const open = all.filter(({ id }) => id === survivorId);
  for (let next = open.pop(); next; next = open.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    ordered.push(next);
    open.push(...(absorbedBy.get(next.id) ?? []));
  }
  return ordered;
}

/**
 * One set of fields for several identities, in merge order: the first that has a value wins, an absent or empty one is a gap.
 * `alternatives` keeps every other value, each once.
 */
export function mergedFields<Field extends string>(
  fields: readonly Field[],
  inOrder: readonly Readonly<Partial<Record<Field, string>>>[],
): { readonly winners: Record<Field, string>; readonly alternatives: Partial<Record<Field, string[]>> } {
  const winners = {} as Record<Field, string>;
  const alternatives: Partial<Record<Field, string[]>> = {};
  for (const field of fields) {
    const [winner = '', ...others] = new Set(inOrder.map((one) => one[field] ?? '').filter((value) => value !== ''));
    winners[field] = winner;
    if (others.length > 0) alternatives[field] = others;
  }
  return { winners, alternatives };
}
