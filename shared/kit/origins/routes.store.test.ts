// Goal: the routes under /origin are there for each kind of a store, for those who may ask, and answer nothing that could be taken for
// something else: a cursor of another list, an unknown key and a number beyond its bounds are refused. And a copy that meets an owner
// without these routes says what to do. Method: a declared service with tokens on real MongoDB; a small server plays the older owner.
import { type AnswerBody, type Call, callerOf, eventOf, newSubject, readAllPages } from '../../testing/index.ts';
import { startJsonServer, uniqueDatabaseName } from '../../testing/workspace/index.ts';
import {
  type OpenedOrigins,
  openCopiedOrigins,
  type StartedOwner,
  startThingsOwner,
  thingEventsIn,
  thingForm,
} from '../testing/things-services.ts';

jest.setTimeout(60_000);

const database = uniqueDatabaseName('things');
const tokens = {
  reader: 'reader-0123456789abcdef0123456789ab',
  verifier: 'verifier-0123456789abcdef0123456789',
  admin: 'admin-0123456789abcdef0123456789abc',
};
const [one, two] = [newSubject('thing'), newSubject('thing')].sort() as [string, string];
const other = newSubject('thing-group');

let owner: StartedOwner;
let copies: OpenedOrigins;
let call: Call;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const ask = (path: string, token = tokens.verifier) => call(`GET ${path}`, undefined, bearer(token));

beforeAll(async () => {
  owner = await startThingsOwner(database, {
    API_TOKENS: `reader=${tokens.reader},verifier=${tokens.verifier}:verification,admin=${tokens.admin}:admin`,
  });
  call = callerOf(owner.app);
  copies = await openCopiedOrigins(uniqueDatabaseName('copies'), {
    OWNER_URL: owner.server.url,
    OWNER_TOKEN: tokens.verifier,
  });
  const named = (subject: string, version: number, name = `name ${version}`) => ({
    ...eventOf({ subject, version, type: 'thingNamed_v1', data: { name } }),
    claims: [`name:${subject}/${version}`],
  });
  const events = [
    named(one, 1),
    named(one, 2),
    named(one, 3),
    named(two, 1),
    named(two, 2, 'lo\uFFFDst'),
    named(other, 1),
    { ...named(newSubject('thing'), 1), id: 'none' },
  ];
  await thingEventsIn(copies.parts, database).insertMany(events, { bypassDocumentValidation: true });
});
afterAll(async () => {
  await owner.close();
  await copies.parts.client.db(database).dropDatabase();
  await copies.close();
});

test.each([
  ['newest', '', 'read'],
  ['events', '', 'read'],
  ['figures', '', 'read'],
  ['digests', '?bits=0', 'verification'],
])('GET /origin/thing/%s%s asks for the right %s', async (route, query, right) => {
  const path = `/origin/thing/${route}${query}`;
  expect((await call(`GET ${path}`)).status).toBe(401);
  const mayRead = right === 'read' ? 200 : 403;
  expect((await ask(path, tokens.reader)).status).toBe(mayRead);
  expect((await ask(path, tokens.verifier)).status).toBe(200);
  expect((await ask(path, tokens.admin)).status).toBe(200);
  const refused = await ask(`${path}${query ? '&' : '?'}colour=red`);
  expect([refused.status, refused.body.code]).toEqual([400, 'invalid-request']);
});

test('the newest event is that of the kind, and what is held is told', async () => {
  expect((await ask('/origin/thing-group/newest')).body).toMatchObject({
    newest: { subject: other, version: 1 },
    held: [],
    moreHeld: false,
  });
  await waitFor(async () => (await ask('/origin/thing/newest')).body.held as readonly unknown[], 1);
  const { body } = await ask('/origin/thing/newest');
  expect(body).toMatchObject({
    newest: { subject: two, version: 2 },
    newestUnheld: { subject: one, version: 3 },
    held: [{ key: two, seenVersion: 2 }],
    moreHeld: false,
  });
});

test('all events of a kind come page by page, without those of other kinds and what has no envelope', async () => {
  const pages = await readAllPages(
    (route, ...rest) => call(route, rest[0], bearer(tokens.reader)),
    'GET /origin/thing/events?limit=1',
  );
  const shown = pages.flat().map(({ subject, version }) => [subject, version]);
  expect(shown).toEqual([
    [one, 1],
    [one, 2],
    [one, 3],
    [two, 1],
    [two, 2],
  ]);
  const fields = new Set(pages.flat().flatMap((event) => Object.keys(event)));
  expect([...fields].sort()).toEqual(
    ['data', 'id', 'source', 'specversion', 'subject', 'time', 'type', 'unreadable', 'version'].sort(),
  );
  const lost = pages.flat().at(-1) as AnswerBody;
  expect([lost.data, String(lost.unreadable)]).toEqual([{}, expect.stringContaining('data.name holds U+FFFD')]);
});

test('the events of one subject, after a version, in pages', async () => {
  const read = async (query: string) => (await ask(`/origin/thing/events?subject=${one}${query}`)).body;
  const first = await read('&afterVersion=1&limit=1');
  expect(first.items.map(({ version }) => version)).toEqual([2]);
  expect((await read(`&limit=1&cursor=${first.nextCursor}`)).items.map(({ version }) => version)).toEqual([3]);
  expect(await ask(`/origin/thing/events?subject=${newSubject('thing')}`)).toMatchObject({
    status: 200,
    body: { items: [], nextCursor: null },
  });
});

describe('refused with 400', () => {
  const cursors: Record<string, string> = {};
  beforeAll(async () => {
    const cursorOf = async (path: string) => String((await ask(path)).body.nextCursor);
    cursors.one = await cursorOf(`/origin/thing/events?subject=${one}&limit=1`);
    cursors.all = await cursorOf('/origin/thing/events?limit=1');
  });
  test.each([
    ['one subject’s cursor for another subject', () => `subject=${two}&cursor=${cursors.one}`],
    ['one subject’s cursor for the list of all', () => `cursor=${cursors.one}`],
    ['the cursor of all for one subject', () => `subject=${one}&cursor=${cursors.all}`],
    ['no cursor at all', () => 'cursor=nonsense'],
    ['a limit of 0', () => 'limit=0'],
    ['a limit of 201', () => 'limit=201'],
    ['a limit that is no number', () => 'limit=many'],
    ['a version of several subjects', () => 'afterVersion=1'],
    ['a version that is no number', () => `subject=${one}&afterVersion=x`],
    ['a subject of another kind', () => `subject=${other}`],
    ['a subject that is none', () => 'subject=thing-1'],
  ])('%s', async (_, query) => {
    const { status, body } = await ask(`/origin/thing/events?${query()}`);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });
  test('the cursor of another kind', async () => {
    expect((await ask(`/origin/thing-group/events?cursor=${cursors.all}`)).status).toBe(400);
  });
  test.each(['', 'bits=17', 'bits=-1', 'bits=1&bucket=2', 'bits=1&bucket='])('digests?%s', async (query) => {
    expect((await ask(`/origin/thing/digests?${query}`)).status).toBe(400);
  });
});

test('a kind without a form has no digests, and a kind that nobody declared nothing', async () => {
  for (const path of ['/origin/thing-group/digests?bits=0', '/origin/box/newest', '/origin/box/events'])
    expect((await ask(path)).status).toBe(404);
  expect((await ask('/origin/thing-group/figures')).status).toBe(200);
});

test('an owner of the release before is told so, by every question', async () => {
  const older = await startJsonServer(() => undefined);
  const at = { OWNER_URL: older.url };
  const opened = await Promise.all(
    [undefined, thingForm].map((form) => openCopiedOrigins(uniqueDatabaseName('copies'), at, form)),
  );
  const wayOut = (asked: string) =>
    `things-owner at ${older.url}, the owner of things, answers 404 when asked ${asked}; run the version of this service there too.`;
  const scan = { signal: new AbortController().signal };
  try {
    for (const [i, { origins, models }] of opened.entries()) {
      const origin = origins.of(models.things);
      const { source } = origin.comparison(models.things.model.projection);
      await expect(origin.newest()).rejects.toThrow(wayOut('for the newest event of things'));
      await expect(origin.readNext(new Map([[one, 0]]), 10)).rejects.toThrow(wayOut(`for the events of ${one}`));
      const compared = i === 0 ? 'for all events of things' : 'for digests of things';
      await expect(source.digests(0, scan)).rejects.toThrow(wayOut(compared));
    }
  } finally {
    await Promise.all([...opened.map((one) => one.close()), older.close()]);
  }
});

/** Until a list has so many entries. */
async function waitFor(list: () => Promise<readonly unknown[]>, count: number): Promise<void> {
  const endMs = Date.now() + 10_000;
  while ((await list()).length < count) {
    if (Date.now() > endMs) throw new Error(`${JSON.stringify(await list())} did not get ${count} entries in 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
