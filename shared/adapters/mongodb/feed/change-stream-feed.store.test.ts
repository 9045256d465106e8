// Goal: a change-stream feed loses no event: its checkpoint is pinned before the first one, moves only behind what was handled,
// and when the server no longer has the checkpoint, the feed begins anew and asks for a scan.
// Method: a real mongod, a feed per test, and checkpoints that are bent by hand where a server would have to be restored.
import { type Collection, Long, Timestamp } from 'mongodb';
import type { FeedHandle, FeedItem, Logger, StoredEvent } from '../../../engine/index.ts';
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { newThing, noted } from '../../contract/things.ts';
import { ensureEventCollection, mongoCheckpoints } from '../index.ts';
import { changeStreamFeed } from './change-stream-feed.ts';
import type { CheckpointDocument } from './checkpoints.ts';

jest.setTimeout(30_000);

const limits = { batchEventsMax: 100, checkpointEveryMs: 20, retry: { initialMs: 10, maxMs: 50 } };
const name = 'feed';

let database: TestDatabase;
let collection: Collection<StoredEvent>;
let places: Collection<CheckpointDocument>;
let warnings: string[];
let look: () => void;
const log: Logger = { info: () => {}, warn: (_details, message) => warned(message), error: () => {} };
const open: FeedHandle[] = [];
type HandleScan = (handle: (items: readonly FeedItem[]) => Promise<void>) => Promise<void>;

beforeAll(async () => {
  database = await openTestDatabase();
  places = database.db.collection<CheckpointDocument>('Checkpoints');
});
beforeEach(async () => {
  warnings = [];
  look = () => {};
  await database.db
    .collection('Events')
    .drop()
    .catch(() => undefined);
  collection = await ensureEventCollection(database.db, 'Events');
  await places.deleteMany({});
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((handle) => handle.close()));
});
afterAll(() => database.close());

function warned(message: string): void {
  warnings.push(message);
  look();
}

/** Resolves once `done` says so about what was handled and warned so far; the feed itself waits for nothing. */
function seenBy(handle: (items: readonly FeedItem[]) => Promise<void> = async () => {}) {
  const handled: string[] = [];
  return {
    handled,
    take: async (items: readonly FeedItem[]) => {
      await handle(items);
      for (const item of items) if ('event' in item) handled.push(item.event.id);
      look();
    },
    until: (done: () => boolean) =>
      new Promise<void>((resolve) => {
        look = () => done() && resolve();
        look();
      }),
  };
}

async function start(
  take: (items: readonly FeedItem[]) => Promise<void>,
  onScan: HandleScan = async () => {},
  checkpoints = mongoCheckpoints(database.db, places),
): Promise<FeedHandle> {
  const feed = changeStreamFeed({
    name,
    source: 'events',
    collection,
    checkpoints,
    limits,
    log,
    catchUp: onScan,
  });
  const handle = await feed.start(take);
  open.push(handle);
  return handle;
}

async function insert(count: number): Promise<string[]> {
  const events = Array.from({ length: count }, () => noted(newThing(), 1));
  await collection.insertMany(events.map((event) => ({ ...event })));
  return events.map(({ id }) => id);
}

const storedPlace = () => places.findOne({ _id: name });

test('the checkpoint is pinned before the first event: a first event that fails is there after a restart', async () => {
  let refused = () => {};
  const failed = new Promise<void>((resolve) => {
    refused = resolve;
  });
  const first = await start(async () => {
    refused();
    throw new Error('not now');
  });
  const ids = await insert(3);
  await failed;
  await first.close();
  const after = seenBy();
  await start(after.take);
  await after.until(() => after.handled.length === 3);
  expect(after.handled).toEqual(ids);
});

test('a batch that fails is tried again, in order, and nothing behind it overtakes', async () => {
  let failures = 3;
  const seen = seenBy(async () => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('not now');
    }
  });
  await start(seen.take);
  const ids = [...(await insert(2)), ...(await insert(150))];
  await seen.until(() => seen.handled.length === ids.length);
  expect(seen.handled).toEqual(ids);
});

test('the stored checkpoint is never ahead of what was handled', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const seen = seenBy(() => (seen.handled.length === 0 ? Promise.resolve() : released));
  await start(seen.take);
  const [handled] = await insert(1);
  await seen.until(() => seen.handled.length === 1);
  const ids = await insert(5);
  // The second batch hangs in its handler; many checkpoint intervals pass meanwhile, counted by writes elsewhere.
  for (let n = 0; n < 20; n += 1) await database.db.collection('Other').insertOne({ n });
  expect(seen.handled).toEqual([handled]);
  const place = await storedPlace();
  const reread = collection.watch(
    [],
    place?.token ? { startAfter: place.token } : { startAtOperationTime: place?.startedAt as Timestamp },
  );
  const next = (await reread.next()) as { fullDocument: StoredEvent };
  await reread.close();
  expect([handled, ids[0]]).toContain(next.fullDocument.id);
  release();
  await seen.until(() => seen.handled.length === 6);
  expect(seen.handled).toEqual([handled, ...ids]);
});

test('a quiet collection keeps a fresh place, though nothing of its own happens', async () => {
  await start(seenBy().take);
  let place = await storedPlace();
  const pinned = place?.clusterTime as Timestamp;
  // Bounded by the test's own limit: each turn writes elsewhere and looks whether the checkpoint moved on.
  while (!place?.token || place.clusterTime.lessThanOrEqual(pinned)) {
    await database.db.collection('Other').insertOne({});
    place = await storedPlace();
  }
  expect(place.clusterTime.greaterThan(pinned)).toBe(true);
});

test('a closed feed stores no checkpoint any more: it would overwrite that of whoever reads next', async () => {
  const stored = mongoCheckpoints(database.db, places);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = () => {};
  const saving = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let saves = 0;
  const slow = {
    ...stored,
    save: async (...place: Parameters<typeof stored.save>) => {
      begun();
      await released;
      await stored.save(...place);
      saves += 1;
    },
  };
  const handle = await start(seenBy().take, undefined, slow);
  await saving;
  const closed = handle.close().then(() => saves);
  release();
  expect(await closed).toBe(1);
});

test.each([
  ['a token that is none', { token: { _data: '00' } }],
  ['a token of another collection', { token: 'foreign' }],
])(
  '%s: the checkpoint is lost, a new one is pinned and a scan is asked for, without a human step',
  async (_what, bent) => {
    await start(seenBy().take).then((handle) => handle.close());
    await places.updateOne({ _id: name }, { $set: bent.token === 'foreign' ? { token: await foreignToken() } : bent });
    // A foreign token shows only once the collection has news: a stream that is opened anew before would not find out.
    const ids = await insert(2);
    const seen = seenBy();
    await start(seen.take, async (handle) => {
      const events = await collection.find({}, { projection: { _id: 0 } }).toArray();
      await handle(events.map((event) => ({ source: 'events', position: event.id, event })));
    });
    // The scan of every start may bring them up first.
    await seen.until(() => ids.every((id) => seen.handled.includes(id)));
    await seen.until(() => warnings.some((message) => message.startsWith('history lost')));
    const later = await insert(2);
    await seen.until(() => later.every((id) => seen.handled.includes(id)));
  },
);

test('a checkpoint ahead of the server, as after a restore, is found at the start: such a stream would stay silent', async () => {
  await start(seenBy().take).then((handle) => handle.close());
  const future = new Timestamp({ t: Math.floor(Date.now() / 1000) + 3600, i: 1 });
  await places.updateOne({ _id: name }, { $set: { clusterTime: future } });
  const seen = seenBy();
  await start(seen.take);
  expect(warnings.some((message) => message.includes('ahead of the server'))).toBe(true);
  const ids = await insert(1);
  await seen.until(() => seen.handled.length === 1);
  expect(seen.handled).toEqual(ids);
  expect((await storedPlace())?.clusterTime.lessThan(future)).toBe(true);
});

test('a scan that is broken off begins anew until it is done', async () => {
  let scans = 0;
  const done = new Promise<void>((resolve) => {
    void start(seenBy().take, async () => {
      scans += 1;
      if (scans < 3) throw new Error('not now');
      resolve();
    });
  });
  await done;
  expect(scans).toBe(3);
});

test('claims that are taken off or put on later are no news', async () => {
  const seen = seenBy();
  await start(seen.take);
  const [id] = await insert(1);
  await collection.updateOne({ id }, { $set: { claims: ['late'] } });
  await collection.updateOne({ id }, { $unset: { claims: '' } });
  const [last] = await insert(1);
  await seen.until(() => seen.handled.includes(last as string));
  expect(seen.handled).toEqual([id, last]);
});

test('values are read as they are stored, numbers as any driver writes them', async () => {
  const seen: FeedItem[] = [];
  const watch = seenBy(async (items) => void seen.push(...items));
  await start(watch.take);
  const event = { ...noted(newThing(), 1), version: Long.fromNumber(1) as unknown as number };
  await collection.insertOne(event);
  await watch.until(() => watch.handled.length === 1);
  expect(seen[0]).toMatchObject({ source: 'events', event: { id: event.id, version: 1 } });
});

async function foreignToken() {
  const other = database.db.collection('Foreign');
  const startAtOperationTime = await mongoCheckpoints(database.db, places).now();
  await other.insertOne({});
  const stream = other.watch([], { startAtOperationTime });
  // The change's own token: the stream's may be one of a mere time by now, and such a one is at home in every collection.
  const { _id } = await stream.next();
  await stream.close();
  return _id;
}
