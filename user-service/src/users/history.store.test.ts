// Goal: the past is read as it was, by today's fold; the events in order, upcast or as stored; both also of a deleted user.
// Method: one user with a known history at known times, written by a stranger's script, and one written through the API.
import { readAllPages } from 'foldline/testing';
import { newEmail, type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
const id = '00000000-0000-1000-8000-00000000000a';
const email = newEmail();
const noon = Date.UTC(2026, 2, 1, 12);
const at = (seconds: number) => new Date(noon + seconds * 1000);
const history = [
  { type: 'userCreated_v1', time: at(0), data: { name: 'Ada King Lovelace', email, shoeSize: 38 } },
  { type: 'userFirstNameChanged_v1', time: at(10), data: { firstName: 'Bea' } },
  { type: 'userGreeted_v1', time: at(10), data: { words: 'hello' } },
  // Its clock ran ahead: what follows happened no earlier.
  { type: 'userLastNameChanged_v1', time: at(60), data: { lastName: 'Curie' } },
  { type: 'userFirstNameChanged_v1', time: at(60), data: { firstName: 'Cleo' } },
  { type: 'userDeleted_v1', time: at(90), data: {} },
].map((event, i) => ({
  specversion: '1.0',
  id: `00000000-0000-4000-8000-00000000000${i}`,
  source: '/a-script',
  subject: `user-${id}`,
  version: i + 1,
  ...event,
}));

beforeAll(async () => {
  service = await startTestUserService();
  await service.events.insertMany(history.map((event) => ({ ...event })));
});
afterAll(() => service.close());

const firstNameAt = async (query: string) => {
  const { status, headers, body } = await service.call(`GET /users/${id}?${query}`);
  return status === 200
    ? [headers.etag, body.version, body.firstName, body.lastName]
    : [status, body.code, body.currentVersion];
};

describe.each([
  ['before its snapshot', false],
  ['beside its snapshot', true],
])('a user %s', (_, snapshot) => {
  beforeAll(async () => {
    if (snapshot) await service.snapshotAt(id, history.length);
  });

  test.each([
    ['atVersion=1', ['"1"', 1, 'Ada King', 'Lovelace']],
    ['atVersion=2', ['"2"', 2, 'Bea', 'Lovelace']],
    ['atVersion=3', ['"3"', 3, 'Bea', 'Lovelace']],
    ['atVersion=5', ['"5"', 5, 'Cleo', 'Curie']],
    ['atVersion=6', [410, 'deleted', 6]],
    ['atVersion=7', [404, 'not-found', 6]],
    ['atVersion=0', [400, 'invalid-request', undefined]],
    [`at=${at(0).toISOString()}`, ['"1"', 1, 'Ada King', 'Lovelace']],
    [`at=${at(9.999).toISOString()}`, ['"1"', 1, 'Ada King', 'Lovelace']],
    [`at=${at(10).toISOString()}`, ['"3"', 3, 'Bea', 'Lovelace']],
    ['at=2026-03-01T13:00:59%2B01:00', ['"3"', 3, 'Bea', 'Lovelace']],
    [`at=${at(60).toISOString()}`, ['"5"', 5, 'Cleo', 'Curie']],
    [`at=${at(100).toISOString()}`, [410, 'deleted', 6]],
    [`at=${at(-0.001).toISOString()}`, [404, 'not-found', undefined]],
    ['at=yesterday', [400, 'invalid-request', undefined]],
    ['at=2026-03-01', [400, 'invalid-request', undefined]],
  ])('?%s', async (query, expected) => {
    expect(await firstNameAt(query)).toEqual(expected);
  });
});

test.each([
  'atVersion=1&replay=false',
  'atVersion=1&replay=true',
  'atVersion=1&minVersion=1',
  'at=2026-03-01T13:00:00Z&replay=false',
  'at=2026-03-01T13:00:00Z&minVersion=1',
  'at=2026-03-01T13:00:00Z&atVersion=1',
])('?%s asks for two things at once: 400', async (query) => {
  expect(await firstNameAt(query)).toEqual([400, 'invalid-request', undefined]);
});

test('a prefix ends before the first event that is later, even if an event behind it is not', async () => {
  const subject = `user-${crypto.randomUUID()}`;
  const backwards = [at(0), at(50), at(20)].map((time, i) => ({
    ...history[i === 0 ? 0 : 1],
    id: crypto.randomUUID(),
    subject,
    version: i + 1,
    time,
    data: i === 0 ? { name: 'Ada L', email: newEmail() } : { firstName: `Name ${i + 1}` },
  }));
  await service.events.insertMany(backwards);
  const { body } = await service.call(`GET /users/${subject.slice(5)}?at=${at(30).toISOString()}`);
  expect([body.version, body.firstName]).toEqual([1, 'Ada']);
});

describe('events', () => {
  const pathOf = (query: string) => `GET /users/${id}/events${query}`;

  test('are shown in order, of a deleted user too, upcast to the newest version of their type', async () => {
    const { status, body } = await service.call(pathOf(''));
    expect(status).toBe(200);
    expect(body.nextCursor).toBeNull();
    expect(body.items).toEqual(
      history.map((event, i) => ({
        ...event,
        time: event.time.toISOString(),
        ...(i === 0 && { type: 'userCreated_v2', data: { firstName: 'Ada King', lastName: 'Lovelace', email } }),
      })),
    );
  });

  test('are shown as stored with raw=true, without what is of the store', async () => {
    const { body } = await service.call(pathOf('?raw=true'));
    expect(body.items).toEqual(history.map((event) => ({ ...event, time: event.time.toISOString() })));
  });

  test('keep their claims and requests to themselves', async () => {
    const key = { 'idempotency-key': 'of-the-store' };
    const { body } = await service.call('POST /users', { firstName: 'A', lastName: '', email: newEmail() }, key);
    for (const raw of ['true', 'false']) {
      const { body: page } = await service.call(`GET /users/${body.id}/events?raw=${raw}`);
      expect(Object.keys(page.items[0] ?? {}).sort()).toEqual([
        'correlationid',
        'data',
        'id',
        'source',
        'specversion',
        'subject',
        'time',
        'type',
        'version',
      ]);
    }
  });

  test.each([1, 2, 4, 6, 200])('come in pages of %i, complete and without doubles', async (limit) => {
    const pages = await readAllPages(service.call, pathOf(`?raw=true&limit=${limit}`));
    expect(pages.flat().map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(pages.length).toBe(Math.ceil(6 / limit));
  });

  test.each([
    ['?afterVersion=0', [1, 2, 3, 4, 5, 6]],
    ['?afterVersion=4', [5, 6]],
    ['?afterVersion=6', []],
    ['?afterVersion=99', []],
  ])('%s', async (query, versions) => {
    const { status, body } = await service.call(pathOf(query));
    expect([status, body.items.map(({ version }) => version)]).toEqual([200, versions]);
  });

  test.each([
    '?afterVersion=-1',
    '?afterVersion=x',
    '?limit=0',
    '?limit=201',
    '?limit=abc',
    '?cursor=',
    '?cursor=abc',
    '?raw=yes',
    '?replay=false',
  ])('%s is refused', async (query) => {
    const { status, body } = await service.call(pathOf(query));
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors[0]?.pointer).toBe(query.replace(/=.*/, ''));
  });

  test('of another user do not go on from this one’s cursor', async () => {
    const other = await service.createUser();
    const { body } = await service.call(pathOf('?limit=1'));
    const answer = await service.call(`GET /users/${other.id}/events?cursor=${body.nextCursor}`);
    expect(answer.status).toBe(400);
  });

  test('of a user who was never heard of: 404', async () => {
    expect((await service.call(`GET /users/${crypto.randomUUID()}/events`)).status).toBe(404);
  });
});
