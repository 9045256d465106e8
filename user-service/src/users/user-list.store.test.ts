// Goal: the list of users is complete, without doubles and without the deleted, in pages of any size; bad pages are refused.
// Method: a few dozen users, read page by page while more are created.
import { readAllPages } from 'foldline/testing';
import { type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
const active: string[] = [];

beforeAll(async () => {
  service = await startTestUserService();
  const users = await Promise.all(Array.from({ length: 23 }, () => service.createUser()));
  for (const [n, { id }] of users.entries()) {
    if (n % 5 === 0) await service.call(`DELETE /users/${id}`);
    else active.push(id);
    await service.snapshotAt(id, n % 5 === 0 ? 2 : 1);
  }
  active.sort();
});
afterAll(() => service.close());

test.each([1, 7, 18, 50, 200])('pages of %i are complete and without doubles', async (limit) => {
  const pages = await readAllPages(service.call, `GET /users?limit=${limit}`);
  expect(pages.flat().map(({ id }) => id)).toEqual(active);
  expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
  expect(pages.length).toBe(Math.ceil(active.length / limit));
});

test('what changes between two pages neither doubles nor hides the others', async () => {
  const first = await service.call('GET /users?limit=10');
  await service.call(`DELETE /users/${first.body.items[0]?.id}`);
  await service.snapshotAt(String(first.body.items[0]?.id), 2);
  const rest = await service.call(`GET /users?limit=200&cursor=${first.body.nextCursor}`);
  expect(rest.body.items.map(({ id }) => id)).toEqual(active.slice(10));
  active.shift();
});

test.each([
  ['limit=0', '?limit'],
  ['limit=201', '?limit'],
  ['limit=abc', '?limit'],
  ['limit=1.5', '?limit'],
  ['limit=', '?limit'],
  ['limit=1&limit=2', '?limit'],
  ['cursor=', '?cursor'],
  ['cursor=abc', '?cursor'],
  ['cursor=%00', '?cursor'],
  ['cursor=a&cursor=b', '?cursor'],
  ['order=name', '?order'],
])('?%s is refused, naming its place', async (query, pointer) => {
  const { status, body } = await service.call(`GET /users?${query}`);
  expect([status, body.code, body.errors[0]?.pointer]).toEqual([400, 'invalid-request', pointer]);
});

test('a cursor of another list is refused', async () => {
  const { body } = await service.call(`GET /users/${active[0]}/events?limit=1`);
  expect(body.nextCursor).toBeNull();
  await service.call(`PATCH /users/${active[0]}`, { firstName: 'Bea' });
  const events = await service.call(`GET /users/${active[0]}/events?limit=1`);
  const answer = await service.call(`GET /users?cursor=${events.body.nextCursor}`);
  expect([answer.status, answer.body.errors[0]?.pointer]).toEqual([400, '?cursor']);
});
