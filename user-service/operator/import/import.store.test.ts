// Goal: an import stores people, events and merges as docs/import-identities.md says, never twice, and the service shows them.
// Method: whole command lines with small files on a real store; what they left is read by a plain driver client and by the routes.
import type { Document } from 'mongodb';
import { openServedWorld, type ServedWorld } from '../testing/served-world.ts';
import { openImportWorld } from '../testing/verb-runs.ts';

jest.setTimeout(60_000);

let world: ServedWorld;
let service: ServedWorld['service'];
beforeEach(async () => {
  world = await openServedWorld();
  ({ service } = world);
});
afterEach(() => world.close());

const time = 1_700_000_000;
const person = (id: unknown, properties: object = {}) => ({ $distinct_id: id, $properties: properties });
const event = (id: unknown, n: number, more: object = {}) => ({
  event: 'Opened',
  properties: { distinct_id: id, time: time + n, $insert_id: `i${n}`, ...more },
});
const get = (path: string) => service.call(`GET ${path}`);
const holder = async (id: string) => (await get(`/identities/mixpanel/${encodeURIComponent(id)}`)).body;
const userIdOf = async (id: string) => String((await holder(id)).userId);
const streamOf = async (id: string) => {
  const subject = `user-${await userIdOf(id)}`;
  return world.events.find({ subject }).sort({ version: 1 }).toArray();
};
const typesOf = (events: readonly Document[]) => events.map(({ type }) => type);
const figures = (read: number, stored: number, repeats = 0, refused = 0, blank = 0) => ({
  read,
  stored,
  repeats,
  refused,
  blank,
});

test('two ids with one address become one user with all events, and two again when the merge is taken back', async () => {
  const args = await world.files(
    [
      person(42, { $name: 'Ada King', $email: 'Ada@Example.org' }),
      person('ada@example.org', { $email: 'ada@example.ORG' }),
    ],
    [event(42, 1), event('ada@example.org', 2), event('42', 3), event('visitor', 4)],
  );
  const report = await world.report(args);
  expect(report).toMatchObject({
    people: figures(2, 2),
    events: figures(4, 4),
    merges: 1,
    notMerged: {},
    withoutProfile: 1,
    conservation: { holds: true, expected: { people: 3, events: 4 }, inStore: { people: 3, events: 4 } },
  });

  const [imported, identity, ...activities] = await streamOf('42');
  const since = new Date((time + 1) * 1000);
  expect(imported).toMatchObject({
    type: 'userImported_v1',
    version: 1,
    source: '/user-service',
    time: since,
    claims: ['email:ada@example.org'],
    data: { firstName: 'Ada', lastName: 'King', email: 'Ada@Example.org' },
    correlationid: `import-${report.id}`,
  });
  expect(identity).toMatchObject({
    type: 'userIdentityAdded_v1',
    version: 2,
    data: { kind: 'mixpanel', value: '42' },
    time: since,
    claims: ['identity:mixpanel:42'],
  });
  expect(activities.slice(0, 2)).toMatchObject(
    [1, 3].map((n) => ({
      type: 'activityRecorded_v1',
      time: new Date((time + n) * 1000),
      claims: [expect.stringMatching(/^activity:/)],
      data: { name: 'Opened', insertId: `i${n}`, properties: event(n === 1 ? 42 : '42', n).properties },
    })),
  );
  expect(typesOf(activities.slice(2))).toEqual(['userMerged_v1']);
  expect((await streamOf('ada@example.org'))[0]?.data).toEqual({});
  expect(typesOf(await streamOf('visitor'))).toEqual([
    'userImported_v1',
    'userIdentityAdded_v1',
    'activityRecorded_v1',
  ]);

  const [survivorId, absorbedId] = [await userIdOf('42'), await userIdOf('ada@example.org')];
  expect(await holder('ada@example.org')).toMatchObject({ survivorId });
  expect((await get(`/users/${absorbedId}`)).body).toMatchObject({
    id: survivorId,
    firstName: 'Ada',
    lastName: 'King',
  });
  const all = await get(`/users/${survivorId}/events?merged=true`);
  const opened = all.body.items.filter(({ type }) => type === 'activityRecorded_v1');
  expect(opened.map(({ data }) => (data as { insertId: string }).insertId)).toEqual(['i1', 'i2', 'i3']);

  const [merge] = (await get('/identity-merges')).body.items;
  expect(merge).toMatchObject({ survivorId, absorbedId, reason: `import ${report.id}: one address` });
  expect((await service.call(`DELETE /identity-merges/${merge?.id}`)).status).toBe(204);
  expect((await get(`/users/${absorbedId}`)).body).toMatchObject({ id: absorbedId, firstName: '', email: '' });

  // Somebody took it back: the import that made it does not make it again.
  expect(await world.report(args)).toMatchObject({ merges: 0, conservation: { holds: true } });
  expect(await holder('ada@example.org')).toMatchObject({ survivorId: absorbedId });
});

test('a second run changes nothing, counts every line as a repeat, and keeps the earlier report', async () => {
  const profile = person(1, { $email: 'a@x.org' });
  const again = event(1, 1, { city: 'other' });
  const args = await world.files([profile, profile, '', person('2')], [event(1, 1), again, event('2', 2), '  ', 'x']);
  const first = await world.report(args);
  expect(first).toMatchObject({ people: figures(4, 2, 1, 0, 1), events: figures(5, 2, 1, 1, 1) });
  const before = await world.events.find().sort({ _id: 1 }).toArray();
  for (const n of [1, 2]) {
    const second = await world.report(args);
    expect(second).toMatchObject({ people: figures(4, 0, 3, 0, 1), events: figures(5, 0, 3, 1, 1), merges: 0 });
    expect(second.conservation).toEqual(first.conservation);
    expect(await world.left(first.id, `report-${n}.json`)).toMatchObject([{ events: { stored: n === 1 ? 2 : 0 } }]);
  }
  expect(await world.events.find().sort({ _id: 1 }).toArray()).toEqual(before);
});

test('a dry run tells what would be done, and leaves nothing anywhere', async () => {
  const bare = await openImportWorld();
  const args = await bare.files(
    [person(1, { $email: 'a@x.org' }), person('b', { $email: 'A@X.org' }), '{'],
    [event(1, 1), event('c', 2), 'null'],
  );
  const { code, out } = await bare.run([...args, '--dry-run', '-o', 'json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    newPeople: 3,
    withoutProfile: 1,
    knownPeople: 0,
    sharingAnAddress: 2,
    mergesToCome: 1,
    events: 2,
    refusals: { people: { 'not-json': 1 }, events: { 'not-an-object': 1 } },
  });
  expect((await bare.run([...args, '--dry-run'])).out).toMatch(/new people +3\n.*only +1\n[\s\S]*merges to come +1\n/);
  await expect(bare.left(JSON.parse(out).id, 'backup.ndjson')).rejects.toThrow('ENOENT');
  await expect(bare.collections()).resolves.toEqual([]);
  await bare.close();
});

test('whoever the store knows already survives: by an identity, or by an address in any case', async () => {
  const known = await service.createUser({ email: 'Known@x.org' });
  const other = await service.createUser({ email: 'other@x.org' });
  const identity = { kind: 'mixpanel', value: 'seven' };
  expect((await service.call(`POST /users/${other.id}/identities`, identity)).status).toBe(201);
  const gone = await service.createUser({ email: 'gone@x.org' });
  await service.call(`DELETE /users/${gone.id}`);
  const args = await world.files(
    [person(1, { $email: 'known@X.org' }), person('seven', { $first_name: 'No' }), person(3, { $email: 'gone@x.org' })],
    [event(1, 1), event('seven', 2)],
  );
  expect(await world.report(args)).toMatchObject({ people: figures(3, 2, 1), events: figures(2, 2), merges: 1 });
  expect(await holder('1')).toMatchObject({ survivorId: known.id });
  expect((await get(`/users/${await userIdOf('1')}`)).body).toMatchObject({ id: known.id, email: 'Known@x.org' });
  // Nobody who was there before is changed; what they did is added.
  expect(typesOf(await streamOf('seven'))).toEqual(['userCreated_v2', 'userIdentityAdded_v1', 'activityRecorded_v1']);
  expect((await get(`/users/${await userIdOf('3')}`)).body).toMatchObject({ email: 'gone@x.org' });
});

test('a repeat is the same name, time, person and insert id, also in another export; without an insert id it is kept', async () => {
  const people = [person(1, { $email: 'a@x.org' }), person('a', { $email: 'a@x.org' }), person(2)];
  const bare = { event: 'Opened', properties: { distinct_id: 2, time, x: 1, y: 2 } };
  const same = { properties: { y: 2, x: 1, time: time * 1000, distinct_id: '2' }, event: 'Opened' };
  const lines = [
    event(1, 1),
    event('a', 1),
    { ...event(1, 1), event: 'Left' },
    event(1, 1, { time: time + 9 }),
    event(2, 1),
    event(1, 1, { $insert_id: 'other' }),
    event(1, 1, { time: (time + 1) * 1000 }),
    bare,
    same,
  ];
  const args = await world.files(people, lines);
  expect(await world.report(args)).toMatchObject({ events: figures(9, 7, 2) });
  const later = await world.files(people, [event('a', 1), event(1, 5)]);
  expect(await world.report(later)).toMatchObject({ people: figures(3, 0, 3), events: figures(2, 1, 1), merges: 0 });
});

test('--dedupe-by-content compares what has no insert id; another rule for the same files is refused', async () => {
  const bare = { event: 'Opened', properties: { distinct_id: 2, time, x: 1, y: { z: 2 } } };
  const same = { properties: { y: { z: 2 }, x: 1, time: time * 1000, distinct_id: '2' }, event: 'Opened' };
  const other = { event: 'Opened', properties: { distinct_id: 2, time, x: 2, y: { z: 2 } } };
  const args = await world.files([], [bare, same, other]);
  expect(await world.report([...args, '--dedupe-by-content'])).toMatchObject({ events: figures(3, 2, 1) });
  expect(await world.run(args)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/--kind mixpanel --dedupe-by-content/),
  });
  expect(await world.run([...args, '--dedupe-by-content', '--kind', 'amplitude'])).toMatchObject({ code: 1 });
});

test('the kind of the identities can be said; those that every user has cannot be taken', async () => {
  const args = await world.files([person(7, { $name: 'Ada' })], []);
  await world.report([...args, '--kind', 'legacy-id']);
  expect((await get('/identities/legacy-id/7')).status).toBe(200);
  for (const kind of ['email', 'id', 'Big', ''])
    expect(await world.run([...args, '--kind', kind])).toMatchObject({ code: 2 });
});

test('a person who was deleted since is not made again, and what comes later is kept on their stream', async () => {
  const args = await world.files([person(1, { $email: 'a@x.org' })], [event(1, 1)]);
  await world.report(args);
  const subject = `user-${await userIdOf('1')}`;
  expect((await service.call(`DELETE /users/${await userIdOf('1')}`)).status).toBe(204);
  const before = await world.events.countDocuments();
  expect(await world.report(args)).toMatchObject({ people: figures(1, 0, 1), events: figures(1, 0, 1) });
  expect(await world.events.countDocuments()).toBe(before);
  expect(await world.events.countDocuments({ subject })).toBe(4);
});

test('a user who cannot be merged stays, and the report says why', async () => {
  const holderOf = await service.createUser({ email: 'a@x.org' });
  const args = await world.files([person(1, { $email: 'a@x.org' })], []);
  await world.report(args);
  const report = await world.report(await world.files([person(1, { $email: 'a@x.org' }), ''], []));
  expect(report).toMatchObject({ merges: 0, notMerged: { 'already-merged': 1 }, conservation: { holds: true } });
  expect(await holder('1')).toMatchObject({ survivorId: holderOf.id });
});

test('at a terminal it asks before it stores, and the backup holds what was there', async () => {
  const user = await service.createUser();
  const args = await world.files([person(1, { $name: 'Ada' })], []);
  const asked: string[] = [];
  const no = await world.run(args, { confirm: async (question) => asked.push(`${question}`) === 0 });
  expect(no).toMatchObject({ code: 1, out: '', err: expect.stringContaining('Nothing was stored.') });
  expect([asked.length, await world.events.countDocuments()]).toEqual([1, 1]);
  const { id } = await world.report([...args, '--yes']);
  const backup = await world.left(id, 'backup.ndjson');
  expect(backup).toMatchObject([{ subject: `user-${user.id}`, version: { $numberInt: '1' } }]);
});
