// The examples of the routes that every service has for operators. Their story begins with one subject that is held at an unreadable
// event, and with one held offset of a topic.
import type { ApiExample } from './openapi-examples.ts';

export interface OperationStory {
  /** Held before version 1. */
  readonly subject: string;
  /** Held too. */
  readonly place: string;
  readonly projection: string;
  /** What can be paused, and its sources. */
  readonly runs: string;
  readonly sources: readonly string[];
  /** The type that cannot be read. */
  readonly type: string;
  /** Is verified. */
  readonly model: string;
  /** All that can be verified, with what each is held against. */
  readonly models: Readonly<Record<string, string>>;
}

const time = '2026-01-15T08:30:01.250Z';
const id = '0190f3c2-7a11-7c3e-8b52-0000000000e1';
const figures = {
  scannedDocuments: 2,
  estimatedDocuments: 2,
  buckets: 2,
  differingBuckets: 0,
  comparedBuckets: 0,
  comparedDocuments: 0,
  moving: 0,
  ofOtherFolds: 0,
  repaired: 0,
  found: { missing: 0, extra: 0, behind: 0, ahead: 0, forked: 0, different: 0 },
};

export function operationExamples({
  subject,
  place,
  projection,
  runs,
  sources,
  type,
  model,
  models,
}: OperationStory): readonly ApiExample[] {
  const unknown = `${type} is a version that is not known here`;
  const cause = `version 1: ${unknown}`;
  const stopped = `it stopped before ${cause}`;
  const entry = { appliedVersion: 0, seenVersion: 1, since: time, attempts: 1 };
  const held = { key: subject, kind: 'subject', projection, reason: 'unknown-version', detail: cause, ...entry };
  const unreadable = { key: place, kind: 'place', projection: null, reason: 'unreadable', detail: 'no JSON object' };
  const heldPlace = { ...unreadable, appliedVersion: 0, seenVersion: 0, since: time, attempts: 1 };
  const verification = { id, model, repair: false, detail: '', startedAt: time, figures, findings: [] };
  const running = { ...verification, state: 'running', endedAt: null };
  const proved = { ...verification, state: 'equal', endedAt: time };
  const neverVerified = 'it was never verified since its database was made';
  const pause = { since: time, by: 'local', reason: 'maintenance' };
  const gap = { events: 0, isLeast: false };
  const firstPage = { name: 'The first page', query: { limit: '50' } };
  return [
    { operation: 'GET /', name: 'Where to begin', status: 200 },
    { operation: 'GET /livez', name: 'It answers', status: 200, answer: { status: 'live' } },
    { operation: 'GET /readyz', name: 'It does its work', status: 200, answer: { status: 'ready' } },
    {
      operation: 'GET /freshness',
      name: 'A model was not verified yet',
      status: 503,
      answer: { status: 'not-fresh' },
    },
    { operation: 'GET /metrics', name: 'All series', status: 200 },
    { operation: 'GET /asyncapi.json', name: 'The topics', status: 200 },
    { operation: 'GET /schemas', name: 'The names of all contracts', status: 200 },
    { operation: 'GET /schemas/{type}', name: 'One contract', path: { type: 'userCreated_v2' }, status: 200 },
    {
      operation: 'GET /schemas/{type}',
      name: 'A name that is none',
      path: { type: 'userPraised_v1' },
      status: 404,
      problem: 'not-found',
    },
    {
      operation: 'GET /admin/held',
      ...firstPage,
      status: 200,
      answer: { items: [held, heldPlace], nextCursor: null },
    },
    {
      operation: 'GET /admin/held/{key}',
      name: 'A subject with an event that cannot be read',
      path: { key: subject },
      status: 200,
      answer: {
        held,
        document: null,
        next: { document: null, events: 0, stop: { version: 1, reason: 'unknown-version', detail: unknown } },
        detail: `A retry would fold 0 events and stop at version 0, before ${cause}.`,
      },
    },
    {
      operation: 'POST /admin/held/{key}/retry',
      name: 'Nothing was repaired',
      path: { key: subject },
      status: 200,
      answer: { key: subject, outcome: 'held', detail: stopped, held },
    },
    { operation: 'DELETE /admin/held/{key}', name: 'A place in a topic', path: { key: place }, status: 204 },
    {
      operation: 'DELETE /admin/held/{key}',
      name: 'A subject stays',
      path: { key: subject },
      status: 400,
      problem: 'invalid-request',
    },
    {
      operation: 'POST /admin/held/retry',
      ...firstPage,
      status: 200,
      answer: { items: [{ key: subject, outcome: 'held', detail: stopped, held }], nextCursor: null, left: 0 },
    },
    {
      operation: 'POST /admin/verifications',
      name: 'Begin',
      body: { model, repair: false },
      status: 202,
      answer: running,
    },
    {
      operation: 'GET /admin/verifications/{id}',
      name: 'How far it is',
      path: { id },
      status: 200,
      answer: proved,
    },
    {
      operation: 'GET /admin/verifications',
      name: 'All models',
      status: 200,
      answer: {
        models: Object.entries(models).map(([name, source]) =>
          name === model
            ? { name, source, equalAt: time, doubt: null, last: proved }
            : { name, source, equalAt: null, doubt: { reason: neverVerified, since: time }, last: null },
        ),
      },
    },
    {
      operation: 'GET /admin/projections',
      name: 'All projections',
      status: 200,
      answer: {
        projections: [
          {
            name: runs,
            state: 'running',
            detail: '',
            pause: null,
            gap,
            lagMs: 0,
            eventsPerSecond: 0,
            held: 1,
            sources: sources.map((name) => ({ name, state: 'caught-up', detail: '', countedBy: 'documents', gap })),
            models: [{ name: model, collection: projection, equalAt: time, doubt: null, lastVerification: 'equal' }],
          },
        ],
      },
    },
    {
      operation: 'POST /admin/projections/{name}/pause',
      name: 'Stand still',
      path: { name: runs },
      status: 200,
      body: { reason: 'maintenance' },
      answer: { name: runs, isChanged: true, pause },
    },
    {
      operation: 'POST /admin/projections/{name}/resume',
      name: 'Go on',
      path: { name: runs },
      status: 200,
      answer: { name: runs, isChanged: true, pause: null },
    },
    {
      operation: 'POST /admin/projections/{name}/resume',
      name: 'It runs',
      path: { name: runs },
      status: 200,
      answer: { name: runs, isChanged: false, pause: null },
    },
  ];
}
