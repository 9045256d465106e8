// Examples of the routes of users: somebody signs up, changes their name, and is read in every way.
import type { ApiExample } from 'foldline/fastify';

const id = '0190f3c2-0000-7000-8000-00000000000a';
const path = { id };
const time = '2026-01-15T08:30:01.250Z';
const ada = { id, firstName: 'Ada', lastName: 'King', email: 'ada@example.org' };
const times = { createdAt: time, updatedAt: time };
const signedUp = { ...ada, version: 1, ...times, snapshot: { version: 0, replayedEvents: 1 } };
const changed = { ...ada, lastName: 'Lovelace', version: 2, ...times, snapshot: { version: 2, replayedEvents: 0 } };

export const userExamples: readonly ApiExample[] = [
  {
    operation: 'POST /users',
    name: 'A new user',
    body: ada,
    status: 201,
    answer: signedUp,
    headers: { 'Idempotency-Key': '8e03978e-40d5-43dd-bc93-6894a57f9324', 'Correlation-Id': 'sign-up 4711' },
  },
  {
    operation: 'POST /users',
    name: 'The address is taken',
    status: 409,
    problem: 'email-taken',
    body: { firstName: 'Augusta', lastName: 'King', email: 'ADA@example.org' },
  },
  {
    operation: 'PATCH /users/{id}',
    name: 'Another last name',
    path,
    headers: { 'If-Match': '"1"' },
    body: { lastName: 'Lovelace' },
    status: 200,
    answer: changed,
  },
  {
    operation: 'PATCH /users/{id}',
    name: 'Meant for an earlier version',
    path,
    headers: { 'If-Match': '"1"' },
    body: { lastName: 'Byron' },
    status: 412,
    problem: 'if-match-failed',
  },
  { operation: 'GET /users/{id}', name: 'As of every event', path, status: 200, answer: changed },
  {
    operation: 'GET /users/{id}',
    name: 'The snapshot alone, at version 2 or later',
    path,
    status: 200,
    query: { replay: 'false', minVersion: '2' },
    headers: { Prefer: 'wait=1' },
    answer: changed,
  },
  {
    operation: 'GET /users/{id}',
    name: 'As it was at version 1',
    path,
    query: { atVersion: '1' },
    status: 200,
    answer: signedUp,
  },
  {
    operation: 'GET /users/{id}',
    name: 'Before the first event',
    path,
    query: { at: '2020-01-01T00:00:00Z' },
    status: 404,
    problem: 'not-found',
  },
  {
    operation: 'GET /users/{id}/events',
    name: 'After version 1',
    path,
    query: { afterVersion: '1' },
    status: 200,
    answer: {
      items: [
        {
          specversion: '1.0',
          id: '0190f3c2-6d5a-7b1e-9c4d-000000000002',
          source: '/user-service',
          type: 'userLastNameChanged_v1',
          subject: `user-${id}`,
          version: 2,
          time,
          correlationid: '0190f3c2-6d5a-7000-8000-0000000000c0',
          data: { lastName: 'Lovelace' },
        },
      ],
      nextCursor: null,
    },
  },
  {
    operation: 'GET /users',
    name: 'The first page',
    query: { limit: '50' },
    status: 200,
    answer: { items: [changed], nextCursor: null },
  },
  {
    operation: 'DELETE /users/{id}',
    name: 'A user who was never here',
    status: 404,
    problem: 'not-found',
    path: { id: '0190f3c2-0000-7000-8000-0000000000ff' },
  },
];
