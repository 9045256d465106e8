// Goal: a subject is shown as held until its document is at everything that came. The hazard: what came behind the failing
// event was not applied and does not come again, so a release at the first step forward would hide that it is missing.
import { inMemoryDocuments, inMemoryHeldSubjects } from '../adapters/in-memory/index.ts';
import { eventsOf, newSubject, testClock } from '../testing/index.ts';
import { thingProjection } from '../testing/workspace/thing.ts';
import type { StoredEvent } from './event.ts';
import { createProjector } from './projector.ts';

const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });

function world() {
  const held = inMemoryHeldSubjects();
  const log = { info() {}, warn() {}, error() {} };
  const models = [{ projection: thingProjection, documents: inMemoryDocuments() }];
  const projector = createProjector({ models, held, clock: testClock(), log });
  const apply = (...events: readonly StoredEvent[]) =>
    projector.apply(events.map((event, i) => ({ source: 'events', position: `events@${i}`, event })));
  return { held, apply };
}

test('a hole filled by one step is still a hole; by all of them, none', async () => {
  const { held, apply } = world();
  const events = eventsOf(newSubject('thing'), ['a', 'b', 'c', 'd'].map(named));
  const [first, second, third, fourth] = events as [StoredEvent, StoredEvent, StoredEvent, StoredEvent];
  await apply(first);
  await apply(fourth);
  await apply(second);
  expect(await held.list(9)).toMatchObject([{ reason: 'hole', appliedVersion: 1, seenVersion: 4 }]);
  await apply(third);
  expect(await held.count()).toBe(1);
  await apply(fourth);
  expect(await held.count()).toBe(0);
});

test('what came behind an unreadable event counts, and its reason stays', async () => {
  const { held, apply } = world();
  const subject = newSubject('thing');
  const [first, bad, third] = eventsOf(subject, [named('a'), { type: 'thingNamed_v3' }, named('c')]) as [
    StoredEvent,
    StoredEvent,
    StoredEvent,
  ];
  await apply(first, bad);
  await apply(third);
  expect(await held.list(9)).toMatchObject([{ key: subject, reason: 'unknown-version', seenVersion: 3, attempts: 2 }]);
  const corrected = { ...bad, ...named('b') };
  await apply(corrected);
  expect(await held.count()).toBe(1);
  await apply(corrected, third);
  expect(await held.count()).toBe(0);
});
