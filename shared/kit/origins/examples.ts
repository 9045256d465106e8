// Examples of the routes of an origin, for the API description of any service with a store. They are played after the service's own.
import type { ApiExample } from '../../http/index.ts';

export interface OriginStory {
  readonly kind: string;
  /** An id that no subject of the kind has. */
  readonly unusedId: string;
  /** Whether the kind has a form by which others compare. */
  readonly digests?: boolean;
}

const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

export function originExamples(stories: readonly OriginStory[]): readonly ApiExample[] {
  return stories.flatMap(({ kind, unusedId, digests = false }) => {
    const newest = { subject: `${kind}-${unusedId}`, version: 1 };
    const examples: ApiExample[] = [
      {
        operation: `GET /origin/${kind}/newest`,
        name: 'The newest event',
        status: 200,
        answer: { newest, newestUnheld: newest, complete: true, held: [], moreHeld: false },
      },
      {
        operation: `GET /origin/${kind}/events`,
        name: 'A subject without events',
        query: { subject: `${kind}-${unusedId}` },
        status: 200,
        answer: { items: [], nextCursor: null },
      },
      {
        operation: `GET /origin/${kind}/figures`,
        name: 'How many are published',
        status: 200,
        answer: { subjects: 2, versions: 9 },
      },
    ];
    if (!digests) return examples;
    const buckets = [{ bucket: 0, documents: 2, digest }];
    return [
      ...examples,
      {
        operation: `GET /origin/${kind}/digests`,
        name: 'Digests of one bucket',
        query: { bits: '0' },
        status: 200,
        answer: { bits: 0, documents: 2, buckets },
      },
    ];
  });
}

/** Of the routes of generations, where the one model of a service is published and has one generation for good. */
export function publishedModelExamples(model: string, live: string): readonly ApiExample[] {
  const path = { model };
  const generation = { name: live, state: 'live', former: false, since: null, fill: null };
  return [
    {
      operation: 'GET /admin/models',
      name: 'All models',
      status: 200,
      answer: { models: [{ model, live, revision: 1, generations: [generation], sources: [], comparison: null }] },
    },
    ...['rebuild', 'compare', 'switch', 'rollback', 'discard'].map(
      (step): ApiExample => ({
        operation: `POST /admin/models/{model}/${step}`,
        name: 'The model is published from its collection',
        path,
        body: {},
        status: 409,
        problem: 'rebuild-refused',
      }),
    ),
  ];
}
