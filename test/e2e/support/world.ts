// Random lives of users, categories, items and orders as events, with every type that the contract knows, and with what only
// strangers write: news of what was removed, and creations of it again. Nothing here asks a service; the seed decides everything.
import type { SeededRandom } from 'foldline/testing';

export interface WorldEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: '/script';
  readonly type: string;
  readonly subject: string;
  readonly version: number;
  readonly time: Date;
  readonly data: object;
}

/** The events of one subject in order. */
export type Life = readonly WorldEvent[];

export interface WorldSize {
  readonly users: number;
  readonly categories: number;
  readonly items: number;
  readonly orders: number;
}

interface Step {
  readonly type: string;
  readonly data: object;
}

const stepsMax = 5;
const beginningMs = Date.UTC(2026, 0, 1);

export function worldOf({ users, categories, items, orders }: WorldSize, random: SeededRandom): Life[] {
  const idsOf = (count: number) => Array.from({ length: count }, () => uuidOf(random));
  const ids = { users: idsOf(users), categories: idsOf(categories), items: idsOf(items), orders: idsOf(orders) };
  // One more of each is referred to and never comes: a placeholder that stays one.
  const [seller, category, item] = [
    [...ids.users, uuidOf(random)],
    [...ids.categories, uuidOf(random)],
    [...ids.items],
  ];
  item.push(uuidOf(random));
  const user = () => userSteps(uuidOf(random), random);
  const shelf = () => categorySteps(random);
  const thing = () => itemSteps(category, seller, random);
  const order = () => [orderStep(seller, item, random)];
  return [
    ...ids.users.map((id) => lifeOf(`user-${id}`, user(), random)),
    ...ids.categories.map((id) => lifeOf(`category-${id}`, shelf(), random)),
    ...ids.items.map((id) => lifeOf(`item-${id}`, thing(), random)),
    ...ids.orders.map((id) => lifeOf(`order-${id}`, order(), random)),
  ];
}

/** All events of the lives, mixed at random; each life keeps its order. */
export function interleaved<E>(lives: readonly (readonly E[])[], random: SeededRandom): E[] {
  // One ticket for each event: long lives are drawn more often, so that they last until the end.
  const tickets = shuffled(
    lives.flatMap((life, i) => life.map(() => i)),
    random,
  );
  const taken = lives.map(() => 0);
  return tickets.map((i) => {
    const n = taken[i] as number;
    taken[i] = n + 1;
    return lives[i]?.[n] as E;
  });
}

/** Fisher and Yates. */
export function shuffled<T>(given: readonly T[], random: SeededRandom): T[] {
  const list = [...given];
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

function lifeOf(subject: string, steps: readonly Step[], random: SeededRandom): Life {
  let timeMs = beginningMs + random.below(1_000_000);
  return steps.map(({ type, data }, i) => {
    timeMs += random.below(5000);
    const envelope = { specversion: '1.0', id: uuidOf(random), source: '/script' } as const;
    return { ...envelope, type, subject, version: i + 1, time: new Date(timeMs), data };
  });
}

function userSteps(address: string, random: SeededRandom): Step[] {
  const email = () => `${address}-${random.below(1000)}@example.org`;
  const created = (): Step =>
    random.below(2) === 0
      ? { type: 'userCreated_v1', data: { name: ` Ada  King ${word(random)} `, email: email() } }
      : { type: 'userCreated_v2', data: { firstName: 'Grace', lastName: word(random), email: email() } };
  const change = (): Step =>
    random.pick([
      { type: 'userFirstNameChanged_v1', data: { firstName: word(random) } },
      { type: 'userLastNameChanged_v1', data: { lastName: word(random) } },
      { type: 'userEmailChanged_v1', data: { email: email() } },
    ]);
  return existence(created, change, 'userDeleted_v1', random);
}

function categorySteps(random: SeededRandom): Step[] {
  const title = () => ({ title: word(random) });
  const created = () => ({ type: 'categoryCreated_v1', data: title() });
  const change = () => ({ type: 'categoryTitleChanged_v1', data: title() });
  return existence(created, change, 'categoryRemoved_v1', random);
}

function itemSteps(categories: readonly string[], sellers: readonly string[], random: SeededRandom): Step[] {
  const place = () => ({ categoryId: random.pick(categories) });
  const about = () => ({ title: word(random), price: random.below(10_000) });
  const created = () => ({ type: 'itemAdded_v1', data: { ...about(), ...place(), sellerId: random.pick(sellers) } });
  const change = (): Step =>
    random.pick([
      { type: 'itemTitleChanged_v1', data: { title: word(random) } },
      { type: 'itemPriceChanged_v1', data: { price: random.below(10_000) } },
      { type: 'itemMovedToCategory_v1', data: place() },
    ]);
  return existence(created, change, 'itemRemoved_v1', random);
}

function orderStep(customers: readonly string[], items: readonly string[], random: SeededRandom): Step {
  // Three draws: now and then the same item twice.
  const lines = Array.from({ length: 1 + random.below(3) }, () => ({
    itemId: random.pick(items),
    quantity: 1 + random.below(9),
  }));
  return { type: 'orderPlaced_v1', data: { customerId: random.pick(customers), lines } };
}

/** Creation, changes; in a third of the lives the end, after which late news may come, or somebody creates it anew. */
function existence(created: () => Step, change: () => Step, ended: string, random: SeededRandom): Step[] {
  const changes = () => Array.from({ length: random.below(stepsMax + 1) }, change);
  const steps = [created(), ...changes()];
  if (random.below(3) > 0) return steps;
  steps.push({ type: ended, data: {} });
  if (random.below(2) === 0) steps.push(change());
  return random.below(3) === 0 ? [...steps, created(), ...changes()] : steps;
}

function word(random: SeededRandom): string {
  return `${random.pick(['Tea', 'Ærø', 'Zoë', '日本', 'Lovelace', "O'Brien"])} ${random.below(1000)}`;
}

/** Of version 4 in its form; its bits are the seed's. */
function uuidOf(random: SeededRandom): string {
  const hex = (digits: number) => Array.from({ length: digits }, () => random.below(16).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
}
