// Goal: two users become one and two again by events alone; each read, each list and each refusal says so.
// Method: the routes on a service with a real store; the events are counted by a plain driver client.
import { randomUUID } from 'node:crypto';
import { type Answer, type AnswerBody, readAllPages } from 'foldline/testing';
import { newEmail, type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService({ IDENTITY_MEMBERS_MAX: '6' });
});
afterAll(() => service.close());

const reason = 'the same person';
const merge = (survivorId: unknown, absorbedId: unknown, query = '', headers = {}) =>
  service.call(`POST /identity-merges${query}`, { survivorId, absorbedId, reason }, headers);
const get = (path: string, headers = {}) => service.call(`GET ${path}`, undefined, headers);
const users = (count: number) => Promise.all(Array.from({ length: count }, () => service.createUser()));
const subjectOf = ({ id }: AnswerBody) => `user-${id}`;
const eventsOf = (...all: AnswerBody[]) => service.events.countDocuments({ subject: { $in: all.map(subjectOf) } });
const seen = ({ status, body }: Answer) => [status, body.code];

async function merged(survivor: AnswerBody, absorbed: AnswerBody): Promise<AnswerBody> {
  const answer = await merge(survivor.id, absorbed.id);
  expect(answer.status).toBe(201);
  return answer.body;
}

/** A stranger's event, straight into the collection. */
async function insert(user: AnswerBody, version: number, type: string, data: object, time = new Date()) {
  const event = { specversion: '1.0', id: randomUUID(), source: '/stranger', subject: subjectOf(user) };
  await service.events.insertOne({ ...event, version, type, time, data });
}

describe('a merge', () => {
  test('is one event on each side, and answered as a resource of its own', async () => {
    const [one, other] = await users(2);
    const { status, headers, body } = await merge(one?.id, other?.id);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      survivorId: one?.id,
      absorbedId: other?.id,
      reason,
      state: 'merged',
      version: 2,
    });
    expect(headers).toMatchObject({ location: `/identity-merges/${body.id}`, etag: '"2"' });
    const stored = await service.events.find({ 'data.mergeId': body.id }).sort({ type: 1 }).toArray();
    expect(stored).toMatchObject([
      { type: 'userAbsorbed_v1', subject: `user-${other?.id}`, version: 2, data: { survivorId: one?.id, reason } },
      { type: 'userMerged_v1', subject: `user-${one?.id}`, version: 2, data: { absorbedId: other?.id } },
    ]);
    expect((await get(`/identity-merges/${body.id}`)).body).toEqual(body);
  });

  test('joins the roots of both; the whole is answered under every id, current and from snapshots', async () => {
    const [a, b, c, d] = (await users(4)) as [AnswerBody, AnswerBody, AnswerBody, AnswerBody];
    await merged(a, b);
    await merged(c, d);
    expect(await merged(b, d)).toMatchObject({ survivorId: a.id, absorbedId: c.id });
    const versions = { [subjectOf(a)]: 3, [subjectOf(b)]: 2, [subjectOf(c)]: 3, [subjectOf(d)]: 2 };
    for (const { id } of [a, b, c, d]) {
      const current = await get(`/users/${id}`);
      expect(current.body).toMatchObject({ id: a.id, email: a.email, version: 3, versions });
      expect(current.headers).toMatchObject({ etag: '"3"' });
      expect(current.headers['content-location']).toBe(id === a.id ? undefined : `/users/${a.id}`);
    }
    for (const [id, n] of [
      [a.id, 3],
      [b.id, 2],
      [c.id, 3],
      [d.id, 2],
    ] as const)
      await service.snapshotAt(String(id), n);
    const stale = await get(`/users/${d.id}?replay=false`);
    expect(stale.body).toMatchObject({ id: a.id, versions });
    expect(stale.headers['content-location']).toBe(`/users/${a.id}`);
  });

  test('shows the survivor’s fields, with gaps filled and the losing values beside', async () => {
    const [one, other] = await Promise.all([
      service.createUser({ firstName: 'Ada', lastName: '' }),
      service.createUser({ firstName: 'Augusta', lastName: 'King' }),
    ]);
    await merged(one, other);
    const { body } = await get(`/users/${other.id}`);
    expect(body).toMatchObject({ firstName: 'Ada', lastName: 'King', email: one.email });
    expect(body.alternatives).toEqual({ firstName: ['Augusta'], email: [other.email] });
    const changed = await service.call(`PATCH /users/${one.id}`, { firstName: 'Augusta' });
    expect(changed.body).toMatchObject({
      firstName: 'Augusta',
      lastName: 'King',
      alternatives: { email: [other.email] },
    });
  });

  test('counts events that still come for the absorbed', async () => {
    const [one, other] = await Promise.all([service.createUser({ lastName: '' }), service.createUser()]);
    await merged(one, other);
    await insert(other, 3, 'userLastNameChanged_v1', { lastName: 'Late' });
    const { body } = await get(`/users/${one.id}`);
    expect(body).toMatchObject({ lastName: 'Late', versions: { [subjectOf(other)]: 3 } });
  });

  test('leaves the absorbed out of lists', async () => {
    const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
    await merged(one, other);
    await service.snapshotAt(String(other.id), 2);
    await service.snapshotAt(String(one.id), 2);
    const listed = (await readAllPages(service.call, 'GET /users?limit=200')).flat();
    expect(listed.map(({ id }) => id)).not.toContain(other.id);
    expect(listed.find(({ id }) => id === one.id)).toMatchObject({ versions: { [subjectOf(other)]: 2 } });
  });

  test('of opposite orders at once happens once, and no circle comes to be, ten times', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [a, b, c] = (await users(3)) as [AnswerBody, AnswerBody, AnswerBody];
      const answers = await Promise.all([merge(a.id, b.id), merge(b.id, a.id), merge(b.id, c.id), merge(c.id, a.id)]);
      expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(2);
      const roots = await Promise.all([a, b, c].map(async ({ id }) => (await get(`/users/${id}`)).body.id));
      expect(new Set(roots).size).toBe(1);
    }
  });

  test('is repeated under its key with the first answer, also after it was taken back', async () => {
    const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
    const headers = { 'idempotency-key': randomUUID() };
    const first = await merge(one.id, other.id, '', headers);
    await service.call(`DELETE /identity-merges/${first.body.id}`);
    const again = await merge(one.id, other.id, '', headers);
    expect([again.status, again.headers['idempotency-replayed'], again.body]).toEqual([201, 'true', first.body]);
    expect((await merge(one.id, other.id, '?dryRun=false', headers)).body.code).toBe('idempotency-key-reused');
  });

  test('asked for with dryRun says what it would do, and writes nothing', async () => {
    const [a, b, c] = (await users(3)) as [AnswerBody, AnswerBody, AnswerBody];
    await merged(a, b);
    const before = await eventsOf(a, b, c);
    const { status, body } = await merge(c.id, b.id, '?dryRun=true');
    expect([status, body]).toEqual([
      200,
      {
        survivorId: c.id,
        absorbedId: a.id,
        members: [c.id, a.id, b.id],
        events: { survivor: 1, absorbed: 4 },
        conflicts: [
          { field: 'email', winner: c.email, loser: a.email },
          { field: 'email', winner: c.email, loser: b.email },
        ],
      },
    ]);
    expect(await eventsOf(a, b, c)).toBe(before);
    expect(seen(await merge(a.id, b.id, '?dryRun=true'))).toEqual([409, 'already-merged']);
  });
});

describe('refused, with nothing written:', () => {
  test.each([
    ['itself', async (id: string) => [id, id], 400, 'invalid-request', '/absorbedId'],
    ['no UUID', async (id: string) => [id, '42'], 400, 'invalid-request', '/absorbedId'],
    ['an unknown survivor', async (id: string) => [randomUUID(), id], 404, 'not-found', '/survivorId'],
    ['an unknown absorbed', async (id: string) => [id, randomUUID()], 404, 'not-found', '/absorbedId'],
    ['a deleted user', async (id: string) => [id, await deleted()], 410, 'deleted', '/absorbedId'],
    ['one that was merged', async (id: string) => [id, await absorbedBy(id)], 409, 'already-merged', '/absorbedId'],
  ])('a merge with %s', async (_, pair, status, code, pointer) => {
    const { id } = await service.createUser();
    const [survivorId, absorbedId] = await pair(String(id));
    const before = await service.events.countDocuments();
    const answer = await merge(survivorId, absorbedId);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.errors).toMatchObject([{ pointer }]);
    expect(await service.events.countDocuments()).toBe(before);
  });

  test.each([undefined, '', '   ', 'x'.repeat(501), 7])('a merge with the reason %p', async (bad) => {
    const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
    const answer = await service.call('POST /identity-merges', {
      survivorId: one.id,
      absorbedId: other.id,
      reason: bad,
    });
    expect([answer.status, answer.body.errors]).toMatchObject([400, [{ pointer: '/reason' }]]);
  });

  test('one that would make an identity of more members than are allowed', async () => {
    const [first, ...others] = (await users(7)) as [AnswerBody, ...AnswerBody[]];
    for (const other of others.slice(0, 5)) await merged(first, other);
    expect(seen(await merge(first.id, others[5]?.id))).toEqual([409, 'merge-too-large']);
  });

  test('a change or a deletion of the absorbed: 409 that names the survivor', async () => {
    const [a, b, c] = (await users(3)) as [AnswerBody, AnswerBody, AnswerBody];
    await merged(b, c);
    await merged(a, b);
    for (const [method, body] of [
      ['PATCH', { firstName: 'B' }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await service.call(`${method} /users/${c.id}`, body);
      expect([...seen(answer), answer.headers.location]).toEqual([409, 'identity-absorbed', `/users/${a.id}`]);
    }
    const added = await service.call(`POST /users/${c.id}/identities`, { kind: 'crm', value: '7' });
    expect([...seen(added), added.headers.location]).toEqual([409, 'identity-absorbed', `/users/${a.id}`]);
  });

  test('an absorbed user’s address, for anybody', async () => {
    const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
    await merged(one, other);
    expect(seen(await service.call(`PATCH /users/${one.id}`, { email: other.email }))).toEqual([409, 'email-taken']);
    const { status } = await service.call('POST /users', { firstName: 'X', lastName: '', email: other.email });
    expect(status).toBe(409);
  });
});

describe('taken back', () => {
  test('both are as they would be without it, and later events stay where they came', async () => {
    const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
    const { id } = await merged(one, other);
    await service.call(`PATCH /users/${one.id}`, { firstName: 'One' });
    await insert(other, 3, 'userFirstNameChanged_v1', { firstName: 'Other' });
    const answer = await service.call(`DELETE /identity-merges/${id}`);
    expect([answer.status, answer.headers.etag]).toEqual([204, '"4"']);
    const shown = (user: AnswerBody, firstName: string) => ({
      id: user.id,
      firstName,
      lastName: 'Lovelace',
      email: user.email,
    });
    const [first, second] = [(await get(`/users/${one.id}`)).body, (await get(`/users/${other.id}`)).body];
    expect([first, second]).toMatchObject([shown(one, 'One'), shown(other, 'Other')]);
    expect([first.version, second.version, first.versions, second.alternatives]).toEqual([4, 4, undefined, undefined]);
    expect((await get(`/identity-merges/${id}`)).body).toMatchObject({ state: 'retracted', version: 4 });
    expect(seen(await service.call(`DELETE /identity-merges/${id}`))).toEqual([410, 'deleted']);
    expect((await service.call(`PATCH /users/${other.id}`, { firstName: 'Free' })).status).toBe(200);
  });

  test('merges of merges come apart in any order', async () => {
    const [a, b, c] = (await users(3)) as [AnswerBody, AnswerBody, AnswerBody];
    const inner = await merged(b, c);
    const outer = await merged(a, b);
    const rootOf = async (user: AnswerBody) => (await get(`/users/${user.id}`)).body.id;
    await service.call(`DELETE /identity-merges/${inner.id}`);
    expect([await rootOf(b), await rootOf(c)]).toEqual([a.id, c.id]);
    await service.call(`DELETE /identity-merges/${outer.id}`);
    expect([await rootOf(a), await rootOf(b)]).toEqual([a.id, b.id]);
    expect(await merged(c, a)).toMatchObject({ survivorId: c.id });
  });

  test('twice at once: one is told 204, the other 410', async () => {
    const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
    const { id } = await merged(one, other);
    const answers = await Promise.all([1, 2, 3].map(() => service.call(`DELETE /identity-merges/${id}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 410, 410]);
    expect(await service.events.countDocuments({ type: 'mergeRetracted_v1', 'data.mergeId': id })).toBe(2);
  });

  test('an unknown merge is 404, no UUID 400, another version in If-Match 412', async () => {
    const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
    const { id } = await merged(one, other);
    expect((await service.call(`DELETE /identity-merges/${randomUUID()}`)).status).toBe(404);
    expect((await service.call('DELETE /identity-merges/42')).status).toBe(400);
    expect((await service.call(`DELETE /identity-merges/${id}`, undefined, { 'if-match': '"1"' })).status).toBe(412);
    expect((await service.call(`DELETE /identity-merges/${id}`, undefined, { 'if-match': '"2"' })).status).toBe(204);
  });
});

test('deleting a survivor deletes all members in one transaction; their addresses are free again', async () => {
  const [a, b, c] = (await users(3)) as [AnswerBody, AnswerBody, AnswerBody];
  await merged(b, c);
  const { id } = await merged(a, b);
  expect((await service.call(`DELETE /users/${a.id}`)).status).toBe(204);
  for (const user of [a, b, c]) expect(seen(await get(`/users/${user.id}`))).toEqual([410, 'deleted']);
  const times = await service.events.distinct('time', {
    subject: { $in: [a, b, c].map(subjectOf) },
    type: 'userDeleted_v1',
  });
  expect(times).toHaveLength(1);
  expect((await service.createUser({ email: c.email })).email).toBe(c.email);
  expect(seen(await service.call(`DELETE /identity-merges/${id}`))).toEqual([410, 'deleted']);
  expect(seen(await merge(b.id, (await service.createUser()).id))).toEqual([410, 'deleted']);
});

describe('the events of all members', () => {
  test('each once, by time, never against the versions of a subject, in pages', async () => {
    const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
    await merged(one, other);
    const base = Date.now() + 1000;
    // A stranger's clock ran backwards between versions 3 and 4 of the absorbed.
    for (const [n, offset] of [3, 4, 5].map((version, i) => [version, [50, 10, 60][i] ?? 0] as const))
      await insert(other, n, 'userFirstNameChanged_v1', { firstName: `O${n}` }, new Date(base + offset));
    for (const n of [3, 4])
      await insert(one, n, 'userFirstNameChanged_v1', { firstName: `S${n}` }, new Date(base + n * 15));
    const all = (await readAllPages(service.call, `GET /users/${other.id}/events?merged=true&limit=2`)).flat();
    const places = all.map(({ subject, version }) => `${subject === subjectOf(one) ? 's' : 'o'}${version}`);
    expect(places).toHaveLength(9);
    expect(places.slice(-5)).toEqual(['s3', 'o3', 'o4', 's4', 'o5']);
    for (const side of ['s', 'o'])
      expect(places.filter((place) => place.startsWith(side))).toEqual(
        Array.from({ length: side === 's' ? 4 : 5 }, (_, i) => `${side}${i + 1}`),
      );
    expect((await get(`/users/${other.id}/events`)).body.items).toHaveLength(5);
  });

  test('a cursor of another list, and afterVersion beside merged, are refused', async () => {
    const { id } = await service.createUser();
    expect((await get(`/users/${id}/events?merged=true&afterVersion=1`)).body.errors).toMatchObject([
      { pointer: '?afterVersion' },
    ]);
    expect((await get(`/users/${id}/events?merged=true&cursor=WzEsIiIsIiJd`)).status).toBe(400);
    expect((await get(`/users/${randomUUID()}/events?merged=true`)).status).toBe(404);
  });
});

test('minVersion means the subject in the path', async () => {
  const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
  await merged(one, other);
  await service.call(`PATCH /users/${one.id}`, { firstName: 'Later' });
  expect((await get(`/users/${other.id}?minVersion=2`)).body).toMatchObject({ id: one.id, version: 3 });
  expect(seen(await get(`/users/${other.id}?minVersion=3`))).toEqual([503, 'version-not-yet']);
  const waited = await get(`/users/${other.id}?replay=false&minVersion=2`, { prefer: 'wait=10' });
  expect(waited.status).toBe(200);
});

test('merges are listed by id, in pages, with their states', async () => {
  const listed = (await readAllPages(service.call, 'GET /identity-merges?limit=5')).flat();
  const ids = listed.map(({ id }) => String(id));
  expect(ids).toEqual([...ids].sort());
  expect(ids).toHaveLength(await service.events.countDocuments({ type: 'userAbsorbed_v1' }));
  const retracted = await service.events.distinct('data.mergeId', { type: 'mergeRetracted_v1' });
  expect(
    listed
      .filter(({ state }) => state === 'retracted')
      .map(({ id }) => id)
      .sort(),
  ).toEqual(retracted.sort());
});

test('a circle that a stranger made ends, and is answered', async () => {
  const [one, other] = (await users(2)) as [AnswerBody, AnswerBody];
  await insert(one, 2, 'userAbsorbed_v1', { mergeId: randomUUID(), survivorId: other.id, reason });
  await insert(other, 2, 'userAbsorbed_v1', { mergeId: randomUUID(), survivorId: one.id, reason });
  const [first] = [String(one.id), String(other.id)].sort();
  for (const { id } of [one, other]) expect((await get(`/users/${id}`)).body.id).toBe(first);
});

async function deleted(): Promise<string> {
  const { id } = await service.createUser();
  await service.call(`DELETE /users/${id}`);
  return String(id);
}

async function absorbedBy(survivorId: string): Promise<string> {
  const { id } = await service.createUser({ email: newEmail() });
  await merge(survivorId, id);
  return String(id);
}
