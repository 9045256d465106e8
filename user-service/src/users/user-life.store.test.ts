// Goal: creating, changing and deleting a user answers as the contract says, and stores exactly the events it names.
// Method: every route called on a service with a real store; the stored events are read by a plain driver client.
import { randomUUID } from 'node:crypto';
import { newEmail, type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService();
});
afterAll(() => service.close());

const storedOf = (id: string) =>
  service.events
    .find({ subject: `user-${id}` }, { projection: { _id: 0 } })
    .sort({ version: 1 })
    .toArray();
const typesOf = async (id: string) => (await storedOf(id)).map(({ type }) => type);
const claimsOf = async (id: string) => (await storedOf(id)).map(({ claims }) => claims);

describe('a user', () => {
  test('is created by one event, and answered with its place, its version and its resource', async () => {
    const before = Date.now();
    const email = newEmail();
    const { status, headers, body } = await service.call(
      'POST /users',
      { firstName: ' Ada ', lastName: 'King Lovelace', email: ` ${email}` },
      { 'correlation-id': 'conversation 7' },
    );
    expect(status).toBe(201);
    expect(headers).toMatchObject({
      location: `/users/${body.id}`,
      etag: '"1"',
      'correlation-id': 'conversation 7',
      'content-type': 'application/json; charset=utf-8',
    });
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      firstName: 'Ada',
      lastName: 'King Lovelace',
      email,
      version: 1,
      createdAt: body.updatedAt,
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
      snapshot: { version: 0, replayedEvents: 1 },
    });
    expect(await storedOf(body.id)).toEqual([
      {
        specversion: '1.0',
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        source: '/user-service',
        type: 'userCreated_v2',
        subject: `user-${body.id}`,
        version: 1,
        time: expect.any(Date),
        correlationid: 'conversation 7',
        data: { firstName: 'Ada', lastName: 'King Lovelace', email },
        claims: [`email:${email}`],
      },
    ]);
    expect(Date.parse(String(body.createdAt))).toBeGreaterThanOrEqual(before);
  });

  test('in a trace: its event carries the trace, and a trace that is malformed is passed over', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const tracesOf = async (headers: Readonly<Record<string, string>>) => {
      const user = { firstName: 'Ada', lastName: '', email: newEmail() };
      const { status, body } = await service.call('POST /users', user, headers);
      const { body: page } = await service.call(`GET /users/${body.id}/events?raw=true`);
      const [{ traceparent, tracestate } = {} as Record<string, unknown>] = page.items;
      return [status, traceparent, tracestate];
    };
    expect(await tracesOf({ traceparent, tracestate: 'a=b' })).toEqual([201, traceparent, 'a=b']);
    expect(await tracesOf({ traceparent: `${traceparent}-x`, tracestate: 'a=b' })).toEqual([201, undefined, undefined]);
    expect(await tracesOf({ traceparent, tracestate: 'A' })).toEqual([201, traceparent, undefined]);
    expect(await tracesOf({ traceparent: 'x'.repeat(9000) })).toEqual([201, undefined, undefined]);
  });

  test('reads as it was answered', async () => {
    const created = await service.createUser();
    const { status, headers, body } = await service.call(`GET /users/${created.id}`);
    expect(status).toBe(200);
    expect(headers.etag).toBe('"1"');
    expect(body).toEqual({ ...created, snapshot: expect.anything() });
  });

  test('has one specific event for each changed field, and none for one that stays', async () => {
    const { id } = await service.createUser({ firstName: 'Ada', lastName: '' });
    const email = newEmail();
    const { status, headers, body } = await service.call(`PATCH /users/${id}`, {
      firstName: 'Ada',
      lastName: 'Lovelace',
      email,
    });
    expect([status, headers.etag, body.version, body.lastName, body.email]).toEqual([200, '"3"', 3, 'Lovelace', email]);
    expect((await storedOf(id)).slice(1)).toMatchObject([
      { type: 'userLastNameChanged_v1', version: 2, data: { lastName: 'Lovelace' } },
      { type: 'userEmailChanged_v1', version: 3, data: { email } },
    ]);
    await service.call(`PATCH /users/${id}`, { firstName: 'Augusta' });
    expect((await storedOf(id)).at(-1)).toMatchObject({
      type: 'userFirstNameChanged_v1',
      data: { firstName: 'Augusta' },
    });
  });

  test.each([
    ['the same values', { firstName: 'Ada', lastName: 'Lovelace' }],
    ['one value, spelled with spaces', { firstName: '  Ada ' }],
    ['nothing at all', {}],
  ])('a change to %s stores no event', async (_, changes) => {
    const { id } = await service.createUser();
    const { status, headers, body } = await service.call(`PATCH /users/${id}`, changes);
    expect([status, headers.etag, body.version]).toEqual([200, '"1"', 1]);
    expect(await typesOf(id)).toEqual(['userCreated_v2']);
  });

  test('a change of case alone is an event, and claims nothing', async () => {
    const email = newEmail();
    const { id } = await service.createUser({ email });
    const { body } = await service.call(`PATCH /users/${id}`, { email: email.toUpperCase() });
    expect([body.version, body.email]).toEqual([2, email.toUpperCase()]);
    expect(await claimsOf(id)).toEqual([[`email:${email}`], undefined]);
    const other = await service.call('POST /users', { firstName: 'Eve', lastName: '', email });
    expect([other.status, other.body.code]).toEqual([409, 'email-taken']);
  });

  test('a deleted one answers 410 everywhere, also to a second delete', async () => {
    const { id } = await service.createUser();
    const deleted = await service.call(`DELETE /users/${id}`);
    expect([deleted.status, deleted.body]).toEqual([204, {}]);
    expect(await typesOf(id)).toEqual(['userCreated_v2', 'userDeleted_v1']);
    for (const route of [`GET /users/${id}`, `DELETE /users/${id}`]) {
      expect(await service.call(route)).toMatchObject({ status: 410, body: { code: 'deleted' } });
    }
    expect((await service.call(`PATCH /users/${id}`, { firstName: 'Eve' })).status).toBe(410);
    await service.snapshotAt(id, 2);
    expect((await service.call(`GET /users/${id}?replay=false`)).status).toBe(410);
    expect(await typesOf(id)).toHaveLength(2);
  });

  test('that was never heard of answers 404 to every verb', async () => {
    const id = randomUUID();
    for (const [route, body] of [
      [`GET /users/${id}`],
      [`DELETE /users/${id}`],
      [`PATCH /users/${id}`, { firstName: 'Eve' }],
      [`GET /users/${id}/events`],
      [`GET /users/${id}?atVersion=1`],
    ] as const) {
      expect(await service.call(route, body)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
  });
});

describe('an address', () => {
  test('is held by one user at a time, whatever its case', async () => {
    const { email } = await service.createUser();
    const { id } = await service.createUser();
    const taken = { status: 409, body: { code: 'email-taken', errors: [{ pointer: '/email' }] } };
    const spelled = String(email).toUpperCase();
    expect(await service.call('POST /users', { firstName: 'Eve', lastName: '', email: spelled })).toMatchObject(taken);
    expect(await service.call(`PATCH /users/${id}`, { email: spelled })).toMatchObject(taken);
    expect(await typesOf(id)).toHaveLength(1);
  });

  test('a refused change of several fields leaves none of them', async () => {
    const { email } = await service.createUser();
    const { id } = await service.createUser();
    expect((await service.call(`PATCH /users/${id}`, { firstName: 'Eve', email })).status).toBe(409);
    expect((await service.call(`GET /users/${id}`)).body).toMatchObject({ version: 1, firstName: 'Ada' });
  });

  test.each([
    ['deleted', (id: string) => service.call(`DELETE /users/${id}`)],
    ['given another', (id: string) => service.call(`PATCH /users/${id}`, { email: newEmail() })],
    ['given another twice', (id: string) => twoChanges(id)],
  ])('is free again once its user was %s', async (_, moveAway) => {
    const { id, email } = await service.createUser();
    await moveAway(id);
    const next = await service.createUser({ email });
    expect((await service.call(`GET /users/${next.id}`)).body.email).toBe(email);
  });

  test('that is free again can be taken by a change of several fields', async () => {
    const { id: former, email } = await service.createUser();
    await service.call(`DELETE /users/${former}`);
    const { id } = await service.createUser();
    const { status, body } = await service.call(`PATCH /users/${id}`, { firstName: 'Bea', email });
    expect([status, body.version, body.email]).toEqual([200, 3, email]);
    expect(await claimsOf(former)).toEqual([undefined, undefined]);
  });

  test('can be returned to, and is held again then', async () => {
    const { id, email } = await service.createUser();
    await service.call(`PATCH /users/${id}`, { email: newEmail() });
    expect((await service.call(`PATCH /users/${id}`, { email })).status).toBe(200);
    expect((await service.call('POST /users', { firstName: 'Eve', lastName: '', email })).body.code).toBe(
      'email-taken',
    );
    expect(await claimsOf(id)).toEqual([undefined, expect.anything(), [`email:${email}`]]);
  });

  async function twoChanges(id: string): Promise<void> {
    await service.call(`PATCH /users/${id}`, { email: newEmail() });
    await service.call(`PATCH /users/${id}`, { email: newEmail() });
  }
});

describe('an id', () => {
  test('may be given, of whichever version, and is used once only', async () => {
    const id = randomUUID();
    const user = { id, firstName: 'Ada', lastName: '', email: newEmail() };
    expect(await service.call('POST /users', user)).toMatchObject({ status: 201, body: { id } });
    const again = await service.call('POST /users', { ...user, email: newEmail() });
    expect(again).toMatchObject({ status: 409, body: { code: 'id-taken' } });
    await service.call(`DELETE /users/${id}`);
    expect(await service.call('POST /users', user)).toMatchObject({ status: 409, body: { code: 'id-removed' } });
    expect(await typesOf(id)).toHaveLength(2);
  });
});
