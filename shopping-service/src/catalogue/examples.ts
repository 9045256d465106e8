// Examples of the routes of categories and items: a shelf is set up, an item is offered on it, and one is taken away again.
import type { ApiExample } from 'foldline/fastify';

const id = '0190f3c2-0000-7000-8000-00000000000c';
const path = { id };
const itemId = '0190f3c2-0000-7000-8000-00000000000d';
const sellerId = '0190f3c2-0000-7000-8000-00000000000a';
const nowhere = '0190f3c2-0000-7000-8000-0000000000ff';
const created = { id, state: 'available', version: 1, title: 'Engines' };
const category = { ...created, version: 2, title: 'Analytical engines' };
const offer = { id: itemId, title: 'Difference engine No. 2', price: 1_750_000, categoryId: id, sellerId };
const other = {
  id: '0190f3c2-0000-7000-8000-0000000000dd',
  title: 'A punched card',
  price: 2,
  categoryId: id,
  sellerId,
};
const available = 'available';
const joined = {
  category: { id, state: available, title: 'Analytical engines' },
  seller: { id: sellerId, state: available, name: 'Ada Lovelace' },
};
const { id: _id, categoryId: _categoryId, sellerId: _sellerId, ...shown } = offer;
const item = { id: itemId, state: available, version: 1, ...shown, ...joined };
const cheaper = { ...item, version: 2, price: 1_500_000 };
const waiting = { headers: { Prefer: 'wait=1' } };

export const catalogueExamples: readonly ApiExample[] = [
  {
    operation: 'POST /categories',
    name: 'A new category',
    body: { id, title: 'Engines' },
    status: 201,
    answer: created,
  },
  {
    operation: 'POST /categories',
    name: 'The id is in use',
    body: { id, title: 'Mills' },
    status: 409,
    problem: 'id-taken',
  },
  {
    operation: 'PATCH /categories/{id}',
    name: 'Another title',
    path,
    headers: { 'If-Match': '"1"' },
    body: { title: 'Analytical engines' },
    status: 200,
    answer: category,
  },
  {
    operation: 'GET /categories/{id}',
    name: 'At version 2 or later',
    path,
    query: { minVersion: '2' },
    ...waiting,
    status: 200,
    answer: category,
  },
  {
    operation: 'GET /categories/{id}',
    name: 'A version that is not reached',
    path,
    query: { minVersion: '9' },
    status: 503,
    problem: 'version-not-yet',
  },
  {
    operation: 'GET /categories',
    name: 'The first page',
    query: { limit: '50' },
    status: 200,
    answer: { items: [category], nextCursor: null },
  },
  {
    operation: 'POST /items',
    name: 'A new item',
    body: offer,
    status: 201,
    answer: item,
    headers: { 'Idempotency-Key': '5b0c0b0e-3d0e-4d54-9d0a-6a1c3b0f1a77' },
  },
  {
    operation: 'POST /items',
    name: 'Nothing unknown is accepted',
    query: { strict: 'true' },
    status: 422,
    body: { ...offer, id: nowhere, categoryId: nowhere },
    problem: 'reference-unknown',
  },
  {
    operation: 'PATCH /items/{id}',
    name: 'Another price',
    path: { id: itemId },
    body: { price: 1_500_000 },
    status: 200,
    answer: cheaper,
  },
  {
    operation: 'GET /items/{id}',
    name: 'At version 2 or later',
    path: { id: itemId },
    query: { minVersion: '2' },
    ...waiting,
    status: 200,
    answer: cheaper,
  },
  {
    operation: 'GET /items',
    name: 'Of one category',
    query: { categoryId: id, limit: '50' },
    status: 200,
    answer: { items: [cheaper], nextCursor: null },
  },
  {
    operation: 'POST /items',
    name: 'An item that is taken away again',
    body: other,
    status: 201,
    answer: { id: other.id, state: available, version: 1, title: other.title, price: 2, ...joined },
  },
  { operation: 'DELETE /items/{id}', name: 'Take an item away', path: { id: other.id }, status: 204 },
  {
    operation: 'PATCH /items/{id}',
    name: 'An item that was taken away',
    path: { id: other.id },
    body: { price: 3 },
    status: 410,
    problem: 'deleted',
  },
  {
    operation: 'DELETE /categories/{id}',
    name: 'Never heard of',
    path: { id: nowhere },
    status: 404,
    problem: 'not-found',
  },
];
