// Goal: a subject whose document was written by an older fold goes on, however little its owner gives at a time.
// Method: one try by the real projector on in-memory ports; the owner is a list of events that is given in parts.
import { inMemoryDocuments, inMemoryHeldSubjects } from '../../adapters/in-memory/index.ts';
import {
  createProjector,
  fold,
  type Held,
  type ProjectedDocument,
  type StoredDocument,
  type StoredEvent,
} from '../../engine/index.ts';
import { eventsOf, newSubject } from '../../testing/index.ts';
import { thingProjection } from '../../testing/workspace/thing.ts';
import { show } from './retrier.ts';
import { attempt } from './retry-attempt.ts';

const givenMax = 2;
const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });

/** A thing at version 5 of an older fold, and its sixth event, which came to no base to be folded on. */
async function world() {
  const subject = newSubject('thing');
  const events = eventsOf(subject, ['a', 'b', 'c', 'd', 'e', 'f'].map(named)) as StoredEvent[];
  const { document } = fold(thingProjection, undefined, events.slice(0, 5));
  const before = { ...(document as ProjectedDocument), foldVersion: 0 };
  const all = new Map<string, StoredDocument>([[subject, before]]);
  const models = [{ projection: thingProjection, documents: inMemoryDocuments([], all) }];
  const held = inMemoryHeldSubjects();
  const log = { info() {}, warn() {}, error() {} };
  const projector = createProjector({ models, held, clock: { now: () => new Date() }, log });
  const state = { failingFrom: 100 };
  const owner = {
    async readNext(
      positions: ReadonlyMap<string, number>,
      eachMax: number,
      failed?: (key: string, fault: unknown) => void,
    ) {
      const version = positions.get(subject) ?? 0;
      if (version >= state.failingFrom) failed?.(subject, new Error('the owner fails'));
      if (version >= state.failingFrom) return [];
      return events.filter((one) => one.version > version).slice(0, Math.min(eachMax, givenMax));
    },
  };
  await projector.apply([{ source: 'events', position: 'events/0@0', event: events[5] as StoredEvent }]);
  const entry = async () => (await held.among([subject])).get(subject) as Held;
  const ports = { models, held, apply: projector.apply, ownerOf: () => owner, limits: { batchEventsMax: 100 } };
  return { all, before, entry, events, ports, state, subject };
}

test('hazard: the fold has changed, and the owner gives less at a time than the document has: no try comes past it', async () => {
  const { all, entry, ports, subject } = await world();
  expect((await entry()).reason).toBe('hole');
  expect((await attempt(ports, [await entry()])).released).toEqual(new Set([subject]));
  expect(all.get(subject)).toMatchObject({ version: 6, foldVersion: 1, data: { name: 'f' } });
});

test('an owner that fails half-way through one leaves it as it is, and the next try begins again', async () => {
  const { all, before, entry, ports, state, subject } = await world();
  state.failingFrom = 4;
  const { released, unanswered } = await attempt(ports, [await entry()]);
  expect([released.size, [...unanswered.keys()], all.get(subject)]).toEqual([0, [subject], before]);
  state.failingFrom = 100;
  expect((await attempt(ports, [await entry()])).released.size).toBe(1);
});

test('what a retry would make of one is shown as the retry makes it', async () => {
  const { all, entry, events, ports, subject } = await world();
  const shown = await show(ports, subject);
  expect(shown.detail).toBe('A retry would fold 6 events and release it at version 6.');
  expect(shown.next).toMatchObject({ events: events.length, stop: undefined });
  await attempt(ports, [await entry()]);
  expect(all.get(subject)).toEqual(shown.next?.document);
});
