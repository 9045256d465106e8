// The commands that `npm start` prints: they work as printed, in this order, and again after another start.
import { randomUUID } from 'node:crypto';
import type { Example } from './foreground.ts';

/** @param uuid makes the ids of this print, so that each start's examples are new */
export function curlExamples(userService: string, shoppingService: string, uuid: () => string = randomUUID): Example[] {
  const [user, seller, category, item] = [uuid(), uuid(), uuid(), uuid()];
  const wait = `-H 'Prefer: wait=10'`;
  const post = (url: string, body: object) =>
    `curl -s -X POST '${url}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  return [
    {
      says: 'Create a user',
      command: post(`${userService}/users`, {
        id: user,
        firstName: 'Ada',
        lastName: 'Lovelace',
        email: `ada-${user.slice(0, 8)}@example.org`,
      }),
    },
    { says: 'Read it: snapshot plus later events', command: `curl -s '${userService}/users/${user}'` },
    {
      says: 'Read the snapshot alone: fast, and possibly stale',
      command: `curl -s '${userService}/users/${user}?replay=false&minVersion=1' ${wait}`,
    },
    {
      says: 'Read the copy in the shop, as soon as it has arrived',
      command: `curl -s '${shoppingService}/customers/${user}?minVersion=1' ${wait}`,
    },
    {
      says: 'Add an item whose category and seller do not exist yet',
      command: post(`${shoppingService}/items`, {
        id: item,
        title: 'Analytical engine',
        price: 120000,
        categoryId: category,
        sellerId: seller,
      }),
    },
    {
      says: 'Read it: the references are placeholders',
      command: `curl -s '${shoppingService}/items/${item}?minVersion=1' ${wait}`,
    },
    { says: 'Create the category', command: post(`${shoppingService}/categories`, { id: category, title: 'Engines' }) },
    {
      says: 'Create the seller',
      command: post(`${userService}/users`, {
        id: seller,
        firstName: 'Charles',
        lastName: 'Babbage',
        email: `charles-${seller.slice(0, 8)}@example.org`,
      }),
    },
    {
      says: 'Wait until the news of both has arrived in the shop',
      command: `curl -s '${shoppingService}/categories/${category}?minVersion=1' ${wait}; curl -s '${shoppingService}/customers/${seller}?minVersion=1' ${wait}`,
    },
    { says: 'Read the item again: filled in', command: `curl -s '${shoppingService}/items/${item}'` },
  ];
}
