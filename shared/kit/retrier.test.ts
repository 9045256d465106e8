// Goal: what the kit's retrier does with several projectors, and tells of what it releases, before a caller hears of the end of a try.
// Method: held subjects in memory, single retries; projectors that fail or are slow on purpose, and the real one.
import { inMemoryDocuments, inMemoryEventStore, inMemoryHeldSubjects } from '../adapters/in-memory/index.ts';
import { commonSettings, readSettings, systemClock } from '../config/index.ts';
import { type FeedItem, readModel, type StoredEvent } from '../engine/index.ts';
import { createMetrics } from '../http/index.ts';
import type { Retrier } from '../operations/index.ts';
import { createVersionWaiters } from '../running/index.ts';
import { eventsOf, newSubject, silentLogger } from '../testing/index.ts';
import { boxProjection, thingProjection } from '../testing/workspace/thing.ts';
import type { OpenModels } from './models.ts';
import type { Parts } from './parts.ts';
import { openProjecting } from './projecting.ts';
import { startRetrier } from './retrier.ts';

const config = readSettings(commonSettings, { MONGODB_URI: 'mongodb://nowhere' });
const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });
let retrier: Retrier | undefined;
afterEach(() => retrier?.close());

/** A thing of three events, held before its second one; nothing tries it by itself. */
async function world() {
  const subject = newSubject('thing');
  const events = eventsOf(subject, ['a', 'b', 'c'].map(named)) as StoredEvent[];
  const owner = inMemoryEventStore();
  await owner.append(events);
  const held = inMemoryHeldSubjects();
  const heldPages = { after: async () => [], countAfter: async () => 0 };
  const since = new Date();
  const hold = () =>
    held.hold([
      {
        key: subject,
        projection: 'things',
        appliedVersion: 1,
        seenVersion: 3,
        reason: 'unknown-version',
        detail: '',
        since,
      },
    ]);
  const service = { config, logger: silentLogger, held, heldPages };
  return { events, hold, owner, service, subject };
}

test('hazard: a projector that fails leaves the writes of another running behind the try', async () => {
  const { hold, owner, service, subject } = await world();
  let [isAtWork, finish] = [false, () => {}];
  const slow = async () => {
    isAtWork = true;
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    isAtWork = false;
  };
  const fails = async () => {
    throw new Error('it cannot be written');
  };
  const models = [readModel(thingProjection, inMemoryDocuments())];
  retrier = startRetrier(service, [
    { models: [readModel(boxProjection, inMemoryDocuments())], owner, apply: slow },
    { models, owner, apply: fails },
  ]);
  await hold();
  const ended = retrier.retry(subject).catch((error: unknown) => ({ error, isAtWork }));
  while (!isAtWork) await new Promise((resolve) => setImmediate(resolve));
  finish();
  expect(await ended).toMatchObject({ error: { message: 'it cannot be written' }, isAtWork: false });
});

test('models of several owners in one projector are folded once, each from its own', async () => {
  const { hold, owner, service, subject } = await world();
  const applied: number[] = [];
  const apply = async (items: readonly FeedItem[]) => void applied.push(items.length);
  retrier = startRetrier(service, [
    { models: [readModel(boxProjection, inMemoryDocuments())], owner: inMemoryEventStore(), apply },
    { models: [readModel(thingProjection, inMemoryDocuments())], owner, apply },
  ]);
  await hold();
  expect(await retrier.retry(subject)).toMatchObject({ outcome: 'held' });
  expect(applied).toEqual([3]);
});

test('hazard: whoever waits for a version that a retrier brings is not told, and waits for the next look', async () => {
  const { events, hold, owner, service, subject } = await world();
  const waiters = createVersionWaiters({ waitersMax: 1, pollMs: 60_000 });
  const things = inMemoryDocuments();
  const model = readModel(thingProjection, things);
  const parts = {
    ...service,
    waiters,
    stores: {},
    clock: systemClock,
    metrics: createMetrics(),
    gate: { pass: (work: () => Promise<unknown>) => work() },
    pauseGate: { name: 'things' },
  } as unknown as Parts;
  const declaration = { projection: thingProjection, from: { store: 'own' } };
  const { apply } = openProjecting(parts, { things: { declaration, model } } as unknown as OpenModels, {});
  retrier = startRetrier(service, [{ models: [model], owner, apply }]);
  await apply([{ source: 'events', position: '', event: events[0] as StoredEvent }]);
  await hold();
  const looks: number[] = [];
  const waited = waiters.wait(subject, 3, 60_000, async () => {
    looks.push((await things.read([subject])).get(subject)?.version ?? 0);
    return looks.at(-1) ?? 0;
  });
  expect(await retrier.retry(subject)).toMatchObject({ outcome: 'released' });
  expect([await waited, looks]).toEqual([true, [1, 3]]);
});
