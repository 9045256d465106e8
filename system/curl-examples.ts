// The commands that `npm start` prints: they work as printed, in this order, and again after another start.
import { randomUUID } from 'node:crypto';
import type { Example } from './foreground.ts';

interface ExampleOptions {
  /** Whether the services ask for one: the reader puts it into TOKEN, and no line shows it. */
  readonly withToken: boolean;
  /** Makes the ids of this print, so that each start's examples are new. */
  readonly uuid?: () => string;
}

export function curlExamples(
  userService: string,
  shoppingService: string,
  { withToken, uuid = randomUUID }: ExampleOptions,
): Example[] {
  const [user, seller, category, item] = [uuid(), uuid(), uuid(), uuid()];
  const curl = withToken ? 'curl -s -H "Authorization: Bearer $TOKEN"' : 'curl -s';
  const wait = `-H 'Prefer: wait=10'`;
  const post = (url: string, body: object) =>
    `${curl} -X POST '${url}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  return [
    ...(withToken ? [{ says: 'Type in a token of API_TOKENS that may write', command: 'read -rs TOKEN' }] : []),
    {
      says: 'Create a user',
      command: post(`${userService}/users`, {
        id: user,
        firstName: 'Ada',
        lastName: 'Lovelace',
        email: `ada-${user.slice(0, 8)}@example.org`,
      }),
    },
    {
      says: 'Read the user: the snapshot, and the later events folded on top',
      command: `${curl} '${userService}/users/${user}'`,
    },
    {
      says: 'Read the snapshot alone: fast, and possibly stale',
      command: `${curl} '${userService}/users/${user}?replay=false&minVersion=1' ${wait}`,
    },
    {
      says: 'Read the copy in the shop; the request waits until the copy has arrived',
      command: `${curl} '${shoppingService}/customers/${user}?minVersion=1' ${wait}`,
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
      says: 'Read the item: its references are placeholders',
      command: `${curl} '${shoppingService}/items/${item}?minVersion=1' ${wait}`,
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
      says: 'Wait until both have arrived in the shop',
      command: `${curl} '${shoppingService}/categories/${category}?minVersion=1' ${wait}; ${curl} '${shoppingService}/customers/${seller}?minVersion=1' ${wait}`,
    },
    { says: 'Read the item again: filled in', command: `${curl} '${shoppingService}/items/${item}'` },
  ];
}
