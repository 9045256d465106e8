// Goal: nothing that a service answers to `admin`, names, details and documents that came by topics and databases, is obeyed by the
// terminal, or reads as a line of `admin`.
// Method: every verb against two small servers that play services and answer hostile text in every place where text may stand; text and JSON.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  hostileText as hostile,
  type JsonServer,
  keptOutput,
  obeyedIn,
  startJsonServer,
  startLocalServer,
} from '../testing/workspace/index.ts';
import { runCli } from './cli.ts';
import { noDataDir, twoServices } from './testing/two-services.ts';

const id = '018f0000-0000-7000-8000-000000000001';
const heldOf = (kind: string) => ({
  key: hostile,
  kind,
  projection: hostile,
  reason: hostile,
  detail: hostile,
  appliedVersion: 1,
  seenVersion: 3,
  since: hostile,
  attempts: 2,
});
const document = { _id: hostile, version: 1, state: hostile, data: { [hostile]: hostile } };
const retried = (outcome: string) => ({ key: hostile, outcome, detail: hostile, held: heldOf('subject') });
const pause = { since: hostile, by: hostile, reason: hostile };
const projection = {
  name: hostile,
  state: hostile,
  detail: hostile,
  pause,
  gap: null,
  lagMs: null,
  eventsPerSecond: 0,
  held: 0,
  sources: [],
  models: [1, 2].map(() => ({ name: hostile, collection: hostile, equalAt: hostile, lastVerification: 'failed' })),
};
const figures = {
  scannedDocuments: 1,
  estimatedDocuments: 1,
  buckets: 1,
  differingBuckets: 1,
  comparedBuckets: 1,
  comparedDocuments: 1,
  moving: 0,
  ofOtherFolds: 1,
  repaired: 0,
  found: { [hostile]: 3 },
};
const finding = { kind: hostile, subject: hostile, copyVersion: 1, sourceVersion: null, held: hostile, repair: null };
const verification = (state: string) => ({
  id,
  model: hostile,
  repair: false,
  startedAt: hostile,
  state,
  detail: hostile,
  figures,
  findings: [finding, { ...finding, repair: { outcome: 'left', detail: hostile } }],
});
const fill = { from: hostile, unit: hostile, done: 1, of: 1, aligned: 0, trouble: hostile };
const generations = ['live', 'following', 'backfilling'].map((state) => ({ name: hostile, state, former: true, fill }));
const comparison = {
  live: hostile,
  other: hostile,
  state: 'different',
  detail: hostile,
  startedAt: '2030-01-01T00:00:00.000Z',
  documents: 1,
  estimated: 1,
  moving: 0,
  found: { [hostile]: 1 },
  listed: [{ kind: hostile, subject: hostile, liveVersion: 1, otherVersion: null }],
};
const moved = { model: hostile, live: hostile, generations, stoodStillMs: 1 };
const model = { model: hostile, live: hostile, revision: 1, generations, sources: [hostile], comparison };

/** By method and path, the hostile name in it taken for `*`. */
const answers: Readonly<Record<string, object>> = {
  'GET /admin/held': { items: [heldOf('subject'), heldOf('place')], nextCursor: null },
  'GET /admin/held/*': {
    held: heldOf('subject'),
    document,
    next: { document, events: 1, stop: null },
    detail: hostile,
  },
  'POST /admin/held/*/retry': retried('held'),
  'POST /admin/held/retry': { items: [retried('held'), retried('place'), retried(hostile)], nextCursor: null, left: 0 },
  'DELETE /admin/held/*': {},
  'GET /admin/projections': { projections: [projection] },
  'POST /admin/projections/*/pause': { name: hostile, isChanged: false, pause },
  'POST /admin/projections/*/resume': { name: hostile, isChanged: true, pause: null },
  'GET /admin/verifications': { models: [{ name: hostile, source: hostile, equalAt: hostile, last: null }] },
  'GET /admin/models': { models: [model] },
};

let service: JsonServer;
/** One that has nothing of what the first has. */
let other: JsonServer;
let verified: object;
beforeEach(async () => {
  verified = verification('different');
  const empty = { models: [], projections: [], items: [], nextCursor: null };
  other = await startJsonServer((method, path) => (method === 'GET' && !path.includes('%') ? empty : undefined));
  service = await startJsonServer((method, path) => {
    const plain = `${method} ${path.replace(/\?.*$/, '').replaceAll(encodeURIComponent(hostile), '*')}`;
    if (method === 'POST' && path.startsWith('/admin/models/')) return path.endsWith('/compare') ? comparison : moved;
    return method === 'POST' && path === '/admin/verifications' ? verified : answers[plain];
  });
});
afterEach(() => Promise.all([service.close(), other.close()]));

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { output, said } = keptOutput();
  const around = { DATA_DIR: noDataDir, USER_SERVICE_URL: service.url, SHOPPING_SERVICE_URL: other.url, ...env };
  const code = await runCli([...args], { env: around, ...output, confirm: undefined }, twoServices);
  return { code, ...said() };
}

const lines: readonly (readonly [string, readonly string[]])[] = [
  ['status', ['status']],
  ['held list', ['held', 'list']],
  ['held show', ['held', 'show', hostile]],
  ['held retry', ['held', 'retry', hostile]],
  ['held retry-all', ['held', 'retry-all']],
  ['held dismiss', ['held', 'dismiss', hostile, '--yes']],
  ['verify', ['verify']],
  ['verify a model', ['verify', hostile]],
  ['pause', ['pause', hostile]],
  ['resume', ['resume', hostile]],
  ['rebuild status', ['rebuild', 'status']],
  ['rebuild start', ['rebuild', 'start', hostile]],
  ['rebuild compare', ['rebuild', 'compare', hostile]],
  ['rebuild switch', ['rebuild', 'switch', hostile]],
  ['rebuild discard', ['rebuild', 'discard', hostile, '--yes']],
  ['a model that no service has', ['verify', `${hostile}!`]],
  ['a verb that is typed', [hostile]],
  ['an option that is typed', ['held', 'list', `--${hostile}`]],
];

describe.each(lines)('%s', (_, args) => {
  test.each(['text', 'json'])('as %s', async (format) => {
    const { out, err } = await run(format === 'json' && args[0] !== hostile ? [...args, '-o', 'json'] : args);
    expect(obeyedIn(`${out}\n${err}`)).toEqual([]);
    expect(`${out}\n${err}`).toContain('a\\u001b[2J');
    if (format === 'json' && out !== '')
      expect(JSON.stringify(JSON.parse(out))).toContain(JSON.stringify(hostile).slice(1, -1));
  });
});

test.each([['failed'], ['equal'], ['repaired']])('a verification that ended %s', async (state) => {
  verified = verification(state);
  const { out, err } = await run(['verify', hostile]);
  expect(obeyedIn(`${out}\n${err}`)).toEqual([]);
  expect(`${out}${err}`).toContain('a\\u001b[2J');
});

test('a refusal, whose text the service chose', async () => {
  const refusing = await startLocalServer((_, response) => {
    response.statusCode = 409;
    response.end(JSON.stringify({ code: hostile, detail: hostile }));
  });
  const { code, err } = await run(['held', 'list'], { USER_SERVICE_URL: refusing.url });
  await refusing.close();
  expect(code).toBe(1);
  expect(obeyedIn(err)).toEqual([]);
  expect(err).toContain('\\u001b[2J');
});

test.each([
  ['a name', ['--service', hostile]],
  ['an address', ['--service', `mailing-service=${hostile}`]],
  ['a file that is not there', ['--services', hostile]],
])('--service and --services with %s', async (_, args) => {
  const { code, out, err } = await run(['status', ...args]);
  expect(code).not.toBe(0);
  expect(obeyedIn(`${out}\n${err}`)).toEqual([]);
  expect(err).toContain('\\u001b[2J');
});

test('a file that says where services listen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-admin-'));
  const file = join(folder, 'services.json');
  for (const text of [
    hostile,
    JSON.stringify({ [hostile]: { url: hostile } }),
    JSON.stringify({ a: { [hostile]: 1 } }),
  ]) {
    await writeFile(file, text);
    const { code, err } = await run(['status', '--services', file]);
    expect([code, obeyedIn(err)]).toEqual([1, []]);
  }
  await rm(folder, { recursive: true });
});

test('a setting that is no address', async () => {
  const { code, err } = await run(['status'], { USER_SERVICE_URL: hostile, ADMIN_TIMEOUT_MS: hostile });
  expect(code).toBe(1);
  expect(obeyedIn(err)).toEqual([]);
  expect(err).toContain('\\u001b[2J');
});
