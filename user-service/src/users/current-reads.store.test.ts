// Goal: a read by id is current (law 4), costs the same however long the history is, never falls below what was asked
// (law 5), and with replay=false never touches the events.
// Method: the server's own profiler writes down every operation on the database; snapshots are made scarce by removing them.
import type { Document } from 'mongodb';
import { type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService();
});
afterAll(() => service.close());

/** What the service asked the server for while `work` ran, as the server saw it. */
async function profiled(work: () => Promise<unknown>): Promise<Document[]> {
  await service.db.command({ profile: 2 });
  await work();
  await service.db.command({ profile: 0 });
  const seen = await service.db
    .collection('system.profile')
    .find({ appName: 'user-service', op: { $in: ['query', 'command', 'insert', 'update', 'remove'] } })
    .toArray();
  await service.db.collection('system.profile').drop();
  // The reads of the background: what readiness looks at, and the projector's own.
  return seen.filter(({ ns }) => /\.(Users|UserEvents)$/.test(String(ns)));
}

async function insertRenames(id: string, from: number, to: number): Promise<void> {
  const events = Array.from({ length: to - from + 1 }, (_, i) => ({
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: '/test',
    type: 'userFirstNameChanged_v1',
    subject: `user-${id}`,
    version: from + i,
    time: new Date(),
    data: { firstName: `Name ${from + i}` },
  }));
  await service.events.insertMany(events);
}

test('a user of 500 events is read by two queries that look at no more keys than for a user of one', async () => {
  const young = await service.createUser();
  const old = await service.createUser();
  await insertRenames(old.id, 2, 500);
  await service.snapshotAt(young.id, 1);
  await service.snapshotAt(old.id, 500);
  const lookAt = async (id: string) => {
    const operations = await profiled(() => service.call(`GET /users/${id}`));
    const keys = operations.reduce(
      (sum, { keysExamined = 0, docsExamined = 0 }) => sum + keysExamined + docsExamined,
      0,
    );
    return { queries: operations.length, keys };
  };
  // The projector still works on the 500 events, and its queries only add to what a read costs: the cheapest of five counts.
  const costOf = async (id: string) => {
    const looks = [];
    for (let i = 0; i < 5; i++) looks.push(await lookAt(id));
    return looks.reduce((least, look) => (look.queries < least.queries ? look : least));
  };
  const [ofYoung, ofOld] = [await costOf(young.id), await costOf(old.id)];
  expect(ofOld.queries).toBeGreaterThan(0);
  expect(ofOld.queries).toBeLessThanOrEqual(2);
  expect(ofOld).toEqual(ofYoung);
  const { body } = await service.call(`GET /users/${old.id}`);
  expect(body).toMatchObject({ version: 500, firstName: 'Name 500', snapshot: { version: 500, replayedEvents: 0 } });
});

test('replay=false reads the snapshot by its id and nothing else', async () => {
  const { id } = await service.createUser();
  await service.snapshotAt(id, 1);
  const operations = await profiled(() => service.call(`GET /users/${id}?replay=false`));
  expect(operations.map(({ ns }) => ns)).toEqual([`${service.db.databaseName}.Users`]);
  expect(operations[0]).toMatchObject({ op: 'query', docsExamined: 1 });
  const missing = await profiled(() => service.call(`GET /users/${crypto.randomUUID()}?replay=false`));
  expect(missing.map(({ ns }) => ns)).toEqual([`${service.db.databaseName}.Users`]);
  const listed = await profiled(() => service.call('GET /users?limit=2'));
  expect(listed.map(({ ns }) => ns)).toEqual([`${service.db.databaseName}.Users`]);
});

test('replay=false shows the snapshot as it stands, and 404 snapshot-not-yet while there is none', async () => {
  const unknown = await service.call(`GET /users/${crypto.randomUUID()}?replay=false`);
  expect(unknown).toMatchObject({ status: 404, body: { code: 'snapshot-not-yet' } });
  const { id } = await service.createUser();
  const { version, snapshot } = await service.snapshotAt(id, 1);
  expect([version, snapshot]).toEqual([1, { version: 1, replayedEvents: 0 }]);
  const { status, headers } = await service.call(`GET /users/${id}?replay=false`);
  expect([status, headers.etag]).toEqual([200, '"1"']);
});

test('what a read folded on top of its snapshot is told', async () => {
  const { id } = await service.createUser();
  await service.snapshotAt(id, 1);
  // A snapshot kept back by hand stands in for a projector that lags.
  const kept = await service.snapshots.findOne({ _id: `user-${id}` });
  await service.call(`PATCH /users/${id}`, { firstName: 'Bea', lastName: 'Curie' });
  await service.snapshotAt(id, 3);
  await service.snapshots.replaceOne({ _id: `user-${id}` }, kept ?? {});
  const { body } = await service.call(`GET /users/${id}`);
  expect(body).toMatchObject({ version: 3, firstName: 'Bea', snapshot: { version: 1, replayedEvents: 2 } });
  const { body: stale } = await service.call(`GET /users/${id}?replay=false`);
  expect(stale).toMatchObject({ version: 1, firstName: 'Ada', snapshot: { version: 1, replayedEvents: 0 } });
});

describe.each([
  ['with replay', ''],
  ['without replay', '&replay=false'],
])('minVersion %s', (_, more) => {
  const reading = (id: string, version: number, headers = {}) =>
    service.call(`GET /users/${id}?minVersion=${version}${more}`, undefined, headers);

  test('answers at once when it is reached', async () => {
    const { id } = await service.createUser();
    await service.snapshotAt(id, 1);
    const { status, headers, body } = await reading(id, 1, { prefer: 'wait=30' });
    expect([status, body.version, headers['preference-applied']]).toEqual([200, 1, 'wait=30']);
  });

  test('waits for what arrives meanwhile', async () => {
    const { id } = await service.createUser();
    await service.snapshotAt(id, 1);
    const waiting = reading(id, 2, { prefer: 'wait=20' });
    await service.call(`PATCH /users/${id}`, { firstName: 'Bea' });
    const { status, body } = await waiting;
    expect([status, body.version, body.firstName]).toEqual([200, 2, 'Bea']);
  });

  test('waits for a user that is created meanwhile', async () => {
    const id = crypto.randomUUID();
    const waiting = reading(id, 1, { prefer: 'wait=20' });
    await service.createUser({ id });
    expect((await waiting).status).toBe(200);
  });

  test.each([
    ['without a wish to wait', {}, undefined],
    ['after a second', { prefer: 'wait=1' }, 'wait=1'],
    ['after no time', { prefer: 'wait=0' }, 'wait=0'],
  ])('says %s that it cannot yet', async (__, headers, applied) => {
    const { id } = await service.createUser();
    await service.snapshotAt(id, 1);
    const answer = await reading(id, 2, headers);
    expect(answer).toMatchObject({ status: 503, body: { code: 'version-not-yet', currentVersion: 1 } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.headers['preference-applied']).toBe(applied);
  });

  test('says of an unknown user that it is at version 0', async () => {
    const answer = await reading(crypto.randomUUID(), 1);
    expect(answer).toMatchObject({ status: 503, body: { code: 'version-not-yet', currentVersion: 0 } });
  });

  test('of a deleted user answers 410 once the deletion is reached', async () => {
    const { id } = await service.createUser();
    await service.call(`DELETE /users/${id}`);
    expect((await reading(id, 2, { prefer: 'wait=20' })).status).toBe(410);
    expect((await reading(id, 3)).status).toBe(503);
  });

  test('caps the wait at thirty seconds and says so', async () => {
    const { id } = await service.createUser();
    await service.snapshotAt(id, 1);
    const { headers } = await reading(id, 1, { prefer: 'wait=3000' });
    expect(headers['preference-applied']).toBe('wait=30');
  });
});
