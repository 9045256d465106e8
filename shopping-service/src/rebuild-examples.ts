// Examples of the routes of generations: what is not there cannot be compared or switched to; a new one is begun, and ended again.
import type { ApiExample } from 'foldline/fastify';

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
