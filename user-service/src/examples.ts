// The examples of the API description: one story, in which a test plays every step.

import { originExamples, publishedModelExamples } from 'foldline';
import { type ApiExample, operationExamples } from 'foldline/fastify';
import { identityExamples } from './identities/examples.ts';
import { userExamples } from './users/examples.ts';

const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

export const apiExamples: readonly ApiExample[] = [
  ...userExamples,
  ...identityExamples,
  ...operationExamples({
    subject: 'user-0190f3c2-0000-7000-8000-0000000000ee',
    place: 'user-events/0@17',
    projection: 'users',
    runs: 'users',
    sources: ['user-events'],
    type: 'userCreated_v9',
    model: 'users',
    models: { users: 'a fold of UserEvents' },
  }),
  {
    operation: 'GET /verification/users',
    name: 'Digests of one bucket',
    query: { bits: '0' },
    status: 200,
    answer: { bits: 0, documents: 2, buckets: [{ bucket: 0, documents: 2, digest }] },
  },
  // After the digests, which wait until the snapshots have every event.
  {
    operation: 'GET /figures/users',
    name: 'How many users are published',
    status: 200,
    answer: { subjects: 2, versions: 9 },
  },
  ...publishedModelExamples('users', 'Users'),
  ...originExamples([{ kind: 'user', unusedId: '0190f3c2-0000-7000-8000-0000000000ff', digests: true }]),
];
