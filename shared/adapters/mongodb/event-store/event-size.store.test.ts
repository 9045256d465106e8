// Goal: no event over the limit gets into a collection, whichever way it is written, and the API's own limit always refuses first.
// Method: events of known sizes in BSON, written by a plain driver client in every way that it has, and through the store.
import { BSON, type Document, Long } from 'mongodb';
import type { StoredEvent } from '../../../engine/index.ts';
import { eventOf, newSubject } from '../../../testing/index.ts';
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { ensureEventCollection } from './event-collection.ts';
import { openTestStore, storeLimits } from './test-store.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  await ensureEventCollection(database.db, 'Events');
});
afterAll(() => database.close());

const events = () => database.db.collection<Document>('Events');
const limit = storeLimits.eventBytesMax;

/** An event of exactly so many bytes, without the `_id` that the driver adds. */
function eventOfBytes(bytes: number, more: Partial<StoredEvent> = {}): StoredEvent {
  const event = eventOf({ subject: newSubject('thing'), type: 'thingNoted_v1', data: { note: '' }, ...more });
  const note = 'x'.repeat(bytes - BSON.calculateObjectSize(event));
  return { ...event, data: { note } };
}
const tooLarge = () => eventOfBytes(limit + 1000);
const small = () => eventOfBytes(1000);
const refused = { code: 121 };

const ways: readonly [string, () => Promise<unknown>][] = [
  ['insertOne', () => events().insertOne(tooLarge())],
  ['insertMany', () => events().insertMany([small(), tooLarge()], { ordered: false })],
  ['an upsert', () => events().replaceOne({ id: crypto.randomUUID() }, tooLarge(), { upsert: true })],
  [
    'a transaction',
    () =>
      database.client.withSession((session) =>
        session.withTransaction(() => events().insertOne(tooLarge(), { session })),
      ),
  ],
  [
    'many small values',
    () => events().insertOne({ ...small(), data: { many: Array(90_000).fill(Long.fromNumber(1)) } }),
  ],
  ['bytes', () => events().insertOne({ ...small(), data: { bytes: Buffer.alloc(limit + 1000) } })],
  ['an extension beside data', () => events().insertOne({ ...small(), tenant: 'x'.repeat(limit) })],
  ['claims beyond all measure', () => events().insertOne({ ...small(), claims: ['x'.repeat(4 * limit)] })],
];

test.each(ways)('refused: %s', async (_, write) => {
  await expect(write()).rejects.toMatchObject(refused);
});

test.each<[string, (id: string) => Promise<unknown>]>([
  ['updateOne', (id) => events().updateOne({ id }, { $set: { 'data.note': 'x'.repeat(limit + 1000) } })],
  ['replaceOne', (id) => events().replaceOne({ id }, { ...tooLarge(), id })],
  [
    'findOneAndUpdate',
    (id) => events().findOneAndUpdate({ id }, { $push: { 'data.list': 'x'.repeat(limit + 1000) } as never }),
  ],
])('refused: %s of an event that was within the limit, which stays as it was', async (_, grow) => {
  const event = small();
  await events().insertOne({ ...event });
  await expect(grow(event.id)).rejects.toMatchObject(refused);
  expect((await events().findOne({ id: event.id }))?.data).toEqual(event.data);
});

const claims = [`name:${'x'.repeat(180)}`, `key:${'0'.repeat(64)}`];
const request = { digest: '0'.repeat(64), lastVersion: 1 };

test.each<[string, Partial<StoredEvent>]>([
  ['alone', {}],
  ['with claims and a request', { claims, request }],
])('the store takes an event of exactly its limit and refuses one byte more as too large: %s', async (_, more) => {
  const { store } = await openTestStore(database, database.client);
  expect((await store.append([eventOfBytes(limit, { ...more, id: crypto.randomUUID() })])).kind).toBe('stored');
  const over = eventOfBytes(limit + 1, { ...more, id: crypto.randomUUID() });
  await expect(store.append([over])).rejects.toMatchObject({ code: 'too-large' });
  const subject = newSubject('thing');
  const two = [eventOfBytes(limit, { subject }), eventOfBytes(limit + 1, { subject, version: 2 })];
  await expect(store.append(two)).rejects.toMatchObject({ code: 'too-large' });
  await events().deleteMany({ claims: { $in: claims } });
});

test('an event over the limit that is there already can lose a claim, and can be corrected', async () => {
  const event: StoredEvent = { ...eventOfBytes(limit + 1000), claims: ['a:1', 'b:2'] };
  await events().insertOne({ ...event }, { bypassDocumentValidation: true });
  await events().updateOne({ id: event.id }, { $pull: { claims: 'a:1' } as never });
  await events().updateOne({ id: event.id }, { $set: { data: { note: 'short' } } });
  expect(await events().findOne({ id: event.id })).toMatchObject({ claims: ['b:2'], data: { note: 'short' } });
  await expect(events().updateOne({ id: event.id }, { $set: { data: tooLarge() } })).rejects.toMatchObject(refused);
});
