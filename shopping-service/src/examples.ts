// The examples of the API description: one story, in which a test plays every step.

import { originExamples } from 'foldline';
import { type ApiExample, operationExamples } from 'foldline/fastify';
import { catalogueExamples } from './catalogue/examples.ts';
import { orderExamples } from './orders/examples.ts';
import { rebuildExamples } from './rebuild-examples.ts';

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
