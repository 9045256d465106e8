// What an item or an order refers to, and since when, as the oracle says it: by the words of the contract, sharing nothing with
// the engine. A field that names the same subject as before keeps its place in time; whoever was removed refers to nothing.
import type { Document } from 'mongodb';

/** One entry of `references` in a document of the shop. */
export interface HeldReference {
  readonly field: string;
  readonly target: string;
  readonly since: Date;
  readonly sinceVersion: number;
}

interface Happened {
  readonly subject: string;
  readonly version: number;
  readonly time: Date;
}

/** After an event that led to this state and payload; undefined for the kinds whose documents refer to nothing. */
export function heldAfter(
  before: readonly HeldReference[] | undefined,
  { subject, version, time }: Happened,
  state: string,
  data: Document,
): HeldReference[] | undefined {
  const named = namedIn(subject, data);
  if (named === undefined) return undefined;
  if (state === 'removed') return [];
  const held: HeldReference[] = [];
  for (const [field, target] of [...named].sort(byFieldAndTarget)) {
    if (held.some((one) => one.field === field && one.target === target)) continue;
    const earlier = before?.find((one) => one.field === field && one.target === target);
    held.push(earlier ?? { field, target, since: time, sinceVersion: version });
  }
  return held;
}

/** Field and subject of everything that the payload names, repeats included. */
function namedIn(subject: string, data: Document): [string, string][] | undefined {
  if (subject.startsWith('item-')) {
    return [
      ['categoryId', `category-${data.categoryId}`],
      ['sellerId', `user-${data.sellerId}`],
    ];
  }
  if (!subject.startsWith('order-')) return undefined;
  const lines: readonly { itemId: string }[] = data.lines;
  const items = lines.map(({ itemId }): [string, string] => ['lines.itemId', `item-${itemId}`]);
  return [['customerId', `user-${data.customerId}`], ...items];
}

function byFieldAndTarget(a: readonly string[], b: readonly string[]): number {
  return a.join(' ') < b.join(' ') ? -1 : 1;
}
