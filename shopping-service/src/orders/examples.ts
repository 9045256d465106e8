// Examples of the routes of customers, orders and references: somebody orders an item, and what is missing is asked for.
import type { ApiExample } from 'foldline/fastify';

const id = '0190f3c2-0000-7000-8000-00000000000e';
const customerId = '0190f3c2-0000-7000-8000-00000000000a';
const categoryId = '0190f3c2-0000-7000-8000-00000000000c';
const itemId = '0190f3c2-0000-7000-8000-00000000000d';
const missing = '0190f3c2-0000-7000-8000-0000000000cc';
const time = '2026-01-15T08:30:01.250Z';
const available = 'available';
const customer = {
  id: customerId,
  state: available,
  version: 1,
  firstName: 'Ada',
  lastName: 'Lovelace',
  email: 'ada@example.org',
};
const category = { id: categoryId, state: available, title: 'Analytical engines' };
const order = {
  id,
  state: available,
  version: 1,
  customer: { id: customerId, state: available, name: 'Ada Lovelace' },
  lines: [
    { quantity: 2, item: { id: itemId, state: available, title: 'Difference engine No. 2', category } },
    {
      quantity: 1,
      item: { id: missing, state: 'notYetAvailable', title: 'Not yet available', category: null },
    },
  ],
};
const pending = {
  referrer: `order-${id}`,
  field: 'lines.itemId',
  target: `item-${missing}`,
  since: time,
  sinceVersion: 1,
  state: 'pending',
};

const complete = (kind: string, of: string, namedBy: object) => ({
  id: of,
  subject: `${kind}-${of}`,
  state: available,
  version: 2,
  complete: true,
  summary: `${kind}-${of} is available at version 2, and complete: nothing that it refers to is missing.`,
  missing: [],
  removed: [],
  held: null,
  namedBy: [namedBy],
});

export const orderExamples: readonly ApiExample[] = [
  {
    operation: 'GET /customers/{id}',
    name: 'At version 1 or later',
    path: { id: customerId },
    query: { minVersion: '1' },
    headers: { Prefer: 'wait=1' },
    status: 200,
    answer: customer,
  },
  {
    operation: 'GET /customers',
    name: 'The first page',
    query: { limit: '50' },
    status: 200,
    answer: { items: [customer], nextCursor: null },
  },
  {
    operation: 'POST /orders',
    name: 'Two items, one of them not known yet',
    status: 201,
    answer: order,
    body: {
      id,
      customerId,
      lines: [
        { itemId, quantity: 2 },
        { itemId: missing, quantity: 1 },
      ],
    },
  },
  {
    operation: 'GET /orders/{id}',
    name: 'At version 1 or later',
    path: { id },
    query: { minVersion: '1' },
    headers: { Prefer: 'wait=1' },
    status: 200,
    answer: order,
  },
  {
    operation: 'GET /orders',
    name: 'Of one customer',
    query: { customerId, limit: '50' },
    status: 200,
    answer: { items: [order], nextCursor: null },
  },
  {
    operation: 'GET /references',
    name: 'What an order waits for',
    status: 200,
    query: { state: 'pending', referrer: `order-${id}` },
    answer: { items: [pending], nextCursor: null },
  },
  {
    operation: 'GET /orders/{id}/explain',
    name: 'What is missing',
    path: { id },
    status: 200,
    answer: {
      id,
      subject: `order-${id}`,
      state: available,
      version: 1,
      complete: false,
      summary: `order-${id} is available at version 1, but of what it refers to this is not known yet: lines.1.itemId.`,
      missing: [
        {
          path: 'lines.1.itemId',
          subject: `item-${missing}`,
          state: 'pending',
          since: time,
          sinceVersion: 1,
          text: `item-${missing} is not known yet; order-${id} has named it since ${time}. itemAdded_v1 of shopping-service, on catalog-events, would complete it.`,
          waitsFor: { types: ['itemAdded_v1'], topic: 'catalog-events', owner: 'shopping-service' },
          held: null,
        },
      ],
      removed: [],
      held: null,
      namedBy: [],
    },
  },
  {
    operation: 'GET /items/{id}/explain',
    name: 'Nothing is missing',
    path: { id: itemId },
    status: 200,
    answer: complete('item', itemId, { ...pending, target: `item-${itemId}`, state: 'resolved' }),
  },
  {
    operation: 'GET /categories/{id}/explain',
    name: 'Who refers to it',
    path: { id: categoryId },
    status: 200,
    answer: complete('category', categoryId, {
      referrer: `item-${itemId}`,
      field: 'categoryId',
      target: `category-${categoryId}`,
      since: time,
      sinceVersion: 1,
      state: 'resolved',
    }),
  },
  {
    operation: 'GET /customers/{id}/explain',
    name: 'Nobody heard of them',
    path: { id: missing },
    status: 404,
    problem: 'not-found',
  },
  {
    operation: 'POST /orders',
    name: 'Everything is known',
    body: { customerId, lines: [{ itemId, quantity: 1 }] },
    query: { strict: 'true' },
    status: 201,
  },
];
