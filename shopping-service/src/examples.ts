// The examples of the shop's pages: each request is carried out by a test.

import { originExamples } from 'foldline';
import { type ApiExample, operationExamples } from 'foldline/fastify';
import { catalogueExamples } from './catalogue/examples.ts';
import { orderExamples } from './orders/examples.ts';

const path = { model: 'categories' };
const time = '2026-01-15T08:30:01.250Z';
const live = { name: 'categories', state: 'live', former: false, since: null, fill: null };
const fill = { from: 'catalog-events', unit: 'events', done: 0, of: null, aligned: 0, trouble: null };
const filling = { name: 'categories_2', state: 'backfilling', former: false, since: time, fill };
const moved = { model: 'categories', live: 'categories', stoodStillMs: 12 };
const refused = (step: string): ApiExample => ({
  operation: `POST /admin/models/{model}/${step}`,
  name: 'There is no other generation',
  path,
  body: {},
  status: 409,
  problem: 'rebuild-refused',
});

export const rebuildExamples: readonly ApiExample[] = [
  {
    operation: 'GET /admin/models',
    name: 'All models',
    status: 200,
    answer: {
      models: [
        {
          model: 'categories',
          live: 'categories',
          revision: 0,
          generations: [live],
          sources: ['catalog-events'],
          comparison: null,
        },
      ],
    },
  },
  refused('compare'),
  refused('switch'),
  refused('rollback'),
  refused('discard'),
  {
    operation: 'POST /admin/models/{model}/rebuild',
    name: 'Begin a new one',
    path,
    body: {},
    status: 202,
    answer: { ...moved, generations: [live, filling] },
  },
  {
    operation: 'POST /admin/models/{model}/discard',
    name: 'End the one that is not live',
    path,
    body: {},
    status: 200,
    answer: { ...moved, generations: [live] },
  },
];

const unusedId = '0190f3c2-0000-7000-8000-0000000000ff';

export const apiExamples: readonly ApiExample[] = [
  ...catalogueExamples,
  ...orderExamples,
  ...operationExamples({
    subject: 'category-0190f3c2-0000-7000-8000-0000000000ee',
    place: 'user-events/0@17',
    projection: 'categories',
    runs: 'shop',
    sources: ['user-events', 'catalog-events', 'order-events'],
    type: 'categoryCreated_v9',
    model: 'categories',
    models: {
      customers: 'user-service',
      categories: 'a fold of CatalogEvents',
      items: 'a fold of CatalogEvents',
      orders: 'a fold of OrderEvents',
    },
  }),
  ...rebuildExamples,
  ...originExamples(['category', 'item', 'order'].map((kind) => ({ kind, unusedId }))),
];
