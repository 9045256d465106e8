// Goal: If-Match lets a change through only on a version that it names (RFC 9110), and a race without it ends decided.
// Method: each header against a user at version 2; then writers at once.
import { newEmail, type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService();
});
afterAll(() => service.close());

async function userAtTwo(): Promise<string> {
  const { id } = await service.createUser();
  await service.call(`PATCH /users/${id}`, { firstName: 'Bea' });
  return id;
}

describe.each([
  ['PATCH', { lastName: 'Curie' }, 200],
  ['DELETE', undefined, 204],
])('%s', (method, body, success) => {
  test.each([
    ['"2"', success],
    ['*', success],
    ['"1", "2"', success],
    ['W/"1", "2"', success],
    ['"1"', 412],
    ['"3"', 412],
    ['"1", "3"', 412],
    ['W/"2"', 412],
    ['"two"', 412],
    ['2', 400],
    ['"2', 400],
    ['', 400],
    ['*, "2"', 400],
  ])('with If-Match: %s answers %i', async (header, status) => {
    const id = await userAtTwo();
    const answer = await service.call(`${method} /users/${id}`, body, { 'if-match': header });
    expect(answer.status).toBe(status);
    if (status === 412) expect(answer.body).toMatchObject({ code: 'if-match-failed', currentVersion: 2 });
    if (status === 400) expect(answer.body.errors).toMatchObject([{ pointer: 'If-Match' }]);
    expect(await service.events.countDocuments({ subject: `user-${id}` })).toBe(status < 300 ? 3 : 2);
  });

  test('with If-Match: * answers 404 where there is nothing', async () => {
    const route = `${method} /users/${crypto.randomUUID()}`;
    expect((await service.call(route, body, { 'if-match': '*' })).status).toBe(404);
  });
});

test('a stale If-Match is refused even when nothing would change', async () => {
  const id = await userAtTwo();
  const answer = await service.call(`PATCH /users/${id}`, { firstName: 'Bea' }, { 'if-match': '"1"' });
  expect(answer.status).toBe(412);
});

test('of writers at once with one If-Match exactly one goes through', async () => {
  const id = await userAtTwo();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      service.call(`PATCH /users/${id}`, { firstName: `Bea ${n}`, email: newEmail() }, { 'if-match': '"2"' }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
  expect(await service.events.countDocuments({ subject: `user-${id}` })).toBe(4);
});

test('without If-Match a conflict is decided again; what is refused in the end is a version-conflict', async () => {
  const id = await userAtTwo();
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => service.call(`PATCH /users/${id}`, { firstName: `Bea ${n}` })),
  );
  for (const { status, body } of answers) {
    if (status !== 200) expect([status, body.code]).toEqual([409, 'version-conflict']);
  }
  const accepted = answers.filter(({ status }) => status === 200);
  const versions = await service.events.distinct('version', { subject: `user-${id}` });
  expect(accepted.length).toBeGreaterThanOrEqual(5);
  expect(versions).toEqual(Array.from({ length: accepted.length + 2 }, (_, i) => i + 1));
  expect(new Set(accepted.map(({ body }) => body.version)).size).toBe(accepted.length);
});
