// Goal: the server itself refuses what is no envelope, takes what a stranger writes with a plain driver, and the setup can be
// repeated. Method: one malformed field at a time, inserted around the store.
import { randomUUID } from 'node:crypto';
import { type Db, Decimal128, type Document, Double, Int32, Long } from 'mongodb';
import { eventOf, newSubject } from '../../../testing/index.ts';
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { ensureEventCollection } from './event-collection.ts';
import { openTestStore } from './test-store.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  await ensureEventCollection(db, 'Events');
});
afterAll(() => database.close());

const valid = (): Document => ({ ...eventOf({ subject: newSubject('thing') }) });
const insert = (document: Document) => db.collection<Document>('Events').insertOne(document);

const malformed: readonly [string, Document][] = [
  ['specversion of another generation', { specversion: '0.3' }],
  ['specversion as a number', { specversion: 1 }],
  ['id that is no UUID', { id: '17' }],
  ['id that is a UUID and more', { id: `${randomUUID()}x` }],
  ['id with a line behind it', { id: `${randomUUID()}\n` }],
  ['source that is empty', { source: '' }],
  ['type without a version', { type: 'thingNoted' }],
  ['type of version 0', { type: 'thingNoted_v0' }],
  ['type with a leading zero', { type: 'thingNoted_v01' }],
  ['type with a capital', { type: 'ThingNoted_v1' }],
  ['subject without a kind', { subject: randomUUID() }],
  ['subject with a capital in its id', { subject: `thing-${randomUUID().toUpperCase().replace(/\d/, 'A')}` }],
  ['subject that names a path', { subject: `thing/${randomUUID()}` }],
  ['version 0', { version: 0 }],
  ['version below 0', { version: -1 }],
  ['version between two', { version: 1.5 }],
  ['version as text', { version: '1' }],
  ['version that is no number', { version: Number.NaN }],
  ['version without end', { version: Number.POSITIVE_INFINITY }],
  ['version beyond what a double counts', { version: Long.fromString('9007199254740993') }],
  ['version as a decimal, which the driver does not read as a number', { version: Decimal128.fromString('1') }],
  ['time as text', { time: '2026-01-01T00:00:00Z' }],
  ['time as a number', { time: 1 }],
  ['time beyond the year 9999, which no answer could show', { time: new Date('+010000-01-01T00:00:00.000Z') }],
  ['time before the year 0', { time: new Date('-000001-12-31T23:59:59.999Z') }],
  ['correlationid null', { correlationid: null }],
  ['correlationid empty', { correlationid: '' }],
  ['causationid null', { causationid: null }],
  ['data null', { data: null }],
  ['data as a list', { data: [] }],
  ['data as text', { data: '{}' }],
  ['claims empty, which the unique index would count', { claims: [] }],
  ['claims null, which the unique index would count', { claims: null }],
  ['claims twice the same', { claims: ['a', 'a'] }],
  ['claims of numbers', { claims: [1] }],
  ['request without a last version', { request: { digest: 'd' } }],
];

test.each(malformed)('refused: %s', async (_, fault) => {
  await expect(insert({ ...valid(), ...fault })).rejects.toMatchObject({ code: 121 });
});

test.each(['specversion', 'id', 'source', 'type', 'subject', 'version', 'time', 'data'])(
  'refused: without %s',
  async (name) => {
    const { [name]: _, ...rest } = valid();
    await expect(insert(rest)).rejects.toMatchObject({ code: 121 });
  },
);

test.each([
  ['int32', new Int32(1)],
  ['long', Long.fromNumber(1)],
  ['double', new Double(1)],
])('a stranger may write the version as %s; it reads as a number', async (_, version) => {
  const stranger = { ...valid(), version, extension: 'anybody may add one' };
  await insert(stranger);
  const { store } = await openTestStore(database, database.client);
  const [event] = await store.read((stranger as Document).subject);
  expect(event?.version).toBe(1);
  const next = eventOf({ subject: (stranger as Document).subject, version: 2 });
  expect((await store.append([next])).kind).toBe('stored');
});

test('a stranger may write the id in capitals', async () => {
  await expect(insert({ ...valid(), id: randomUUID().toUpperCase() })).resolves.not.toThrow();
});

test('the second setup changes nothing, and a validator that somebody changed is repaired', async () => {
  const shape = async () => ({
    options: (await db.listCollections({ name: 'Events' }).toArray()).map((one) => 'options' in one && one.options),
    indexes: await db.collection('Events').indexes(),
  });
  const before = await shape();
  await ensureEventCollection(db, 'Events');
  expect(await shape()).toEqual(before);
  await db.command({ collMod: 'Events', validator: {}, validationLevel: 'moderate', validationAction: 'warn' });
  await ensureEventCollection(db, 'Events');
  expect(await shape()).toEqual(before);
});

test('two services that set up at once both succeed', async () => {
  await Promise.all(Array.from({ length: 6 }, () => ensureEventCollection(db, 'SetUpAtOnce')));
  expect(await db.collection('SetUpAtOnce').indexes()).toHaveLength(3);
});

test('services that meet events without a validator and indexes at once all succeed', async () => {
  const events = Array.from({ length: 2000 }, () => valid());
  await db.collection('RestoredAtOnce').insertMany(events);
  await Promise.all(Array.from({ length: 8 }, () => ensureEventCollection(db, 'RestoredAtOnce')));
  expect(await db.collection('RestoredAtOnce').indexes()).toHaveLength(3);
  await expect(db.collection('RestoredAtOnce').insertOne({ ...valid(), data: null })).rejects.toMatchObject({
    code: 121,
  });
});
