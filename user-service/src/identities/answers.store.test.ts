// Goal: what was stored is answered as stored, and a deletion reaches everybody, whatever happened to a member or a setting
// meanwhile. Method: the routes on a real store; a stranger's event holds a member, and a restart lowers the limit.
import { randomUUID } from 'node:crypto';
import { type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
afterEach(() => service.close());

async function oneOf(count: number): Promise<string[]> {
  const users = await Promise.all(Array.from({ length: count }, () => service.createUser()));
  const [survivorId, ...others] = users.map(({ id }) => id);
  for (const absorbedId of others) {
    const answer = await service.call('POST /identity-merges', { survivorId, absorbedId, reason: 'the same person' });
    expect(answer.status).toBe(201);
  }
  return users.map(({ id }) => String(id));
}

test('a change of a survivor is answered although a member is held', async () => {
  service = await startTestUserService();
  const [survivor, held] = await oneOf(2);
  const event = { specversion: '1.0', id: randomUUID(), source: '/stranger', time: new Date(), data: {} };
  await service.events.insertOne({ ...event, subject: `user-${held}`, version: 3, type: 'userEmailChanged_v9' });
  const headers = { 'idempotency-key': randomUUID() };
  const changed = await service.call(`PATCH /users/${survivor}`, { firstName: 'Bea' }, headers);
  expect([changed.status, changed.body.firstName, changed.body.version]).toEqual([200, 'Bea', 3]);
  const again = await service.call(`PATCH /users/${survivor}`, { firstName: 'Bea' }, headers);
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([200, 'true']);
  // A current read cannot tell what the held one would add, and says so.
  expect((await service.call(`GET /users/${survivor}`)).body.code).toBe('subject-held');
});

test('a deletion reaches members beyond a limit that was lowered since', async () => {
  service = await startTestUserService({ IDENTITY_MEMBERS_MAX: '5' });
  const ids = await oneOf(4);
  await service.restart(undefined, { IDENTITY_MEMBERS_MAX: '2' });
  expect((await service.call(`DELETE /users/${ids[0]}`)).status).toBe(204);
  const subjects = ids.map((id) => `user-${id}`);
  expect(await service.events.countDocuments({ type: 'userDeleted_v1', subject: { $in: subjects } })).toBe(4);
});
