// A random world: what happened to a few users, categories, items and orders. Most lives are orderly, some are a stranger's:
// any event at any place, references to things that never come, event types nobody folds. Moves often lead back or nowhere.

import { type SeededRandom, testIds } from 'foldline/testing';
import type { Happening, World } from './lives.ts';
import { mergeInRow, weaveMerges } from './merges.ts';
import { type Kind, kinds } from './shop.ts';

type Draft = Pick<Happening, 'type' | 'data'>;
type Ids = Readonly<Record<Kind, readonly string[]>>;

const names = ['Ada King Lovelace', 'Ada Lovelace', ' Ada  Lovelace ', 'Grace\tB.\u00a0Hopper', 'Plato', ''];
const words = ['Tea', 'Books', 'Žluťoučký', '茶', 'a "quoted" one', ''];
const begins: Readonly<Record<Kind, readonly string[]>> = {
  user: ['userCreated_v1', 'userCreated_v2', 'userImported_v1'],
  category: ['categoryCreated_v1'],
  item: ['itemAdded_v1'],
  order: ['orderPlaced_v1'],
};
const changes: Readonly<Record<Kind, readonly string[]>> = {
  user: [
    'userFirstNameChanged_v1',
    'userLastNameChanged_v1',
    'userEmailChanged_v1',
    'userNicknamed_v1',
    'userIdentityAdded_v1',
    'activityRecorded_v1',
  ],
  category: ['categoryTitleChanged_v1', 'categoryTitleChanged_v1', 'categoryPinned_v2'],
  item: [
    'itemMovedToCategory_v1',
    'itemMovedToCategory_v1',
    'itemMovedToCategory_v1',
    'itemTitleChanged_v1',
    'itemPriceChanged_v1',
    'itemStarred_v1',
  ],
  order: ['orderPraised_v1'],
};
const ends: Readonly<Record<Kind, readonly string[]>> = {
  user: ['userDeleted_v1'],
  category: ['categoryRemoved_v1'],
  item: ['itemRemoved_v1'],
  order: [],
};
/** Edges that no service would write: half a merge, a merge with whoever, the end of one that never was. */
const strangeMerges = [testIds(4).next(), testIds(5).next()];
const strangeEdges = ['userAbsorbed_v1', 'userMerged_v1', 'mergeRetracted_v1'];
/** Changes between two removals, fewer than this. */
const most: Readonly<Record<Kind, number>> = { user: 4, category: 4, item: 7, order: 2 };

export function randomWorld(random: SeededRandom): World {
  const [subjectIds, eventIds] = [testIds(1), testIds(2)];
  const some = (most: number) => Array.from({ length: 1 + random.below(most) }, () => subjectIds.next());
  // The last id of each kind but the orders has no events: named by others, it stays a placeholder.
  const ids: Ids = { user: some(6), category: some(4), item: some(5), order: some(3) };
  const lives = kinds.flatMap((kind) =>
    ids[kind].map((id, i) => {
      const ghost = kind !== 'order' && i === ids[kind].length - 1;
      const types = ghost ? [] : typesOfLife(kind, random);
      const visited: string[] = [];
      const events = types.map((type) => ({
        id: eventIds.next(),
        ...draft(type, ids, visited, random),
        afterMs: random.below(3) * 500 + random.below(3),
      }));
      return { subject: `${kind}-${id}`, events };
    }),
  );
  const merged = weaveMerges(lives, eventIds, random);
  return random.below(3) === 0 ? mergeInRow(merged, eventIds, random) : merged;
}

function typesOfLife(kind: Kind, random: SeededRandom): string[] {
  const all = [...begins[kind], ...changes[kind], ...ends[kind], ...(kind === 'user' ? strangeEdges : [])];
  if (random.below(6) === 0) return Array.from({ length: random.below(6) }, () => random.pick(all));
  const types: string[] = [];
  for (let again = true; again; again = ends[kind].length > 0 && random.below(2) === 0) {
    types.push(random.pick(begins[kind]));
    for (let left = random.below(most[kind]); left > 0; left -= 1) types.push(random.pick(changes[kind]));
    if (random.below(3) > 0) break;
    types.push(...ends[kind]);
    // What comes behind the removal must not bring it back.
    if (random.below(4) === 0) types.push(random.pick(changes[kind]));
  }
  return types;
}

/** @param visited the categories that the life went through so far; added to here */
function draft(type: string, ids: Ids, visited: string[], random: SeededRandom): Draft {
  // Producers may add keys that no contract knows.
  const more = random.below(8) === 0 ? { note: 'unknown here' } : {};
  return { type, data: { ...payload(type, ids, visited, random), ...more } };
}

function payload(type: string, ids: Ids, visited: string[], random: SeededRandom): Record<string, unknown> {
  const word = () => random.pick(words);
  const email = `${random.pick(['ada', 'Grace'])}${random.below(9)}@example.org`;
  switch (type) {
    case 'userCreated_v1':
      return { name: random.pick(names), email };
    case 'userCreated_v2':
      return { firstName: word(), lastName: word(), email };
    case 'userImported_v1': {
      const given = Object.entries({ firstName: word(), lastName: word(), email });
      return Object.fromEntries(given.filter(() => random.below(2) === 0));
    }
    case 'userAbsorbed_v1':
      return { mergeId: random.pick(strangeMerges), survivorId: random.pick(ids.user), reason: 'strange' };
    case 'userMerged_v1':
      return { mergeId: random.pick(strangeMerges), absorbedId: random.pick(ids.user) };
    case 'mergeRetracted_v1':
      return { mergeId: random.pick(strangeMerges) };
    case 'userFirstNameChanged_v1':
      return { firstName: word() };
    case 'userLastNameChanged_v1':
      return { lastName: word() };
    case 'userEmailChanged_v1':
      return { email };
    case 'itemAdded_v1':
      return { ...item(), categoryId: nextCategory(), sellerId: random.pick(ids.user) };
    case 'itemMovedToCategory_v1':
      return { categoryId: nextCategory() };
    case 'itemPriceChanged_v1':
      return { price: random.below(10_000) };
    case 'orderPlaced_v1':
      return { customerId: random.pick(ids.user), lines: lines() };
    case 'categoryCreated_v1':
    case 'categoryTitleChanged_v1':
    case 'itemTitleChanged_v1':
      return { title: word() };
  }
  return {};

  function item() {
    return { title: word(), price: random.below(10_000) };
  }
  /** Where it is already, back to where it was, or anywhere. */
  function nextCategory(): string {
    const now = visited.at(-1);
    const before = visited.filter((one) => one !== now);
    const chance = random.below(4);
    const back = chance === 1 && before.length > 0;
    const next = chance === 0 && now ? now : random.pick(back ? before : ids.category);
    visited.push(next);
    return next;
  }
  function lines() {
    const first = random.pick(ids.item);
    return Array.from({ length: 1 + random.below(3) }, (_, i) => ({
      itemId: i === 0 || random.below(3) === 0 ? first : random.pick(ids.item),
      quantity: 1 + random.below(9),
    }));
  }
}
