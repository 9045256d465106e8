// Goal: an operator sees what is held, what a retry would make of it, and lets it go on after a fix; nothing else can be done to
// it. Method: a plain driver client plays the stranger and the one who repairs; the operator asks over HTTP.
import { type AnswerBody, readAllPages } from 'foldline/testing';
import { newEmail, type StartedUserService, startTestUserService } from './testing/started-user-service.ts';
import { insertAsStranger } from './testing/strangers-events.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService({
    API_TOKENS: 'shop=shop-token-0123456789abcdef0123456,ops=ops-token-0123456789abcdef0123456:admin',
  });
});
afterAll(() => service.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const ask = (route: string, token = 'ops-token-0123456789abcdef0123456') =>
  service.call(route, undefined, bearer(token));
const path = (key: string) => `/admin/held/${encodeURIComponent(key)}`;
const created = () => ({ type: 'userCreated_v2', data: { firstName: 'Ada', lastName: 'L', email: newEmail() } });
const renamed = (firstName: unknown) => ({ type: 'userFirstNameChanged_v1', data: { firstName } });
type Entry = AnswerBody & { readonly attempts: number };

async function entryOf(subject: string): Promise<Entry | undefined> {
  const { status, body } = await ask(`GET ${path(subject)}`);
  return status === 200 ? (body.held as Entry) : undefined;
}

async function untilHeld(subject: string, attempts = 1): Promise<Entry> {
  const endMs = Date.now() + 10_000;
  for (;;) {
    const entry = await entryOf(subject);
    if (entry && entry.attempts >= attempts) return entry;
    if (Date.now() > endMs) throw new Error(`${subject} is not held after ten seconds.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A user who is held before version 2 of three, and has a snapshot at version 1. */
async function heldUser(): Promise<string> {
  const id = crypto.randomUUID();
  await insertAsStranger(service.events, id, created(), renamed(5), renamed('Grace'));
  await untilHeld(`user-${id}`);
  return id;
}

const repair = (id: string) =>
  service.events.updateOne({ subject: `user-${id}`, version: 2 }, { $set: { 'data.firstName': 'Augusta' } });

const staleRead = (id: string) => ask(`GET /users/${id}?replay=false`);

// The hazard: a consumer waited for a snapshot of the newest event, which holds its subject and never comes to one.
test('readiness tells the newest event, and the newest that a snapshot can have', async () => {
  const other = crypto.randomUUID();
  await insertAsStranger(service.events, other, created());
  const id = await heldUser();
  const { body } = await ask('GET /readyz?verbose');
  const checks = body.checks as { name: string; data: unknown }[];
  expect(checks.find(({ name }) => name === 'user-events')?.data).toMatchObject({
    newest: { subject: `user-${id}`, version: 3 },
    newestUnheld: { subject: `user-${other}`, version: 1 },
  });
});

test('held, retried without a fix, shown as it would become, repaired, retried: released in order', async () => {
  const id = await heldUser();
  const subject = `user-${id}`;
  const { attempts } = await untilHeld(subject);
  const { body: refused } = await ask(`POST ${path(subject)}/retry`);
  expect(refused).toMatchObject({
    key: subject,
    outcome: 'held',
    held: { kind: 'subject', projection: 'users', reason: 'invalid-data', appliedVersion: 1, seenVersion: 3 },
  });
  // The feed may bring what is behind the broken event in a batch of its own, which counts as well.
  expect((refused.held as Entry).attempts).toBeGreaterThan(attempts);

  const { body: stopping } = await ask(`GET ${path(subject)}`);
  expect(stopping).toMatchObject({
    document: { _id: subject, version: 1, data: { firstName: 'Ada' } },
    next: { events: 0, document: { version: 1 }, stop: { version: 2, reason: 'invalid-data' } },
    detail: expect.stringContaining('stop at version 1, before version 2'),
  });
  await repair(id);
  const { body: going } = await ask(`GET ${path(subject)}`);
  expect(going).toMatchObject({
    next: { events: 2, document: { version: 3, data: { firstName: 'Grace' } }, stop: null },
    detail: 'A retry would fold 2 events and release it at version 3.',
  });
  expect((await staleRead(id)).body).toMatchObject({ version: 1, firstName: 'Ada' });

  const { status, body } = await ask(`POST ${path(subject)}/retry`);
  expect([status, body.outcome, body.held]).toEqual([200, 'released', null]);
  expect((await staleRead(id)).body).toMatchObject({ version: 3, firstName: 'Grace' });
  const { document } = going.next as { document: unknown };
  expect(document).toEqual(JSON.parse(JSON.stringify(await service.snapshots.findOne({ _id: subject }))));
  expect(await ask(`POST ${path(subject)}/retry`)).toMatchObject({ status: 404, body: { code: 'not-found' } });
});

test('a list of what is held goes by pages, and everything is retried by pages that say how many are left', async () => {
  const ids = [await heldUser(), await heldUser(), await heldUser()];
  const subjects = ids.map((id) => `user-${id}`).sort();
  const call: typeof service.call = (route) => ask(route);
  const listed = (await readAllPages(call, 'GET /admin/held?limit=2')).map((page) => page.map(({ key }) => key));
  expect(listed.flat()).toEqual(expect.arrayContaining(subjects));
  expect(listed[0]).toHaveLength(2);

  await Promise.all(ids.map(repair));
  const outcomes = new Map<unknown, unknown>();
  let left: unknown;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await ask(`POST /admin/held/retry?limit=2${cursor && `&cursor=${cursor}`}`);
    expect(page.status).toBe(200);
    for (const { key, outcome } of page.body.items) outcomes.set(key, outcome);
    ({ left } = page.body);
    cursor = page.body.nextCursor;
  }
  expect(left).toBe(0);
  expect(subjects.map((subject) => outcomes.get(subject))).toEqual(subjects.map(() => 'released'));
});

test('a place can be dismissed and not retried; a subject can be retried and not dismissed', async () => {
  const place = 'user-events/0@17';
  const shared = { projection: '', appliedVersion: 0, seenVersion: 0, reason: 'unreadable', since: new Date() };
  await service.db
    .collection<{ _id: string }>('Held')
    .insertOne({ _id: place, ...shared, detail: 'the value is null', attempts: 1 } as { _id: string });
  const shown = await ask(`GET ${path(place)}`);
  expect(shown.body).toMatchObject({ held: { kind: 'place', projection: null }, document: null, next: null });
  expect(shown.body.detail).toContain('names no subject');
  const retry = await ask(`POST ${path(place)}/retry`);
  expect(retry).toMatchObject({ status: 400, body: { errors: [{ pointer: '{key}' }] } });
  expect(retry.body.detail).toContain('dismiss it');
  expect((await ask(`DELETE ${path(place)}`)).status).toBe(204);
  expect((await ask(`DELETE ${path(place)}`)).body.code).toBe('not-found');

  const subject = `user-${await heldUser()}`;
  const refused = await ask(`DELETE ${path(subject)}`);
  expect(refused).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  expect(refused.body.detail).toContain('cannot be dismissed');
  expect(await entryOf(subject)).toBeDefined();
});

test('what was repaired while the service was down goes on at its start', async () => {
  const id = await heldUser();
  const other = await heldUser();
  const { attempts } = await untilHeld(`user-${other}`);
  await service.restart(() => repair(id));
  const read = await service.call(`GET /users/${id}?replay=false&minVersion=3`, undefined, {
    ...bearer('shop-token-0123456789abcdef0123456'),
    prefer: 'wait=10',
  });
  expect(read.body).toMatchObject({ version: 3, firstName: 'Grace' });
  expect(await untilHeld(`user-${other}`, attempts + 1)).toMatchObject({ reason: 'invalid-data' });
});

test('the raw events of a user are shown, also those that cannot be decoded, also of a deleted user', async () => {
  const id = crypto.randomUUID();
  const odd = { type: 'userEmailChanged_v9', data: { email: { nested: [null, 1.5] } } };
  const events = [created(), odd, { type: 'userDeleted_v1', data: {} }, renamed(['x'])];
  const stored = await insertAsStranger(service.events, id, ...events);
  const { status, body } = await ask(
    `GET /users/${id}/events?afterVersion=0&raw=true&limit=3`,
    'shop-token-0123456789abcdef0123456',
  );
  expect(status).toBe(200);
  const rest = await ask(
    `GET /users/${id}/events?raw=true&cursor=${body.nextCursor}`,
    'shop-token-0123456789abcdef0123456',
  );
  const shown = [...body.items, ...rest.body.items];
  expect(shown).toEqual(JSON.parse(JSON.stringify(stored.map(({ claims: _, ...event }) => event))));
});

test.each([
  ['GET /admin/held'],
  ['GET /admin/held/user-1'],
  ['POST /admin/held/user-1/retry'],
  ['POST /admin/held/retry'],
  ['DELETE /admin/held/user-1'],
])('%s is for administrators', async (route) => {
  expect((await service.call(route)).status).toBe(401);
  expect((await ask(route, 'shop-token-0123456789abcdef0123456')).body.code).toBe('forbidden');
  expect([200, 404]).toContain((await ask(route)).status);
});

test.each([
  ['GET /admin/held?limit=0', '?limit'],
  ['GET /admin/held?limit=201', '?limit'],
  ['GET /admin/held?cursor=x', '?cursor'],
  ['GET /admin/held?reason=hole', '?reason'],
  ['POST /admin/held/retry?cursor=x', '?cursor'],
])('%s is refused, naming the place', async (route, pointer) => {
  expect(await ask(route)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
});
