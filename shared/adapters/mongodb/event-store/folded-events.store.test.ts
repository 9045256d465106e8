// Goal: the source of a verification is what the events of each subject of one kind make, whatever else is in their collection, and both sides
// of a verification take bounded memory, however many documents there are. Method: events inserted by a plain driver, held against a fold in
// memory; then the heap, collected first, while many documents are scanned.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Collection } from 'mongodb';
import { fold, type StoredDocument, type StoredEvent } from '../../../engine/index.ts';
import {
  type BucketDigests,
  bucketDigestsOf,
  bucketOf,
  entryOf,
  type Scan,
  wholeForm,
} from '../../../operations/ports.ts';
import { eventsOf, newSubject } from '../../../testing/index.ts';
import {
  figure,
  insertUnchecked,
  marker,
  openTestDatabase,
  type TestDatabase,
  testMongodbUri,
  uniqueDatabaseName,
} from '../../../testing/workspace/index.ts';
import { boxProjection, thingProjection } from '../../../testing/workspace/thing.ts';
import { mongoCopies } from '../read-model/copies.ts';
import { ensureEventCollection } from './event-collection.ts';
import { foldedEvents } from './folded-events.ts';

let database: TestDatabase;
let events: Collection<StoredEvent>;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  events = await ensureEventCollection(database.db, uniqueDatabaseName('Events'));
});

const scan: Scan = { signal: new AbortController().signal };
const named = (name: unknown) => ({ type: 'thingNamed_v2', data: { name } }) as const;
const source = () => foldedEvents(events, thingProjection as never, wholeForm);

/** What is expected of a list of events, subject by subject. */
function entriesOf(lists: readonly StoredEvent[][]) {
  return lists.flatMap((own) => {
    const { document } = fold(thingProjection, undefined, own);
    return document ? [entryOf(wholeForm, document)] : [];
  });
}

test('each subject counts as far as its events can be folded; another kind does not count at all', async () => {
  const of = (...parts: { type: string; data: object }[]) => eventsOf(newSubject('thing'), parts as never);
  const things = [
    ...Array.from({ length: 30 }, (_, i) =>
      of(named(`thing ${i}`), named('again'), { type: 'thingRemoved_v1', data: {} }),
    ),
    of(named('a'), named(7), named('behind what cannot be read')),
    of(named(7)),
    of(named('a'), { type: 'thingPainted_v1', data: { colour: 'red' } }),
    of(named('a'), named('b'), named('behind a hole')).filter(({ version }) => version !== 2),
  ];
  const boxes = eventsOf(newSubject('box'), [named('a box')] as never);
  const longer = eventsOf(newSubject('thing-part'), [named('of a kind that begins alike')] as never);
  await events.insertMany([...things.flat(), ...boxes, ...longer].map((event) => ({ ...event })));
  expect(await source().digests(3, scan)).toEqual(bucketDigestsOf(3, entriesOf(things)));
  const wanted = [0, 5];
  const found = await source().entries(3, wanted, scan);
  const expected = entriesOf(things).filter(({ subject }) => wanted.includes(bucketOf(subject, 3)));
  expect([...found].sort((a, b) => (a.subject < b.subject ? -1 : 1))).toEqual(
    expected.sort((a, b) => (a.subject < b.subject ? -1 : 1)),
  );
  expect((await foldedEvents(events, boxProjection as never, wholeForm).digests(0, scan)).documents).toBe(1);
});

test('a scan ends when it is told to', async () => {
  await events.insertMany(
    Array.from({ length: 10 }, () => eventsOf(newSubject('thing'), [named('a')] as never)[0] as StoredEvent),
  );
  const ended = AbortSignal.abort(new Error('enough'));
  await expect(source().digests(0, { signal: ended })).rejects.toThrow('enough');
  await expect(source().entries(0, [0], { signal: ended })).rejects.toThrow('enough');
});

test('hazard: events around the validator without a place in a subject make no copy, and break no scan', async () => {
  const [right, odd, lost] = ['a', 'b', marker].map((name) => eventsOf(newSubject('thing'), [named(name)] as never)[0]);
  const subject = `thing-${marker}`;
  await events.insertOne({ ...(right as StoredEvent) });
  await events.insertOne({ ...odd, version: 'one' } as never, { bypassDocumentValidation: true });
  // Nothing refuses bytes that are no UTF-8 once the validator is off.
  await database.db.command({ collMod: events.collectionName, validationLevel: 'off' });
  const namespace = { db: database.db.databaseName, collection: events.collectionName };
  await insertUnchecked(testMongodbUri(), namespace, [{ ...lost, subject }], [0x61, 0xff, 0xfe, 0x61]);
  const expected = entriesOf([[right as StoredEvent]]);
  expect(await source().digests(0, scan)).toEqual(bucketDigestsOf(0, expected));
  expect(await source().entries(0, [0], scan)).toEqual(expected);
});

test('hazard: a document under an _id that is no text breaks no scan; nobody reads it, and it is no copy', async () => {
  const copies = database.db.collection<StoredDocument>(uniqueDatabaseName('things'));
  await copies.insertMany([{ version: 1, state: 'active', data: {} }] as never);
  const { documents: counted } = await mongoCopies(copies, thingProjection, wholeForm).digests(0, scan);
  expect([counted, await mongoCopies(copies, thingProjection, wholeForm).entries(0, [0], scan)]).toEqual([0, []]);
});

const documents = figure({ usual: 6_000, full: 100_000 });
const growthMaxBytes = 5 * 1024 * 1024;

test(`${documents} documents are scanned in bounded memory, on both sides`, async () => {
  const copies = database.db.collection<StoredDocument>(uniqueDatabaseName('things'));
  for (let left = documents; left > 0; left -= 1000) {
    const lists = Array.from({ length: Math.min(1000, left) }, () =>
      eventsOf(newSubject('thing'), [named('x'.repeat(1000)), named('y'.repeat(1000))] as never),
    );
    await events.insertMany(lists.flat());
    await copies.insertMany(lists.flatMap((own) => fold(thingProjection, undefined, own).document ?? []));
  }
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  async function growthOf(work: (scan: Scan) => Promise<BucketDigests>): Promise<[number, BucketDigests]> {
    collect();
    const before = process.memoryUsage().heapUsed;
    let growth = 0;
    const digests = await work({
      ...scan,
      async scanned() {
        collect();
        growth = Math.max(growth, process.memoryUsage().heapUsed - before);
      },
    });
    return [growth, digests];
  }
  const [ofCopies, { ofOtherFolds, ...ours }] = (await growthOf((watched) =>
    mongoCopies(copies, thingProjection, wholeForm).digests(12, watched),
  )) as [number, BucketDigests & { ofOtherFolds: number }];
  const [ofEvents, theirs] = await growthOf((watched) => source().digests(12, watched));
  expect([ours, ofOtherFolds, ours.documents]).toEqual([theirs, 0, documents]);
  expect(Math.max(ofCopies, ofEvents)).toBeLessThan(growthMaxBytes);
}, 600_000);
