// Goal: a service compares its models by itself, repairs what is missing, tells what was changed, and says with `/freshness` whether its
// completeness is known; `/readyz` stays as it is. Method: a declared owner of things on a real mongod, whose documents are changed by hand.
import { setTimeout as pause } from 'node:timers/promises';
import type { Document } from 'mongodb';
import { callerOf, eventOf, newSubject } from '../testing/index.ts';
import { openTestDatabase, type TestDatabase } from '../testing/workspace/index.ts';
import { type StartedOwner, startThingsOwner } from './testing/things-services.ts';

const subjects = Array.from({ length: 30 }, () => newSubject('thing'));
let database: TestDatabase;
let owner: StartedOwner;

const things = () => database.db.collection<Document & { _id: string }>('things');
const call = (url: string) => callerOf(owner.app)(`GET ${url}`);

interface Check {
  readonly name: string;
  readonly ready: boolean;
  readonly detail: string;
}

async function freshness() {
  const { status, body } = await call('/freshness?verbose');
  const { checks } = body as unknown as { checks: Check[] };
  return { status, things: checks.find(({ name }) => name === 'complete-things') };
}

async function until<T>(ask: () => Promise<T>, isIt: (answer: T) => boolean): Promise<T> {
  for (let answer = await ask(); ; answer = await ask()) {
    if (isIt(answer)) return answer;
    await pause(20);
  }
}

beforeAll(async () => {
  database = await openTestDatabase();
  owner = await startThingsOwner(database.db.databaseName, { VERIFICATION_EVERY_MS: '0' });
  const named = (subject: string) => eventOf({ subject, version: 1, type: 'thingNamed_v1', data: { name: 'a thing' } });
  await database.db.collection<Document>('ThingEvents').insertMany(subjects.map(named));
  await until(
    () => things().countDocuments(),
    (count) => count === subjects.length,
  );
});
afterAll(async () => {
  await owner.close();
  await database.close();
});

test('without a verification completeness is not known, and the service is ready all the same', async () => {
  expect((await call('/readyz')).status).toBe(200);
  const { status, body } = await call('/freshness');
  expect([status, body]).toEqual([503, { status: 'not-fresh' }]);
  expect((await freshness()).things).toMatchObject({
    ready: false,
    detail: expect.stringContaining('it was never verified since its database was made'),
  });
});

test('a service that verifies by itself finds its models equal, and says since when', async () => {
  await owner.close();
  owner = await startThingsOwner(database.db.databaseName, {
    VERIFICATION_EVERY_MS: '200',
    VERIFICATION_SETTLE_MS: '50',
  });
  await until(freshness, ({ status }) => status === 200);
  expect((await freshness()).things?.detail).toMatch(/^things: last verified equal at 20.*Z$/);
  expect((await callerOf(owner.app)('GET /metrics')).status).toBe(200);
});

test('deleted documents come back by themselves, and nobody has to ask', async () => {
  await things().deleteMany({ _id: { $in: subjects.slice(0, 12) } });
  await until(
    () => things().countDocuments(),
    (count) => count === subjects.length,
  );
  await until(freshness, ({ status }) => status === 200);
});

test('what is known of completeness may be deleted as well: it is in doubt, and verified again', async () => {
  const records = database.db.collection<Document>('Completeness');
  await records.deleteMany({});
  await until(
    () => records.countDocuments({ equal: { $exists: true } }),
    (count) => count === 2,
  );
  await until(freshness, ({ status }) => status === 200);
});

test('a document that was changed is told, and left for a person; after a repair all is known again', async () => {
  const [_id = ''] = subjects;
  await things().updateOne({ _id }, { $set: { 'data.name': 'by hand' } });
  const told = await until(freshness, ({ status }) => status === 503);
  expect(told.things?.detail).toContain('in doubt since');
  await until(freshness, ({ things: one }) => !!one?.detail.includes('a verification found 1 subjects that differ'));
  expect((await things().findOne({ _id }))?.data).toEqual({ name: 'by hand' });
  expect((await call('/readyz')).status).toBe(200);
  // A verification of the service itself may be running.
  const repair = { model: 'things', repair: true };
  await until(
    () => callerOf(owner.app)('POST /admin/verifications', repair),
    ({ status }) => status === 202,
  );
  await until(freshness, ({ status }) => status === 200);
  expect((await things().findOne({ _id }))?.data).toEqual({ name: 'a thing' });
});

test('equality and doubt outlast a restart', async () => {
  await owner.close();
  owner = await startThingsOwner(database.db.databaseName, { VERIFICATION_EVERY_MS: '0' });
  const after = await until(freshness, ({ things: one }) => !!one?.detail.includes('equal at'));
  expect(after.status).toBe(200);
  await owner.close();
  owner = await startThingsOwner(database.db.databaseName, {
    VERIFICATION_EVERY_MS: '0',
    FRESHNESS_EQUAL_WITHIN_MS: '1000',
  });
  // Older than the setting allows by now, though nothing is known to be wrong.
  await until(freshness, ({ status, things: one }) => status === 503 && !!one?.detail.includes('equal at'));
});
