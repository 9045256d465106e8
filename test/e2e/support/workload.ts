// The work of the pipeline test: users that are renamed, re-mailed and deleted, addresses that change hands, items and orders
// that come before what they refer to, categories that are renamed and removed. Which comes when is chance, by a seed.
import { randomUUID } from 'node:crypto';
import type { SeededRandom } from 'foldline/testing';
import type { Client, Task } from './clients.ts';
import { shuffled, type WorldSize } from './world.ts';

interface Ids {
  /** Those of the second user of each pair: chosen by the client, so that others can refer to them. */
  readonly users: readonly string[];
  readonly categories: readonly string[];
  readonly items: readonly string[];
}

const idsOf = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** The tasks in the order in which they are to be taken, and how many at the end are the latecomers that others refer to. */
export function workloadOf(
  { users, categories, items, orders }: WorldSize,
  random: SeededRandom,
): { tasks: Task[]; latecomers: number } {
  // The last of each is never created: a placeholder that stays one.
  const ids: Ids = { users: idsOf(users / 2 + 1), categories: idsOf(categories + 1), items: idsOf(items + 1) };
  const pairs = Array.from({ length: users / 2 }, (_, i) => pairOfUsers(i, ids.users[i] as string));
  const early = Math.floor(categories / 2);
  const categoryTasks = Array.from({ length: categories }, (_, i) => categoryTask(i, ids.categories[i] as string));
  const itemTasks = Array.from({ length: items }, (_, i) => itemTask(i, ids, random));
  const orderTasks = Array.from({ length: orders }, (_, i) => orderTask(i, ids, random));
  const latePairs = Math.ceil(pairs.length / 10);
  const late = [...categoryTasks.slice(early), ...pairs.slice(0, latePairs)];
  const tasks = [...categoryTasks.slice(0, early), ...pairs.slice(latePairs), ...itemTasks, ...orderTasks];
  return { tasks: [...shuffled(tasks, random), ...shuffled(late, random)], latecomers: late.length };
}

/** Two users; in every fifth pair the second takes the address that the first gave up, and some are deleted. */
function pairOfUsers(i: number, secondId: string): Task {
  const address = (who: string) => `${who}-${i}@example.org`;
  return async (client) => {
    const first = { firstName: 'Ada', lastName: `Lovelace ${i}`, email: address('ada') };
    const { body } = await client('userService', 'POST', '/users', first);
    const [firstPath, secondPath] = [`/users/${body.id}`, `/users/${secondId}`];
    const second = { id: secondId, firstName: 'Grace', lastName: `Hopper ${i}`, email: address('Grace') };
    await client('userService', 'POST', '/users', second);
    await rename(client, firstPath, i);
    await client('userService', 'PATCH', secondPath, { firstName: `Grace B. ${i}` });
    await client('userService', 'PATCH', firstPath, { email: address('countess') });
    await client('userService', 'PATCH', secondPath, { email: i % 5 === 0 ? address('ADA') : address('admiral') });
    if (i % 6 !== 0) return;
    await client('userService', 'DELETE', secondPath);
    const freed = i % 5 === 0 ? address('ada') : address('admiral');
    if (i % 12 === 0) await client('userService', 'PATCH', firstPath, { email: freed });
  };
}

/** In turn: one event, two events of one request, two requests at once. */
async function rename(client: Client, path: string, i: number): Promise<void> {
  const [firstName, lastName] = [`Augusta ${i}`, `King ${i}`];
  if (i % 3 === 0) await client('userService', 'PATCH', path, { firstName });
  if (i % 3 === 1) await client('userService', 'PATCH', path, { firstName, lastName });
  if (i % 3 !== 2) return;
  await Promise.all([{ firstName }, { lastName }].map((body) => client('userService', 'PATCH', path, body)));
}

function categoryTask(i: number, id: string): Task {
  return async (client) => {
    await client('shoppingService', 'POST', '/categories', { id, title: `Category ${i}` });
    await client('shoppingService', 'PATCH', `/categories/${id}`, { title: `Shelf ${i}` });
    if (i % 7 === 3) await client('shoppingService', 'DELETE', `/categories/${id}`);
  };
}

function itemTask(i: number, { users, categories, items }: Ids, random: SeededRandom): Task {
  const id = items[i] as string;
  // The first one refers to what never comes.
  const categoryId = i === 0 ? (categories.at(-1) as string) : random.pick(categories);
  const sellerId = i === 0 ? (users.at(-1) as string) : random.pick(users);
  const others = categories.filter((one) => one !== categoryId);
  const target = random.pick(others);
  const price = random.below(10_000);
  const added = { id, title: `Item ${i}`, price, categoryId, sellerId };
  return async (client) => {
    const path = `/items/${id}`;
    await client('shoppingService', 'POST', '/items', added);
    if (i % 2 === 0) await client('shoppingService', 'PATCH', path, { title: `Thing ${i}`, price: price + 1 });
    if (i % 4 === 0) await client('shoppingService', 'PATCH', path, { categoryId: target });
    if (i % 4 === 1) await client('shoppingService', 'PATCH', path, { price: price + 2, categoryId: target });
    if (i % 10 === 0) await client('shoppingService', 'DELETE', path);
  };
}

function orderTask(i: number, { users, items }: Ids, random: SeededRandom): Task {
  const lines = Array.from({ length: 1 + random.below(3) }, (_, line) => ({
    itemId: i + line === 0 ? (items.at(-1) as string) : random.pick(items),
    quantity: 1 + random.below(9),
  }));
  const order = { customerId: random.pick(users), lines };
  return async (client) => {
    await client('shoppingService', 'POST', '/orders', order);
  };
}
