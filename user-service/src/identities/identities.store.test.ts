// Goal: whatever a user is known by leads to that user, or to the one who stands for it, and never to two.
// Method: the routes on a service with a real store; what must not be stored is counted by a plain driver client.
import { randomUUID } from 'node:crypto';
import { type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService();
});
afterAll(() => service.close());

const find = (kind: string, value: string) => service.call(`GET /identities/${kind}/${encodeURIComponent(value)}`);
const add = (id: unknown, kind: unknown, value: unknown, headers = {}) =>
  service.call(`POST /users/${id}/identities`, { kind, value }, headers);
const merge = (survivorId: unknown, absorbedId: unknown) =>
  service.call('POST /identity-merges', { survivorId, absorbedId, reason: 'the same person' });

test('a user is found by id, by address in any case, and by what was added', async () => {
  const { id, email } = await service.createUser();
  const added = await add(id, 'crm', ' 42/a b ');
  const body = { kind: 'crm', value: '42/a b', userId: id, survivorId: id };
  expect([added.status, added.body, added.headers.location]).toEqual([201, body, '/identities/crm/42%2Fa%20b']);
  expect(added.headers.etag).toBe('"2"');
  expect((await find('crm', '42/a b')).body).toEqual(body);
  expect((await find('id', String(id))).body).toMatchObject({ userId: id, survivorId: id });
  expect((await find('email', String(email).toUpperCase())).body).toMatchObject({ userId: id });
  const stored = await service.events.findOne({ subject: `user-${id}`, version: 2 });
  expect(stored).toMatchObject({ type: 'userIdentityAdded_v1', claims: ['identity:crm:42/a b'] });
  // The fold of users needs nothing of it.
  expect((await service.call(`GET /users/${id}`)).body).toMatchObject({ version: 2, email });
});

test('it is said once, under whichever key; belonging to another it is refused', async () => {
  const [one, other] = [await service.createUser(), await service.createUser()];
  const headers = { 'idempotency-key': randomUUID() };
  expect((await add(one.id, 'crm', 'seven', headers)).status).toBe(201);
  const again = await add(one.id, 'crm', 'seven', headers);
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
  expect((await add(one.id, 'crm', 'seven')).status).toBe(200);
  const taken = await add(other.id, 'crm', 'seven');
  expect([taken.status, taken.body.code]).toEqual([409, 'identity-taken']);
  expect((await add(other.id, 'shop', 'seven')).status).toBe(201);
  expect(await service.events.countDocuments({ type: 'userIdentityAdded_v1', 'data.value': 'seven' })).toBe(2);
});

test('of many at once one user gets it; the same user asking many times gets it once', async () => {
  const users = await Promise.all(Array.from({ length: 8 }, () => service.createUser()));
  const rivals = await Promise.all(users.map(({ id }) => add(id, 'crm', 'wanted')));
  expect(rivals.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
  const { id } = await service.createUser();
  const same = await Promise.all(Array.from({ length: 5 }, () => add(id, 'crm', 'mine')));
  expect(same.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
});

test('after a merge it still says whose it is, and who stands for that user', async () => {
  const [one, other] = [await service.createUser(), await service.createUser()];
  await add(other.id, 'crm', 'absorbed');
  const { body } = await merge(one.id, other.id);
  for (const [kind, value] of [
    ['crm', 'absorbed'],
    ['email', other.email],
    ['id', other.id],
  ] as const)
    expect((await find(kind, String(value))).body).toMatchObject({ userId: other.id, survivorId: one.id });
  await service.call(`DELETE /identity-merges/${body.id}`);
  expect((await find('crm', 'absorbed')).body).toMatchObject({ userId: other.id, survivorId: other.id });
});

test('a deleted user is known by nothing, and what it was known by is free', async () => {
  const [one, other] = [await service.createUser(), await service.createUser()];
  await add(one.id, 'crm', 'free');
  await service.call(`DELETE /users/${one.id}`);
  for (const [kind, value] of [
    ['crm', 'free'],
    ['email', one.email],
    ['id', one.id],
  ] as const)
    expect((await find(kind, String(value))).status).toBe(404);
  expect((await add(other.id, 'crm', 'free')).status).toBe(201);
  expect((await find('crm', 'free')).body).toMatchObject({ userId: other.id });
});

test('an address that its user left leads nowhere', async () => {
  const { id, email } = await service.createUser();
  await service.call(`PATCH /users/${id}`, { email: `new-${email}` });
  expect((await find('email', String(email))).status).toBe(404);
  expect((await find('email', `new-${email}`)).body).toMatchObject({ userId: id });
});

describe('what stands for nobody is refused', () => {
  const nobody = [
    '',
    ' ',
    'null',
    'NULL',
    ' undefined ',
    'none',
    'nil',
    'NaN',
    'n/a',
    'N/A',
    'unknown',
    'Anonymous',
    'true',
    'False',
    '0',
    '-1',
    '[]',
    '{}',
    '[object Object]',
    '00000000-0000-0000-0000-000000000000',
  ];
  test.each(nobody)('%p', async (value) => {
    const { id } = await service.createUser();
    for (const answer of [await add(id, 'crm', value), await find('crm', value)]) {
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    }
    expect(await service.events.countDocuments({ subject: `user-${id}` })).toBe(1);
  });

  test.each([
    [{ kind: 'CRM', value: 'x' }, '/kind'],
    [{ kind: '', value: 'x' }, '/kind'],
    [{ kind: 'x'.repeat(33), value: 'x' }, '/kind'],
    [{ kind: '7up', value: 'x' }, '/kind'],
    [{ kind: 'email', value: 'ada@example.org' }, '/kind'],
    [{ kind: 'id', value: randomUUID() }, '/kind'],
    [{ kind: 'crm' }, '/value'],
    [{ kind: 'crm', value: 42 }, '/value'],
    [{ kind: 'crm', value: 'x'.repeat(201) }, '/value'],
    [{ kind: 'crm', value: 'a\u0000b' }, '/value'],
    [{ kind: 'crm', value: 'x', more: 1 }, '/more'],
  ])('%j', async (body, pointer) => {
    const { id } = await service.createUser();
    const answer = await service.call(`POST /users/${id}/identities`, body);
    expect([answer.status, answer.body.errors]).toMatchObject([400, [{ pointer }]]);
  });

  test('for an unknown or a deleted user', async () => {
    expect((await add(randomUUID(), 'crm', 'x1')).status).toBe(404);
    expect((await add('42', 'crm', 'x1')).status).toBe(400);
    const { id } = await service.createUser();
    await service.call(`DELETE /users/${id}`);
    expect((await add(id, 'crm', 'x1')).status).toBe(410);
  });

  test('by a kind that cannot be, or a value of 200 letters that is one', async () => {
    expect((await find('CRM', 'x')).status).toBe(400);
    const { id } = await service.createUser();
    const long = 'ü'.repeat(200);
    expect((await add(id, 'crm', long)).status).toBe(201);
    expect((await find('crm', long)).body).toMatchObject({ userId: id, value: long });
  });
});
