// Goal: an operator pauses the snapshots and sees what waits; reads and commands go on, nothing is lost, and a restart changes
// nothing. Method: the service in this process on a real mongod; the operator asks over HTTP, and a plain driver looks at what is there.
import type { AnswerBody } from 'foldline/testing';
import { until } from 'foldline/testing/workspace';
import { type StartedUserService, startTestUserService } from './testing/started-user-service.ts';

const settings = {
  GAP_COUNT_EVERY_MS: '1',
  PROGRESS_LOOK_EVERY_MS: '50',
  PROGRESS_STALLED_AFTER_MS: '100',
  PAUSE_LOOK_EVERY_MS: '20',
};
let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService(settings);
});
afterAll(() => service.close());

const ask = (route: string, body?: object) => service.call(route, body);
const newUser = async () => {
  const id = crypto.randomUUID();
  const fields = { id, firstName: 'Ada', lastName: 'L', email: `${id}@example.org` };
  const { status } = await ask('POST /users', fields);
  expect(status).toBe(201);
  return id;
};

interface Status extends AnswerBody {
  readonly gap: { readonly events: number; readonly isLeast: boolean } | null;
  readonly lagMs: number | null;
  readonly pause: object | null;
  readonly sources: readonly { readonly state: string }[];
}

async function users(): Promise<Status> {
  const { body } = await ask('GET /admin/projections');
  return (body.projections as Status[])[0] as Status;
}
async function check(name: string) {
  const { status, body } = await ask('GET /readyz?verbose');
  return {
    status,
    ...(body.checks as { name: string; detail: string; ready: boolean }[]).find((one) => one.name === name),
  };
}
const series = async (name: string) => {
  const body = await service.text('/metrics');
  return Number(new RegExp(`^${name}\\{[^}]*\\} (.*)$`, 'm').exec(body)?.[1]);
};
const resumed = async () => {
  await ask('POST /admin/projections/users/resume');
  await until(async () => (await users()).state === 'running');
};

test('running: no gap, no lag, the collection that is read', async () => {
  await service.snapshotAt(await newUser(), 1);
  await until(async () => (await users()).state === 'running');
  expect(await users()).toMatchObject({
    name: 'users',
    state: 'running',
    detail: '',
    pause: null,
    gap: { events: 0, isLeast: false },
    lagMs: 0,
    held: 0,
    sources: [{ name: 'user-events', state: 'caught-up', countedBy: 'documents' }],
    models: [{ name: 'users', collection: 'Users', equalAt: null }],
  });
});

test('paused: what waits is counted and never stalled, current reads and commands go on; resumed, all of it arrives', async () => {
  const { body: pulled } = await ask('POST /admin/projections/users/pause', { reason: ' a move ' });
  expect(pulled).toEqual({
    name: 'users',
    isChanged: true,
    pause: { since: expect.any(String), by: 'local', reason: 'a move' },
  });
  const ids = [await newUser(), await newUser(), await newUser()];
  await until(async () => (await users()).sources[0]?.state === 'paused');
  // Longer than a backlog may lie still.
  await until(async () => ((await users()).lagMs ?? 0) > 200);
  expect(await users()).toMatchObject({ state: 'paused', pause: pulled.pause, gap: { events: 3, isLeast: false } });
  expect(await check('user-events')).toMatchObject({
    status: 200,
    ready: true,
    detail: expect.stringMatching(/^paused: /),
  });
  expect(await check('pause')).toMatchObject({
    ready: true,
    detail: expect.stringMatching(/^users is paused since .* by local: a move$/),
  });
  expect([await series('foldline_projection_paused'), await series('foldline_gap_events')]).toEqual([1, 3]);
  expect(await series('foldline_lag_seconds')).toBeGreaterThan(0.2);
  for (const id of ids) {
    expect((await ask(`GET /users/${id}`)).status).toBe(200);
    expect((await ask(`GET /users/${id}?replay=false`)).body.code).toBe('snapshot-not-yet');
  }
  await resumed();
  for (const id of ids) expect(await service.snapshotAt(id, 1)).toMatchObject({ id, version: 1 });
  expect(await series('foldline_projection_paused')).toBe(0);
  expect(await check('pause')).toMatchObject({ detail: 'users is not paused' });
});

test('pausing twice, resuming twice: said, not refused, and who wanted it first is kept', async () => {
  const { body: first } = await ask('POST /admin/projections/users/pause');
  const { status, body: second } = await ask('POST /admin/projections/users/pause', { reason: 'another' });
  expect([status, second]).toEqual([200, { ...first, isChanged: false }]);
  expect(first.pause).toMatchObject({ reason: '' });
  expect((await ask('POST /admin/projections/users/resume')).body).toMatchObject({ isChanged: true, pause: null });
  expect((await ask('POST /admin/projections/users/resume')).body).toMatchObject({ isChanged: false, pause: null });
});

test('a restart while it is paused: it ends at once, stands still from its beginning, and the gap is right', async () => {
  await ask('POST /admin/projections/users/pause', { reason: 'a move' });
  const id = await newUser();
  await until(async () => ((await users()).lagMs ?? 0) > 0);
  await service.restart();
  expect(await users()).toMatchObject({
    state: 'paused',
    gap: { events: 1 },
    pause: { by: 'local', reason: 'a move' },
  });
  // It has read the event again, and holds it in hand.
  await until(async () => ((await users()).lagMs ?? 0) > 0);
  expect(await service.snapshots.countDocuments({ _id: `user-${id}` })).toBe(0);
  await resumed();
  expect(await service.snapshotAt(id, 1)).toMatchObject({ id });
  const { version, lastEventId } = (await service.snapshots.findOne({ _id: `user-${id}` })) as unknown as AnswerBody;
  const [event, ...others] = await service.events.find({ subject: `user-${id}` }).toArray();
  expect([version, lastEventId, others.length]).toEqual([1, event?.id, 0]);
});

test('a snapshot that somebody deletes meanwhile comes back when it is resumed, not before', async () => {
  const id = await newUser();
  await service.snapshotAt(id, 1);
  await ask('POST /admin/projections/users/pause');
  await service.snapshots.deleteOne({ _id: `user-${id}` });
  const other = await newUser();
  await until(async () => (await users()).gap?.events === 2);
  await resumed();
  for (const one of [id, other]) expect(await service.snapshotAt(one, 1)).toMatchObject({ id: one });
});

test('another process that follows the same database stands still as well', async () => {
  await service.db
    .collection<{ _id: string }>('Pauses')
    .insertOne({ _id: 'users', since: new Date(), by: 'x', reason: '' } as never);
  await until(async () => (await users()).state === 'paused');
  await service.db.collection<{ _id: string }>('Pauses').deleteOne({ _id: 'users' });
  await until(async () => (await users()).state === 'running');
});

test('what would have to wait for an operator is refused: a retry, a repair; a look is answered', async () => {
  await ask('POST /admin/projections/users/pause');
  const retried = await ask('POST /admin/held/retry');
  expect([retried.status, retried.body.code]).toEqual([409, 'projection-paused']);
  const repaired = await ask('POST /admin/verifications', { model: 'users', repair: true });
  expect([repaired.status, repaired.body.code]).toEqual([409, 'projection-paused']);
  expect((await ask('POST /admin/verifications', { model: 'users' })).status).toBe(202);
  await resumed();
});

test('an unknown projection is named with the known ones; a body that says something else is refused', async () => {
  const unknown = await ask('POST /admin/projections/shop/pause');
  expect([unknown.status, unknown.body.code, unknown.body.detail]).toEqual([
    404,
    'not-found',
    'There is no projection shop here. There are: users.',
  ]);
  expect((await ask('POST /admin/projections/users/pause', { reason: '' })).status).toBe(400);
  expect((await ask('POST /admin/projections/users/pause', { why: 'x' })).status).toBe(400);
  expect((await users()).pause).toBeNull();
});
