// Goal: a snapshot is only a cache (law 3): it equals the fold of the events up to its version, and comes back when it is gone.
// Method: a history written through the API and around it; snapshots compared with a fold and a digest computed here, by
// code of this file's own, then deleted by hand in every way.

import { createHash } from 'node:crypto';
import { userSnapshot_v1 } from '@foldline/contracts';
import type { Document } from 'mongodb';
import { newEmail, type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';
import { insertAsStranger } from '../testing/strangers-events.ts';

let service: StartedUserService;
const ids: string[] = [];

beforeAll(async () => {
  service = await startTestUserService();
  for (let n = 0; n < 12; n += 1) {
    const { id } = await service.createUser({ firstName: `Ada ${n}` });
    ids.push(id);
    if (n % 2) await service.call(`PATCH /users/${id}`, { firstName: `Bea ${n}`, lastName: '', email: newEmail() });
    if (n % 3 === 0) await service.call(`DELETE /users/${id}`);
  }
  const stranger = crypto.randomUUID();
  ids.push(stranger);
  const created = { type: 'userCreated_v1', data: { name: 'Cleo de Nile', email: newEmail(), shoeSize: 37 } };
  await insertAsStranger(service.events, stranger, created, { type: 'userGreeted_v2', data: { words: 'hi' } });
});
afterAll(() => service.close());

/** The fold of system.md's words, written a second time and knowing nothing of the first. */
async function foldedByHand(subject: string): Promise<Document> {
  const events = await service.events.find({ subject }).sort({ version: 1 }).toArray();
  let snapshot: Document = { data: {} };
  let digest = '';
  for (const { id, type, version, time, data } of events) {
    digest = createHash('sha256').update([digest, id, type, version].join('\n'), 'utf8').digest('hex');
    snapshot = { ...snapshot, _id: subject, version, lastEventId: id, eventsDigest: digest, foldVersion: 1 };
    const changes = changesOf(type, data);
    if (changes) snapshot = { ...snapshot, state: changes.state, time, data: { ...snapshot.data, ...changes.data } };
    if (version === 1) snapshot.createdAt = time;
  }
  return snapshot;
}

function changesOf(type: string, data: Document): { state: string; data: Document } | undefined {
  if (type === 'userGreeted_v2') return undefined;
  if (type === 'userDeleted_v1') return { state: 'deleted', data: {} };
  if (type !== 'userCreated_v1') return { state: 'active', data };
  const words = data.name.split(' ');
  return {
    state: 'active',
    data: { firstName: words.slice(0, -1).join(' '), lastName: words.at(-1), email: data.email },
  };
}

async function expectSnapshotsToEqualTheFold(): Promise<void> {
  for (const id of ids) {
    const folded = await foldedByHand(`user-${id}`);
    await service.snapshotAt(id, folded.version);
    expect(await service.snapshots.findOne({ _id: `user-${id}` })).toEqual(folded);
  }
}

test('a snapshot has exactly the members of the contract, and when its first event happened', async () => {
  await service.snapshotAt(ids[1] ?? '', 4);
  const snapshot = await service.snapshots.findOne({ _id: `user-${ids[1]}` });
  // createdAt is shown by reads that must not touch the events, so it has to be here.
  const members = [
    '_id',
    'version',
    'state',
    'time',
    'data',
    'lastEventId',
    'eventsDigest',
    'foldVersion',
    'createdAt',
  ];
  expect(Object.keys(snapshot ?? {}).sort()).toEqual(members.sort());
  expect(userSnapshot_v1.parse(snapshot)).toEqual(snapshot);
  expect(Object.keys(snapshot?.data).sort()).toEqual(['email', 'firstName', 'lastName']);
});

test('every snapshot equals the fold of its events', () => expectSnapshotsToEqualTheFold());

test('the list is the active ones of the fold, by id', async () => {
  await expectSnapshotsToEqualTheFold();
  const folded = await Promise.all(ids.map((id) => foldedByHand(`user-${id}`)));
  const { body } = await service.call('GET /users?limit=200');
  expect(body.items).toEqual(
    folded
      .filter(({ state }) => state === 'active')
      .sort((a, b) => (a._id < b._id ? -1 : 1))
      .map(({ _id, version, time, createdAt, data }) => ({
        id: _id.slice(5),
        ...data,
        version,
        createdAt: createdAt.toISOString(),
        updatedAt: time.toISOString(),
        snapshot: { version, replayedEvents: 0 },
      })),
  );
});

describe.each([
  ['while the service runs', (remove: () => Promise<unknown>) => remove()],
  ['while the service is stopped', (remove: () => Promise<unknown>) => service.restart(remove)],
])('%s', (_, during) => {
  test.each([
    ['one that was deleted', () => service.snapshots.deleteOne({ _id: `user-${ids[1]}` })],
    ['all of them', () => service.snapshots.deleteMany({})],
    ['their whole collection', () => service.snapshots.drop()],
    ['them and the checkpoint', () => removeSnapshotsAndPlace()],
  ])('%s comes back', async (__, remove) => {
    await expectSnapshotsToEqualTheFold();
    await during(remove);
    await expectSnapshotsToEqualTheFold();
  });

  async function removeSnapshotsAndPlace(): Promise<void> {
    await service.db.collection('Checkpoints').deleteMany({});
    await service.snapshots.deleteMany({});
  }
});

test('one that was deleted does not stop later events, and reads stay current without it', async () => {
  const { id } = await service.createUser();
  await service.snapshotAt(id, 1);
  await Promise.all([
    service.snapshots.deleteOne({ _id: `user-${id}` }),
    service.call(`PATCH /users/${id}`, { firstName: 'Bea' }),
  ]);
  expect((await service.call(`GET /users/${id}`)).body).toMatchObject({ version: 2, firstName: 'Bea' });
  expect(await service.snapshotAt(id, 2)).toMatchObject({ version: 2, firstName: 'Bea' });
});

test('events that were stored while the service was stopped arrive after its start', async () => {
  const id = crypto.randomUUID();
  ids.push(id);
  await service.restart(() =>
    insertAsStranger(service.events, id, { type: 'userCreated_v1', data: { name: 'Dora Maar', email: newEmail() } }),
  );
  expect(await service.snapshotAt(id, 1)).toMatchObject({ firstName: 'Dora' });
  await expectSnapshotsToEqualTheFold();
});
