// Examples of the routes of identities and merges: somebody signed up twice, becomes one person, and two again.
import type { ApiExample } from 'foldline/fastify';

const ada = '0190f3c2-0000-7000-8000-00000000000a';
const augusta = '0190f3c2-0000-7000-8000-00000000000b';
const id = '0190f3c2-7a11-7c3e-8b52-0000000000d1';
const time = '2026-01-15T08:30:01.250Z';
const phone = { kind: 'phone', value: '+44 20 7946 0000' };
const known = { ...phone, userId: ada, survivorId: ada };
const pair = { survivorId: ada, absorbedId: augusta, reason: 'the same person' };
const merge = { id, ...pair, state: 'merged', version: 2 };
const again = { id: augusta, firstName: 'Augusta', lastName: 'King', email: 'augusta@example.org' };
const times = { createdAt: time, updatedAt: time };

export const identityExamples: readonly ApiExample[] = [
  {
    operation: 'POST /users/{id}/identities',
    name: 'A telephone',
    path: { id: ada },
    body: phone,
    status: 201,
    answer: known,
  },
  {
    operation: 'POST /users/{id}/identities',
    name: 'Known already',
    path: { id: ada },
    body: phone,
    status: 200,
    answer: known,
  },
  {
    operation: 'GET /identities/{kind}/{value}',
    name: 'Who has this telephone',
    path: phone,
    status: 200,
    answer: known,
  },
  {
    operation: 'POST /users',
    name: 'The same person once more',
    body: again,
    status: 201,
    answer: { ...again, version: 1, ...times, snapshot: { version: 0, replayedEvents: 1 } },
  },
  {
    operation: 'POST /identity-merges',
    name: 'What would become of them',
    query: { dryRun: 'true' },
    body: pair,
    status: 200,
    answer: {
      survivorId: ada,
      absorbedId: augusta,
      members: [ada, augusta],
      events: { survivor: 3, absorbed: 1 },
      conflicts: [
        { field: 'firstName', winner: 'Ada', loser: 'Augusta' },
        { field: 'lastName', winner: 'Lovelace', loser: 'King' },
        { field: 'email', winner: 'ada@example.org', loser: 'augusta@example.org' },
      ],
    },
  },
  {
    operation: 'POST /identity-merges',
    name: 'Two users are one person',
    body: pair,
    status: 201,
    answer: merge,
  },
  {
    operation: 'POST /identity-merges',
    name: 'They are one already',
    body: pair,
    status: 409,
    problem: 'already-merged',
  },
  { operation: 'GET /identity-merges/{id}', name: 'One merge', path: { id }, status: 200, answer: merge },
  {
    operation: 'GET /identity-merges',
    name: 'The first page',
    query: { limit: '50' },
    status: 200,
    answer: { items: [merge], nextCursor: null },
  },
  {
    operation: 'GET /users/{id}',
    name: 'A user who was merged into another',
    path: { id: augusta },
    status: 200,
    answer: {
      id: ada,
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@example.org',
      version: 4,
      ...times,
      snapshot: { version: 4, replayedEvents: 0 },
      versions: { [`user-${ada}`]: 4, [`user-${augusta}`]: 2 },
      alternatives: { firstName: ['Augusta'], lastName: ['King'], email: ['augusta@example.org'] },
    },
  },
  {
    operation: 'PATCH /users/{id}',
    name: 'A user who was merged into another',
    path: { id: augusta },
    body: { lastName: 'Byron' },
    status: 409,
    problem: 'identity-absorbed',
  },
  { operation: 'DELETE /identity-merges/{id}', name: 'Two persons after all', path: { id }, status: 204 },
  {
    operation: 'DELETE /users/{id}',
    name: 'In whichever version',
    path: { id: augusta },
    headers: { 'If-Match': '*' },
    status: 204,
  },
  {
    operation: 'GET /users/{id}',
    name: 'A user who was deleted',
    path: { id: augusta },
    status: 410,
    problem: 'deleted',
  },
];
