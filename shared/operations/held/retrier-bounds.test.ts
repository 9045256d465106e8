// Goal: what a try has in memory does not grow with the histories of what is held, and whatever is cut off comes by a later try.
// Method: many things with long histories, all held; single tries by the real projector, whose batches are measured.
import { inMemoryDocuments, inMemoryEventStore, inMemoryHeldSubjects } from '../../adapters/in-memory/index.ts';
import {
  createProjector,
  type FeedItem,
  fold,
  groupBy,
  type ProjectedDocument,
  type StoredDocument,
  type StoredEvent,
} from '../../engine/index.ts';
import { eventsOf, newSubject, testClock } from '../../testing/index.ts';
import { thingProjection } from '../../testing/workspace/thing.ts';
import { show } from './retrier.ts';
import { attempt } from './retry-attempt.ts';

const [things, eventsOfEach, batchEventsMax] = [10, 60, 100];
const lifeOf = (subject: string) =>
  eventsOf(
    subject,
    Array.from({ length: eventsOfEach }, (_, i) => ({ type: 'thingNamed_v2', data: { name: `n${i}` } })),
  ) as StoredEvent[];

/** Things of which the feed brings the last event only. */
async function world(olderFold: boolean) {
  const subjects = Array.from({ length: things }, () => newSubject('thing'));
  const events = groupBy(subjects.flatMap(lifeOf), ({ subject }) => subject);
  const store = inMemoryEventStore();
  const all = new Map<string, StoredDocument>();
  for (const [subject, own] of events) {
    await store.append(own);
    if (!olderFold) continue;
    const { document } = fold(thingProjection, undefined, own.slice(0, -1));
    all.set(subject, { ...(document as ProjectedDocument), foldVersion: 0 });
  }
  const models = [{ projection: thingProjection, documents: inMemoryDocuments([], all) }];
  const held = inMemoryHeldSubjects();
  const log = { info() {}, warn() {}, error() {} };
  const projector = createProjector({ models, held, clock: testClock(), log });
  const asked: number[] = [];
  const batches: number[] = [];
  const owner = {
    async readNext(positions: ReadonlyMap<string, number>, eachMax: number) {
      const found = await store.readNext(positions, eachMax);
      asked.push(found.length);
      return found;
    },
  };
  const ports = {
    models,
    held,
    limits: { batchEventsMax },
    ownerOf: () => owner,
    apply(items: readonly FeedItem[]) {
      batches.push(items.length);
      return projector.apply(items);
    },
  };
  const last = [...events.values()].map((own) => own.at(-1) as StoredEvent);
  await projector.apply(last.map((event) => ({ source: 'events', position: '', event })));
  const tryAll = async () => attempt(ports, await held.list(things));
  return { all, asked, batches, held, ports, subjects, tryAll };
}

test('hazard: the whole histories of all that is held are in memory at once', async () => {
  const { all, batches, held, tryAll } = await world(false);
  let tries = 0;
  for (; (await held.count()) > 0 && tries < things; tries += 1) await tryAll();
  expect([Math.max(...batches), await held.count(), all.size]).toEqual([batchEventsMax, 0, things]);
  expect(new Set([...all.values()].map(({ version }) => version))).toEqual(new Set([eventsOfEach]));
  // Ten of each at a time, so that one question is asked for all of them.
  expect([tries, batches.length]).toEqual([6, 6]);
});

test('hazard: all that an older fold wrote is read to its end, and into one batch', async () => {
  const { all, asked, batches, held, tryAll } = await world(true);
  await tryAll();
  expect([await held.count(), Math.max(...asked)]).toEqual([0, eventsOfEach]);
  expect(Math.max(...batches)).toBeLessThan(batchEventsMax + eventsOfEach);
  expect(batches.reduce((sum, one) => sum + one, 0)).toBe(things * eventsOfEach);
  expect([...all.values()]).toEqual(
    [...all.values()].map((one) => ({ ...one, version: eventsOfEach, foldVersion: thingProjection.foldVersion })),
  );
});

test('what a retry makes of a long history is shown to its end, read in parts', async () => {
  const { asked, ports, subjects } = await world(false);
  const limits = { batchEventsMax: 25 };
  const { detail } = await show({ ...ports, limits }, subjects[0] as string);
  expect(detail).toBe(`A retry would fold ${eventsOfEach} events and release it at version ${eventsOfEach}.`);
  expect(asked).toEqual([25, 25, 10, 0]);
});
