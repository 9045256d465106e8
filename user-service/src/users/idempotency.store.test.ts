// Goal: the second time has no effect (law 11): a request repeated under its key answers as the first did, also beside it.
// Method: each command sent again, changed, and ten times at once; the stored events say how often it took effect.
import { newEmail, type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService();
});
afterAll(() => service.close());

let keys = 0;
const newKey = () => {
  keys += 1;
  return `key-${keys}`;
};
const keyed = (key: string) => ({ 'idempotency-key': key });
const newUser = () => ({ firstName: 'Ada', lastName: 'Lovelace', email: newEmail() });
const eventsOf = (id: string) => service.events.countDocuments({ subject: `user-${id}` });
const replayedIn = ({ headers }: { headers: Readonly<Record<string, unknown>> }) => headers['idempotency-replayed'];

describe.each([
  ['POST', async () => ({ route: 'POST /users', body: newUser(), events: 1 })],
  [
    'POST with an id',
    async () => ({ route: 'POST /users', body: { ...newUser(), id: crypto.randomUUID() }, events: 1 }),
  ],
  [
    'PATCH of one field',
    async () => ({ route: `PATCH /users/${(await service.createUser()).id}`, body: { firstName: 'Eve' }, events: 2 }),
  ],
  [
    'PATCH of three fields',
    async () => ({
      route: `PATCH /users/${(await service.createUser()).id}`,
      body: { firstName: 'Eve', lastName: 'Curie', email: newEmail() },
      events: 4,
    }),
  ],
  ['DELETE', async () => ({ route: `DELETE /users/${(await service.createUser()).id}`, body: undefined, events: 2 })],
])('%s under a key', (_, prepare) => {
  const subjectOf = (route: string, answer: { body: { id?: string } }) =>
    route.split('/users/')[1] ?? answer.body.id ?? '';

  test('answers its repeat as the first, and says so', async () => {
    const { route, body, events } = await prepare();
    const key = newKey();
    const first = await service.call(route, body, keyed(key));
    expect([first.status < 300, replayedIn(first)]).toEqual([true, undefined]);
    for (const spelled of [key, `"${key}"`]) {
      const again = await service.call(route, body, keyed(spelled));
      expect([again.status, replayedIn(again)]).toEqual([first.status, 'true']);
      expect([again.headers.etag, again.headers.location]).toEqual([first.headers.etag, first.headers.location]);
      expect(withoutSnapshot(again.body)).toEqual(withoutSnapshot(first.body));
    }
    expect(await eventsOf(subjectOf(route, first))).toBe(events);
  });

  test('takes effect once when it is sent ten times at once', async () => {
    const { route, body, events } = await prepare();
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.call(route, body, keyed(key))));
    const [first] = answers.filter((answer) => replayedIn(answer) === undefined);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => first?.status));
    expect(answers.filter((answer) => replayedIn(answer) === 'true')).toHaveLength(9);
    for (const { headers, body: shown } of answers) {
      expect(headers.etag).toBe(first?.headers.etag);
      expect(headers.location).toBe(first?.headers.location);
      expect(withoutSnapshot(shown)).toEqual(withoutSnapshot(first?.body ?? {}));
    }
    expect(await eventsOf(subjectOf(route, first ?? { body: {} }))).toBe(events);
  });
});

test.each([
  ['another body', { firstName: 'Eve' }],
  ['another body by one more field', { firstName: 'Bea', lastName: '' }],
])('the same key with %s answers 422', async (_, body) => {
  const { id } = await service.createUser();
  const key = newKey();
  await service.call(`PATCH /users/${id}`, { firstName: 'Bea' }, keyed(key));
  const answer = await service.call(`PATCH /users/${id}`, body, keyed(key));
  expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect(await eventsOf(id)).toBe(2);
});

test('a body is compared as canonical JSON: neither spacing nor the order of keys makes it another', async () => {
  const { firstName, lastName, email } = newUser();
  const key = newKey();
  await service.call('POST /users', { firstName, lastName, email }, keyed(key));
  const respelled = ` {"email" : "${email}", "lastName":"Love\\u006cace","firstName":"${firstName}" }`;
  const again = await service.call('POST /users', respelled, keyed(key));
  expect([again.status, replayedIn(again)]).toEqual([201, 'true']);
});

test('a repeat shows the resource as the first answer did, whatever happened since, also after a deletion', async () => {
  const key = newKey();
  const user = newUser();
  const { body: created } = await service.call('POST /users', user, keyed(key));
  const patchKey = newKey();
  const patched = await service.call(`PATCH /users/${created.id}`, { firstName: 'Bea' }, keyed(patchKey));
  await service.call(`PATCH /users/${created.id}`, { firstName: 'Cleo', lastName: 'Curie' });
  await service.call(`DELETE /users/${created.id}`);
  await service.snapshotAt(created.id, 5);
  const again = await service.call('POST /users', user, keyed(key));
  expect([again.status, again.headers.etag, replayedIn(again)]).toEqual([201, '"1"', 'true']);
  expect(withoutSnapshot(again.body)).toEqual(withoutSnapshot(created));
  const patchedAgain = await service.call(`PATCH /users/${created.id}`, { firstName: 'Bea' }, keyed(patchKey));
  expect([patchedAgain.status, patchedAgain.headers.etag]).toEqual([200, '"2"']);
  expect(withoutSnapshot(patchedAgain.body)).toEqual(withoutSnapshot(patched.body));
});

test('the same key on another path, by another method or of another principal is another key', async () => {
  const key = newKey();
  const [one, two] = [await service.createUser(), await service.createUser()];
  for (const { id } of [one, two]) {
    const answer = await service.call(`PATCH /users/${id}`, { firstName: 'Bea' }, keyed(key));
    expect([answer.status, replayedIn(answer)]).toEqual([200, undefined]);
  }
  expect(replayedIn(await service.call(`DELETE /users/${one.id}`, undefined, keyed(key)))).toBeUndefined();
  expect(await eventsOf(one.id)).toBe(3);
});

test.each([
  ['404', async () => `PATCH /users/${crypto.randomUUID()}`],
  ['412', async () => `PATCH /users/${(await service.createUser()).id}`],
])('a request that was refused with %s leaves nothing: its key is free', async (status, prepare) => {
  const route = await prepare();
  const key = newKey();
  const refused = await service.call(route, { firstName: 'Bea' }, { ...keyed(key), 'if-match': '"9"' });
  expect(refused.status).toBe(Number(status));
  const id = route.split('/').at(-1) ?? '';
  if (status === '404') await service.createUser({ id });
  const accepted = await service.call(route, { firstName: 'Bea' }, keyed(key));
  expect([accepted.status, replayedIn(accepted)]).toEqual([200, undefined]);
});

test('a creation refused for its address succeeds under the same key once the address is free', async () => {
  const { id, email } = await service.createUser();
  const key = newKey();
  const user = { ...newUser(), email };
  expect((await service.call('POST /users', user, keyed(key))).status).toBe(409);
  await service.call(`DELETE /users/${id}`);
  const accepted = await service.call('POST /users', user, keyed(key));
  expect([accepted.status, replayedIn(accepted)]).toEqual([201, undefined]);
});

test('a change that changed nothing leaves nothing either', async () => {
  const { id } = await service.createUser();
  const key = newKey();
  await service.call(`PATCH /users/${id}`, { firstName: 'Ada' }, keyed(key));
  await service.call(`PATCH /users/${id}`, { firstName: 'Bea' });
  const later = await service.call(`PATCH /users/${id}`, { firstName: 'Ada' }, keyed(key));
  expect([later.body.version, replayedIn(later)]).toEqual([3, undefined]);
});

test('a replayed PATCH answers its first success although its If-Match no longer holds', async () => {
  const { id } = await service.createUser();
  const headers = { ...keyed(newKey()), 'if-match': '"1"' };
  await service.call(`PATCH /users/${id}`, { firstName: 'Bea' }, headers);
  const again = await service.call(`PATCH /users/${id}`, { firstName: 'Bea' }, headers);
  expect([again.status, replayedIn(again)]).toEqual([200, 'true']);
});

test.each([
  ['empty', '', 400],
  ['an empty string in quotes', '""', 400],
  ['256 characters', 'k'.repeat(256), 400],
  ['256 characters in quotes', `"${'k'.repeat(256)}"`, 400],
  ['255 characters', 'k'.repeat(255), 201],
  ['255 characters in quotes', `"${'q'.repeat(255)}"`, 201],
])('a key of %s is answered as it should', async (_, key, status) => {
  const answer = await service.call('POST /users', newUser(), keyed(key));
  expect(answer.status).toBe(status);
  if (status === 400) expect(answer.body.errors).toMatchObject([{ pointer: 'Idempotency-Key' }]);
});

function withoutSnapshot(body: object): object {
  return { ...body, snapshot: undefined };
}
