// Goal: what a stranger writes around the API is read like anything else: it becomes a snapshot, its address is claimed,
// a clash is shown, and an event that cannot be read holds its own subject and nothing else (law 8).
// Method: a plain driver client inserts events; the service is asked over HTTP.
import type { AnswerBody } from 'foldline/testing';
import { remedyBlocks } from 'foldline/testing/workspace';
import { newEmail, type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';
import { insertAsStranger } from '../testing/strangers-events.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService();
});
afterAll(() => service.close());

const newId = () => crypto.randomUUID();
const createdV1 = (name: string, email: string) => ({ type: 'userCreated_v1', data: { name, email } });
const renamed = (firstName: string) => ({ type: 'userFirstNameChanged_v1', data: { firstName } });
const post = (email: string) => service.call('POST /users', { firstName: 'Eve', lastName: '', email });
const claimsOf = async (id: string) =>
  (
    await service.events
      .find({ subject: `user-${id}` })
      .sort({ version: 1 })
      .toArray()
  ).map(({ claims }) => claims);

async function check(name: string): Promise<{ detail: string; data: AnswerBody[] }> {
  const { body } = await service.call('GET /readyz?verbose');
  return (body.checks as { name: string; detail: string; data: AnswerBody[] }[]).find(
    (one) => one.name === name,
  ) as never;
}

async function metric(name: RegExp): Promise<number> {
  const line = (await service.text('/metrics')).split('\n').find((one) => !one.startsWith('#') && name.test(one)) ?? '';
  return Number(line.split(' ').at(-1));
}

/** Resolves when `look` answers true; the bound is a fault's, not a wait's. */
async function eventually(look: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!(await look())) {
    if (Date.now() > endMs) throw new Error(`It did not come to pass within ten seconds: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a stranger’s userCreated_v1', () => {
  test.each([
    ['Ada King Lovelace', 'Ada King', 'Lovelace'],
    ['Madonna', 'Madonna', ''],
    ['  Ada\tLovelace ', 'Ada', 'Lovelace'],
  ])('%j becomes a snapshot', async (name, firstName, lastName) => {
    const id = newId();
    const email = newEmail();
    await insertAsStranger(service.events, id, createdV1(name, email));
    const body = await service.snapshotAt(id, 1);
    expect(body).toMatchObject({ id, firstName, lastName, email, version: 1 });
    expect((await service.call(`GET /users/${id}`)).body).toMatchObject({ firstName, lastName });
  });

  test('gets its claim, so that the address is taken for the API', async () => {
    const id = newId();
    const email = newEmail();
    await insertAsStranger(service.events, id, createdV1('Ada L', email.toUpperCase()));
    await eventually(async () => (await claimsOf(id))[0] !== undefined);
    expect(await claimsOf(id)).toEqual([[`email:${email}`]]);
    expect((await post(email)).body.code).toBe('email-taken');
    await service.call(`PATCH /users/${id}`, { email: newEmail() });
    expect((await post(email)).status).toBe(201);
  });

  test('with an address that another holds is folded, counted and listed, until it moves on', async () => {
    const before = await metric(/^foldline_claim_clashes_total/);
    const holder = await service.createUser();
    const id = newId();
    await insertAsStranger(service.events, id, createdV1('Ada L', String(holder.email)));
    expect((await service.snapshotAt(id, 1)).email).toBe(holder.email);
    await eventually(async () => (await metric(/^foldline_claim_clashes_total/)) === before + 1);
    expect(await check('address-clashes')).toMatchObject({
      detail: expect.stringContaining('1 '),
      data: [{ _id: `user-${id}`, version: 1, heldBy: `user-${holder.id}` }],
    });
    expect((await service.call('GET /readyz')).status).toBe(200);
    await service.call(`PATCH /users/${id}`, { email: newEmail() });
    await eventually(async () => (await check('address-clashes')).data.length === 0);
  });

  test('that clashed takes the address over when its holder moves on', async () => {
    const holder = await service.createUser();
    const id = newId();
    await insertAsStranger(service.events, id, createdV1('Ada L', String(holder.email)));
    await eventually(async () => (await check('address-clashes')).data.length === 1);
    await service.call(`DELETE /users/${holder.id}`);
    await eventually(async () => (await check('address-clashes')).data.length === 0);
    expect(await claimsOf(id)).toEqual([[`email:${holder.email}`]]);
    expect((await post(String(holder.email))).body.code).toBe('email-taken');
  });
});

describe.each([
  ['an unknown version of a known type', { type: 'userEmailChanged_v7', data: { address: { at: 'x' } } }, undefined],
  [
    'data that its contract refuses',
    { type: 'userFirstNameChanged_v1', data: { firstName: 7 } },
    { firstName: 'Cleo' },
  ],
])('%s', (_, broken, corrected) => {
  let id: string;
  const isHeld = async () => (await check('held-subjects')).data.some(({ key }) => key === `user-${id}`);
  beforeEach(async () => {
    id = newId();
    await insertAsStranger(service.events, id, createdV1('Ada L', newEmail()), { ...renamed('Bea') });
    await service.snapshotAt(id, 2);
    await insertAsStranger(service.events, id, { ...broken, version: 3 }, { ...renamed('Dora'), version: 4 });
    await eventually(isHeld);
  });

  test('holds its subject: reads and commands answer 503, the snapshot still answers', async () => {
    const held = { status: 503, body: { code: 'subject-held', currentVersion: 4 } };
    expect(await service.call(`GET /users/${id}`)).toMatchObject(held);
    expect(await service.call(`GET /users/${id}?minVersion=4`)).toMatchObject(held);
    expect(await service.call(`PATCH /users/${id}`, { firstName: 'Eve' })).toMatchObject(held);
    expect(await service.call(`DELETE /users/${id}`)).toMatchObject(held);
    expect((await service.call(`GET /users/${id}`)).headers['retry-after']).toBeDefined();
    const stale = await service.call(`GET /users/${id}?replay=false`);
    expect(stale).toMatchObject({ status: 200, body: { version: 2, firstName: 'Bea' } });
    expect((await service.call(`GET /users/${id}?atVersion=2`)).body.firstName).toBe('Bea');
    expect((await service.call(`GET /users/${id}/events`)).body.items).toHaveLength(4);
  });

  test('holds nothing else', async () => {
    const other = await service.createUser();
    expect((await service.snapshotAt(other.id, 1)).version).toBe(1);
    expect((await service.call(`PATCH /users/${other.id}`, { firstName: 'Bea' })).status).toBe(200);
    expect((await service.call('GET /readyz')).status).toBe(200);
  });

  if (!corrected) return;
  test.each([
    [
      'after the next event',
      () => insertAsStranger(service.events, id, { ...renamed('Flora'), version: 5 }),
      5,
      'Flora',
    ],
    ['after a restart', () => service.restart(), 4, 'Dora'],
  ])('goes on %s once its data is corrected in the store', async (_when, goOn, version, firstName) => {
    await service.events.updateOne({ subject: `user-${id}`, version: 3 }, { $set: { data: corrected } });
    expect((await service.call(`GET /users/${id}`)).body).toMatchObject({ version: 4, firstName: 'Dora' });
    await goOn();
    expect(await service.snapshotAt(id, version)).toMatchObject({ version, firstName });
    await eventually(async () => !(await isHeld()));
    expect((await service.call(`PATCH /users/${id}`, { lastName: 'Curie' })).body.version).toBe(version + 1);
  });
});

test('an event of a stem that nobody folds moves the version on and nothing else', async () => {
  const { id } = await service.createUser();
  await service.snapshotAt(id, 1);
  const before = await service.snapshots.findOne({ _id: `user-${id}` });
  const [event] = await insertAsStranger(service.events, id, { type: 'userGreeted_v9', data: {}, version: 2 });
  await service.snapshotAt(id, 2);
  expect(await service.snapshots.findOne({ _id: `user-${id}` })).toEqual({
    ...before,
    version: 2,
    lastEventId: event?.id,
    eventsDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect((await service.call(`GET /users/${id}`)).body).toMatchObject({ version: 2, firstName: 'Ada' });
  const patched = await service.call(`PATCH /users/${id}`, { firstName: 'Bea' });
  expect(patched.body.version).toBe(3);
});

test.each([
  ['a type without a version', { type: 'userCreated' }],
  ['a subject without an id', { subject: 'user-1' }],
  ['a version of 0', { version: 0 }],
  ['a broken version', { version: 1.5 }],
  ['a time as text', { time: '2026-01-01T00:00:00Z' }],
  ['an id that is no UUID', { id: '1' }],
  ['an empty array of claims', { claims: [] }],
  ['no data', { data: null }],
])('an envelope with %s is refused by the store itself', async (_, fault) => {
  const event = { specversion: '1.0', id: newId(), source: '/x', type: 'userDeleted_v1', subject: `user-${newId()}` };
  const whole = { ...event, version: 1, time: new Date(), data: {}, ...fault };
  await expect(service.events.insertOne(whole)).rejects.toMatchObject({ code: 121 });
});

test('values around the validator that no text can be made of hold their own places, and nobody else', async () => {
  const unsayable = { toString: 0 };
  const deep = Array.from({ length: 80 }).reduce((inner) => [inner], 1 as unknown);
  const event = {
    specversion: '1.0',
    source: '/unsayable',
    type: 'userDeleted_v1',
    version: 1,
    time: new Date(),
    data: {},
  };
  const faults = [
    { specversion: unsayable },
    { id: deep },
    { type: unsayable },
    { version: unsayable },
    { time: deep },
    { data: [unsayable] },
    { correlationid: unsayable },
    { subject: 'x'.repeat(10_000) },
    { subject: unsayable },
  ];
  const documents = faults.map((fault) => ({ ...event, id: newId(), subject: `user-${newId()}`, ...fault }));
  await service.events.insertMany(documents as never[], { bypassDocumentValidation: true });
  const other = await service.createUser();
  expect((await service.snapshotAt(other.id, 1)).version).toBe(1);
  const places = (await check('held-subjects')).data.filter(({ key }) => String(key).includes('@'));
  expect(places.map(({ detail }) => detail)).toEqual([
    'specversion is an object, expected "1.0"',
    'id is an array, expected a UUID',
    'type is an object, expected <stem>_v<n>',
    'version is an object, expected an integer from 1',
    'time is an array, expected an RFC 3339 time',
    'data is an array, expected an object',
    'correlationid is an object, expected a string, or absent',
    `subject is "${'x'.repeat(79)}…", expected <kind>-<uuid>`,
    'subject is an object, expected <kind>-<uuid>',
  ]);
  for (const { key } of places)
    expect((await service.call(`DELETE /admin/held/${encodeURIComponent(String(key))}`)).status).toBe(204);
  // The scan of a start finds them again, where their subject can be read.
  await service.restart();
  const later = await service.createUser();
  expect((await service.snapshotAt(later.id, 1)).version).toBe(1);
  const ofType = documents.find(({ type }) => type === unsayable)?.subject;
  await eventually(async () => (await check('held-subjects')).data.some(({ key }) => key === ofType));
  await service.events.deleteMany({ source: '/unsayable' });
});

/** About 300 kB, which is over the limit of the API. */
const large = (id: string, email: string) => ({
  specversion: '1.0',
  id: newId(),
  source: '/x',
  type: 'userCreated_v1',
  subject: `user-${id}`,
  version: 1,
  time: new Date(),
  data: { name: 'x'.repeat(300_000), email },
});

test('troubleshooting: MongoServerError: Document failed validation, when a script inserts a large event', async () => {
  const event = large(newId(), newEmail());
  await expect(service.events.insertOne({ ...event })).rejects.toMatchObject({ code: 121 });
  const other = await service.createUser();
  expect((await service.snapshotAt(other.id, 1)).version).toBe(1);
  const [remedy = ''] = remedyBlocks(
    'MongoServerError: Document failed validation, when a script inserts a large event',
  );
  const [, limit = ''] = /^export STORE_EVENT_BYTES_MAX=(\d+)$/m.exec(remedy) ?? [];
  await service.restart(undefined, { STORE_EVENT_BYTES_MAX: limit });
  await service.events.insertOne({ ...event });
  expect((await service.snapshotAt(event.subject.slice('user-'.length), 1)).version).toBe(1);
  await service.restart();
});

test('an event over the limit that an earlier release stored does not stop anybody, and gives its address up', async () => {
  const [id, email] = [newId(), newEmail()];
  const stored = { ...large(id, email), claims: [`email:${email}`] };
  await service.events.insertOne(stored, { bypassDocumentValidation: true });
  const other = await service.createUser();
  expect((await service.snapshotAt(other.id, 1)).version).toBe(1);
  expect((await service.call(`GET /users/${id}`)).status).toBe(200);
  expect((await service.call(`DELETE /users/${id}`)).status).toBe(204);
  expect((await post(email)).status).toBe(201);
  expect(await claimsOf(id)).toEqual([undefined, undefined]);
});

test('an address that is nearly as large as an event may be is claimed late all the same', async () => {
  const [id, email] = [newId(), `${'x'.repeat(250_000)}@example.org`];
  await insertAsStranger(service.events, id, createdV1('Ada L', email));
  await service.snapshotAt(id, 1);
  expect(await claimsOf(id)).toEqual([[`email:${email}`]]);
});

test('attributes and values that only a stranger would write are shown, never a fault of the server', async () => {
  const id = newId();
  const event = { specversion: '1.0', id: newId(), source: '/x', subject: `user-${id}`, version: 1, time: new Date() };
  const data = { name: 'Ada L', email: newEmail(), seen: new Date(0), _id: 1, nested: [{ $x: null }] };
  const more = { datacontenttype: 'application/json', tenant: 'a' };
  await service.events.insertOne({ ...event, ...more, type: 'userCreated_v1', data } as never);
  for (const query of ['', '?raw=true']) {
    const { status, body } = await service.call(`GET /users/${id}/events${query}`);
    expect([status, body.items.length]).toEqual([200, 1]);
  }
  expect((await service.call(`GET /users/${id}`)).status).toBe(200);
});
