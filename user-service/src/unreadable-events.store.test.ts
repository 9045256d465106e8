// Goal: an event whose bytes cannot be decoded, or whose text was lost, holds its own user and nobody else: in the feed, in scans, in
// histories, in verifications; after a correction a retry goes on. Method: a stranger inserts bytes that no driver would send.
import { insertUnchecked, marker, verifyBy } from 'foldline/testing/workspace';
import { Binary, BSONRegExp, type Document } from 'mongodb';
import { newEmail, type StartedUserService, startTestUserService } from './testing/started-user-service.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService({ VERIFICATION_SETTLE_MS: '20' });
});
afterAll(() => service.close());

const invalid = [0x61, 0xff, 0xfe, 0x61];
const others = [0x61, 0x62, 0x63, 0x64];

const eventOf = (id: string, version: number, type: string, data: object): Document => ({
  specversion: '1.0',
  id: crypto.randomUUID(),
  source: '/a-script',
  type,
  subject: `user-${id}`,
  version,
  time: new Date(),
  data,
});
const insert = (documents: readonly Document[], bytes: readonly number[] = invalid) => {
  const namespace = { db: service.db.databaseName, collection: 'UserEvents' };
  return insertUnchecked(service.env.MONGODB_URI as string, namespace, documents, bytes);
};

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`There is no ${what} after ten seconds.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const whenHeld = (id: string) =>
  until(`held user ${id}`, async () => {
    const { status, body } = await service.call(`GET /admin/held/user-${id}`);
    return status === 200 ? (body.held as Document) : undefined;
  });

/** Fails unless a user who is created now is followed, also around the API. */
async function expectOthersFlow(): Promise<void> {
  const { id } = await service.createUser();
  await service.snapshotAt(id, 1);
}

/** A user with a snapshot at version 1, whose event of version 2 is what `spoil` makes of a readable one. */
async function heldUser(
  spoil: (event: Document) => Document = (event) => ({ ...event, data: { firstName: marker } }),
  bytes = invalid,
): Promise<string> {
  const { id } = await service.createUser();
  await service.snapshotAt(id, 1);
  await insert([spoil(eventOf(id, 2, 'userFirstNameChanged_v1', { firstName: 'Augusta' }))], bytes);
  return id;
}

const faults: [string, (event: Document) => Document, number[], RegExp][] = [
  ['invalid bytes', (event) => ({ ...event, data: { firstName: marker } }), invalid, /data\.firstName holds U\+FFFD/],
  ['an overlong form', (event) => ({ ...event, data: { firstName: marker } }), [0x61, 0xc0, 0xaf, 0x61], /firstName/],
  ['a cut character', (event) => ({ ...event, data: { firstName: marker } }), [0x61, 0x61, 0xe2, 0x82], /firstName/],
  ['a lone surrogate', (event) => ({ ...event, data: { firstName: marker } }), [0xed, 0xa0, 0x80, 0x61], /firstName/],
  ['U+FFFD itself', (event) => ({ ...event, data: { firstName: marker } }), [0xef, 0xbf, 0xbd, 0x61], /firstName/],
  [
    'invalid bytes in a field that nobody folds',
    (event) => ({ ...event, data: { firstName: 'Ada', more: [{ note: `x${marker}` }] } }),
    invalid,
    /data\.more\.0\.note/,
  ],
  [
    'invalid bytes in a key',
    (event) => ({ ...event, data: { firstName: 'Ada', more: { [`k${marker}`]: 1 } } }),
    invalid,
    /a key in data\.more/,
  ],
  ['an invalid source', (event) => ({ ...event, source: `/${marker}` }), invalid, /source/],
  ['an invalid correlation', (event) => ({ ...event, correlationid: marker }), invalid, /correlationid/],
  [
    'a pattern that is none for JavaScript',
    (event) => ({ ...event, data: { firstName: 'Ada', like: new BSONRegExp(`(?i)${marker}`) } }),
    others,
    /data holds a value that cannot be decoded/,
  ],
  [
    'binary data of a wrong length',
    (event) => ({ ...event, data: { firstName: 'Ada', more: new Binary(Buffer.from('!!!\0xyz'), 0x21) } }),
    [2, 5, 0, 0],
    /data holds a value that cannot be decoded/,
  ],
];

test.each(faults)(
  '%s: the user is held, everybody else flows, a correction reaches it',
  async (_, spoil, bytes, detail) => {
    const id = await heldUser(spoil, bytes);
    await insert([eventOf(id, 3, 'userLastNameChanged_v1', { lastName: `King${marker}` })], others);
    expect(await whenHeld(id)).toMatchObject({
      projection: 'users',
      reason: 'unreadable',
      appliedVersion: 1,
      detail: expect.stringMatching(detail),
    });
    await expectOthersFlow();

    const current = await service.call(`GET /users/${id}`);
    expect(current).toMatchObject({ status: 503, body: { code: 'subject-held', currentVersion: 3 } });
    expect(await service.call(`GET /users/${id}?replay=false`)).toMatchObject({ status: 200, body: { version: 1 } });
    expect(await service.call(`GET /users/${id}?atVersion=1`)).toMatchObject({ status: 200, body: { version: 1 } });
    const past = await service.call(`GET /users/${id}?atVersion=2`);
    expect(past).toMatchObject({ status: 503, body: { code: 'subject-held', currentVersion: 2 } });
    expect((await service.call(`GET /users/${id}?at=${new Date().toISOString()}`)).body.code).toBe('subject-held');
    const change = await service.call(`PATCH /users/${id}`, { firstName: 'Grace' });
    expect(change).toMatchObject({ status: 503, body: { code: 'subject-held', currentVersion: 3 } });
    for (const raw of ['true', 'false']) {
      const { status, body } = await service.call(`GET /users/${id}/events?raw=${raw}`);
      expect([status, body.items.map(({ version }) => version)]).toEqual([200, [1, 2, 3]]);
      expect(body.items[1]).toMatchObject({ data: {}, unreadable: expect.stringMatching(detail) });
      expect(JSON.stringify(body.items.map(({ data }) => data))).not.toContain('\ufffd');
      expect(body.items[2]).not.toHaveProperty('unreadable');
    }

    const corrected = { source: '/a-script', correlationid: 'corrected', data: { firstName: 'Augusta' } };
    await service.events.updateOne({ subject: `user-${id}`, version: 2 }, { $set: corrected });
    const retry = await service.call(`POST /admin/held/user-${id}/retry`);
    expect(retry).toMatchObject({ status: 200, body: { outcome: 'released' } });
    expect(await service.call(`GET /users/${id}`)).toMatchObject({ body: { version: 3, firstName: 'Augusta' } });
    expect((await service.snapshots.findOne({ _id: `user-${id}` }))?.version).toBe(3);
  },
);

test('an event that no fold of users knows is not read: its user goes on, and its history says what it lacks', async () => {
  const id = await heldUser((event) => ({ ...event, type: 'userGreeted_v1', data: { words: marker } }));
  await service.snapshotAt(id, 2);
  expect(await service.call(`GET /users/${id}`)).toMatchObject({ status: 200, body: { version: 2, firstName: 'Ada' } });
  const { body } = await service.call(`GET /users/${id}/events?raw=true`);
  expect(body.items[1]).toMatchObject({ type: 'userGreeted_v1', data: {}, unreadable: expect.stringMatching(/words/) });
});

test('a merge whose reason cannot be read is listed without it, among the others', async () => {
  const [mergeId, survivorId] = [crypto.randomUUID(), crypto.randomUUID()];
  const absorbed = { mergeId, survivorId, reason: marker };
  const id = await heldUser((event) => ({ ...event, type: 'userAbsorbed_v1', data: absorbed }));
  await whenHeld(id);
  const { status, body } = await service.call('GET /identity-merges?limit=200');
  expect(status).toBe(200);
  expect(body.items).toContainEqual(
    expect.objectContaining({ id: mergeId, survivorId, absorbedId: id, reason: '', state: 'merged', version: 2 }),
  );
});

test('scans, verifications and repairs pass by it, before a restart and after one; deleted, it is gone', async () => {
  const id = await heldUser();
  await whenHeld(id);
  const [lost, other] = [await service.createUser(), await service.createUser()];
  for (const one of [lost, other]) await service.snapshotAt(one.id, 1);
  await service.restart(async () => {
    await service.snapshots.deleteOne({ _id: `user-${lost.id}` });
    await service.snapshots.updateOne({ _id: `user-${other.id}` }, { $set: { 'data.firstName': 'by hand' } });
  });
  await service.snapshotAt(lost.id, 1);
  await expectOthersFlow();
  const repaired = await verifyBy(service.call, 'users', true);
  expect([repaired.state, repaired.figures.repaired]).toEqual(['repaired', 1]);
  expect(await service.snapshotAt(other.id, 1)).toMatchObject({ firstName: 'Ada' });

  await service.restart(() => service.events.deleteOne({ subject: `user-${id}`, version: 2 }));
  await expectOthersFlow();
  expect(await service.call(`GET /users/${id}`)).toMatchObject({ status: 200, body: { version: 1 } });
  expect((await verifyBy(service.call, 'users', true)).state).toBe('equal');
  expect((await service.call(`DELETE /admin/held/user-${id}`)).status).toBe(204);
  expect((await service.call(`GET /admin/held/user-${id}`)).status).toBe(404);
});

test('a snapshot that cannot be decoded stops nobody: its user is read from the events, and a repair changes it', async () => {
  const { id } = await service.createUser();
  const _id = `user-${id}`;
  await service.snapshotAt(id, 1);
  const right = (await service.snapshots.findOne({ _id })) as Document;
  await service.restart(async () => {
    await service.snapshots.deleteOne({ _id });
    const spoiled = { ...right, data: { ...right.data, firstName: marker } };
    const namespace = { db: service.db.databaseName, collection: 'Users' };
    await insertUnchecked(service.env.MONGODB_URI as string, namespace, [spoiled], invalid);
  });
  await expectOthersFlow();
  const read = await service.call(`GET /users/${id}`);
  expect(read).toMatchObject({ status: 200, body: { firstName: 'Ada', snapshot: { version: 0 } } });
  expect((await service.call(`GET /users/${id}?replay=false`)).body.code).toBe('snapshot-not-yet');
  expect((await service.call('GET /users?limit=200')).status).toBe(200);
  const repaired = await verifyBy(service.call, 'users', true);
  expect([repaired.state, repaired.findings.map(({ subject }) => subject)]).toEqual(['repaired', [_id]]);
  expect(await service.snapshots.findOne({ _id })).toEqual(right);
});

test.each([
  ['POST /users', () => ({ firstName: 'A\ufffd', lastName: '', email: newEmail() }), '/firstName'],
  ['POST /users', () => ({ firstName: 'A', lastName: '\ufffd', email: newEmail() }), '/lastName'],
  ['POST /users', () => ({ firstName: 'A', lastName: '', email: 'a\ufffd@example.org' }), '/email'],
  ['POST /users', () => ({ firstName: 'A\ud800', lastName: '', email: newEmail() }), '/firstName'],
])('%s refuses text that is lost, naming the field', async (route, body, pointer) => {
  expect(await service.call(route, body())).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
});
