// Goal: what happened to people since an import is nobody's to undo: a second run changes nothing, and its backup is of before.
// Method: whole command lines on a real store, with deletions, moved addresses and other users between two runs.
import { openServedWorld, type ServedWorld } from '../testing/served-world.ts';

jest.setTimeout(60_000);

let world: ServedWorld;
let service: ServedWorld['service'];
beforeEach(async () => {
  world = await openServedWorld();
  ({ service } = world);
});
afterEach(() => world.close());

const person = (id: number, properties: object = {}) => ({ $distinct_id: id, $properties: properties });
const event = (id: number, n: number) => ({
  event: 'Opened',
  properties: { distinct_id: id, time: 1_700_000_000 + n, $insert_id: `i${n}` },
});
const userIdOf = async (id: number) => String((await service.call(`GET /identities/mixpanel/${id}`)).body.userId);

test('hazard: somebody who was known before, and deleted since, is not made again, and the figures still add up', async () => {
  const known = await service.createUser({ email: 'a@x.org' });
  await service.call(`POST /users/${known.id}/identities`, { kind: 'mixpanel', value: '1' });
  const args = await world.files([person(1, { $email: 'a@x.org' })], [event(1, 1), event(1, 2)]);
  expect(await world.report(args)).toMatchObject({ events: { stored: 2 }, conservation: { holds: true } });
  await service.call(`DELETE /users/${known.id}`);
  const before = await world.events.countDocuments();
  for (const _ of [1, 2])
    expect(await world.report(args)).toMatchObject({
      people: { stored: 0, repeats: 1 },
      events: { stored: 0, repeats: 2 },
      conservation: { holds: true },
    });
  expect(await world.events.countDocuments()).toBe(before);
});

test('hazard: whoever took an address over since is somebody else, and is merged with nobody', async () => {
  const args = await world.files([person(1, { $email: 'a@x.org' })], [event(1, 1)]);
  await world.report(args);
  expect((await service.call(`PATCH /users/${await userIdOf(1)}`, { email: 'new@x.org' })).status).toBe(200);
  await service.createUser({ email: 'a@x.org' });
  const before = await world.events.countDocuments();
  expect(await world.report(args)).toMatchObject({ merges: 0, conservation: { holds: true } });
  expect(await world.events.countDocuments()).toBe(before);
});

test('a backup that was made before a "no" is made anew before something is stored', async () => {
  const args = await world.files([person(1, { $name: 'Ada' })], []);
  await world.run(args, { confirm: async () => false });
  const user = await service.createUser();
  const { id } = await world.report([...args, '--yes']);
  expect(await world.left(id, 'backup.ndjson')).toMatchObject([{ subject: `user-${user.id}` }]);
});

test('a merge of an import keeps its place before later ones: what a survivor shows stays as it was', async () => {
  const args = await world.files(
    [person(1, { $email: 'a@x.org' }), person(2, { $email: 'a@x.org', $first_name: 'Ann' })],
    [],
  );
  expect(await world.report(args)).toMatchObject({ merges: 1 });
  const survivorId = await userIdOf(1);
  const { id: absorbedId } = await service.createUser({ firstName: 'Zoe' });
  const order = { survivorId, absorbedId, reason: 'the same person' };
  const preview = await service.call('POST /identity-merges?dryRun=true', order);
  expect(preview.body.conflicts).toContainEqual({ field: 'firstName', winner: 'Ann', loser: 'Zoe' });
  expect((await service.call('POST /identity-merges', order)).status).toBe(201);
  expect((await service.call(`GET /users/${survivorId}`)).body).toMatchObject({ firstName: 'Ann' });
});
