// Goal: whoever hears of events besides the documents hears of every one of them, whichever process dies, and when; and nothing stays
// held for that. Method: two processes on the same ports in memory, a listener that dies once, and single tries of the retrier.
import { inMemoryDocuments, inMemoryHeldSubjects } from '../../adapters/in-memory/index.ts';
import { createProjector, type FeedItem, type Projector, type StoredEvent } from '../../engine/index.ts';
import { eventsOf, newSubject, testClock } from '../../testing/index.ts';
import { thingProjection } from '../../testing/workspace/thing.ts';
import { attempt } from './retry-attempt.ts';

const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });
const log = { info() {}, warn() {}, error() {} };

/** Whether the projector has the owner at hand, or only the retrier. */
type Filler = 'the batch fills holes' | 'the retrier fills holes';

/** A thing of so many events; its owner has them all. */
function world(filler: Filler, ...parts: ReturnType<typeof named>[]) {
  const subject = newSubject('thing');
  const events = eventsOf(subject, parts) as StoredEvent[];
  const models = [{ projection: thingProjection, documents: inMemoryDocuments() }];
  const held = inMemoryHeldSubjects();
  const told: number[] = [];
  const state = { dies: false };
  const owner = {
    async readNext(positions: ReadonlyMap<string, number>, eachMax: number) {
      return events.filter(({ version }) => version > (positions.get(subject) ?? 0)).slice(0, eachMax);
    },
  };
  const projector: Projector = createProjector({
    models,
    held,
    clock: testClock(),
    log,
    ...(filler === 'the batch fills holes' && { owner }),
    async afterWriting(items: readonly FeedItem[]) {
      if (state.dies) throw new Error('the process was killed');
      for (const item of items) if ('event' in item) told.push(item.event.version);
    },
  });
  const entry = async () => (await held.among([subject])).get(subject);
  return {
    subject,
    events,
    told,
    state,
    entry,
    feed: (...versions: number[]) =>
      projector.apply(
        versions.map((version) => ({ source: 'events', position: '', event: events[version - 1] as StoredEvent })),
      ),
    async repair(batchEventsMax = 100) {
      const found = await entry();
      const ports = { models, held, apply: projector.apply, ownerOf: () => owner, limits: { batchEventsMax } };
      return attempt(ports, found ? [found] : []);
    },
    versionNow: async () => (await models[0]?.documents.read([subject]))?.get(subject)?.version,
    correct: (version: number, type: string) =>
      events.splice(version - 1, 1, { ...events[version - 1], type } as never),
  };
}

const four = ['a', 'b', 'c', 'd'].map(named);

test('hazard: an event that only its owner brings is folded and never told', async () => {
  const { entry, feed, told, versionNow } = world('the batch fills holes', ...four.slice(0, 3));
  await feed(1, 3);
  expect([await versionNow(), await entry()]).toEqual([3, undefined]);
  expect(told).toEqual([1, 2, 3]);
});

test('hazard: a batch that dies before the telling is repeated, and what its owner filled in is not told', async () => {
  const { entry, feed, repair, state, told, versionNow } = world('the batch fills holes', ...four.slice(0, 3));
  state.dies = true;
  await expect(feed(1, 3)).rejects.toThrow('killed');
  expect(await versionNow()).toBe(3);
  state.dies = false;
  await feed(1, 3);
  expect(await entry()).toMatchObject({ reason: 'hole', appliedVersion: 0 });
  await repair();
  expect([new Set(told), await entry()]).toEqual([new Set([1, 2, 3]), undefined]);
});

test('one that could not be read and was corrected goes on with its next event, and all of it is told', async () => {
  const poisoned = [named('a'), { ...named('b'), type: 'thingNamed_v3' }, named('c')];
  const { correct, entry, feed, told, versionNow } = world('the batch fills holes', ...poisoned);
  await feed(1);
  await feed(2);
  expect(await entry()).toMatchObject({ reason: 'unknown-version' });
  correct(2, 'thingNamed_v2');
  await feed(3);
  expect([await versionNow(), await entry(), told]).toEqual([3, undefined, [1, 2, 2, 3]]);
});

test('hazard: a retrier dies before the telling, and the next event of the feed lets the subject go', async () => {
  const { entry, feed, repair, state, told, versionNow } = world('the retrier fills holes', ...four);
  await feed(1, 3);
  state.dies = true;
  await expect(repair()).rejects.toThrow('killed');
  state.dies = false;
  expect(await versionNow()).toBe(4);
  await feed(4);
  expect(await entry()).toMatchObject({ reason: 'hole', appliedVersion: 1 });
  await repair();
  expect([new Set(told), await entry()]).toEqual([new Set([1, 2, 3, 4]), undefined]);
});

test('hazard: such a subject meets another hole, which moves the place that it is told from', async () => {
  const { entry, feed, repair, state, told, events, subject } = world('the retrier fills holes', ...four.slice(0, 3));
  await feed(1, 3);
  state.dies = true;
  await expect(repair()).rejects.toThrow('killed');
  state.dies = false;
  events.push(...(eventsOf(subject, [named('d'), named('e')], 4) as StoredEvent[]));
  await feed(5);
  await repair();
  expect([new Set(told), await entry()]).toEqual([new Set([1, 2, 3, 4, 5]), undefined]);
});

test('hazard: what held it is repaired and written, not told, and no hole: nobody would try it again', async () => {
  const { correct, entry, feed, repair, state, told } = world(
    'the retrier fills holes',
    named('a'),
    { ...named('b'), type: 'thingNamed_v3' },
    named('c'),
    named('d'),
  );
  await feed(1, 2, 3);
  expect(await entry()).toMatchObject({ reason: 'unknown-version' });
  correct(2, 'thingNamed_v2');
  state.dies = true;
  await expect(repair()).rejects.toThrow('killed');
  state.dies = false;
  told.length = 0;
  await feed(4);
  expect(await entry()).toMatchObject({ reason: 'hole', appliedVersion: 1 });
  await repair();
  expect([new Set(told), await entry()]).toEqual([new Set([2, 3, 4]), undefined]);
});

test('hazard: the document is further than one try tells, and its end lets the subject go', async () => {
  const { entry, feed, repair, state, told } = world('the retrier fills holes', ...four);
  await feed(1, 4);
  state.dies = true;
  await expect(repair()).rejects.toThrow('killed');
  state.dies = false;
  told.length = 0;
  await repair(1);
  expect(await entry()).toMatchObject({ appliedVersion: 2 });
  for (let tries = 0; tries < 2; tries += 1) await repair(1);
  expect([told, await entry()]).toEqual([[2, 3, 4], undefined]);
});

test('one that no longer misses anything is let go by the batch that tells it', async () => {
  const { entry, feed, told } = world('the retrier fills holes', ...four.slice(0, 3));
  await feed(1, 3);
  await feed(2, 3);
  expect([told, await entry()]).toEqual([[1, 3, 2, 3], undefined]);
});

test('an event that cannot be read is not told, nor what comes after it, until it is corrected', async () => {
  const { correct, entry, events, feed, repair, told, versionNow } = world('the retrier fills holes', ...four);
  const [, readable] = events;
  const unreadable = { ...(readable as StoredEvent), type: 'thingUnreadable_v1' };
  events.splice(1, 1, unreadable);
  await feed(1, 2, 3);
  await feed(4);
  expect([told, await versionNow()]).toEqual([[1, 4], 1]);
  expect(await entry()).toMatchObject({ reason: 'unreadable', appliedVersion: 1, seenVersion: 4 });
  await repair();
  expect(told).toEqual([1, 4]);
  correct(2, 'thingNamed_v2');
  await repair();
  expect([told, await versionNow(), await entry()]).toEqual([[1, 4, 2, 3, 4], 4, undefined]);
});
