// Goal: applied + 1 is next, lower is a repeat, higher a hole, the same version under another id a fork; and the digest is the
// one that system and readers agreed on. Method: events in all orders onto documents of all ages.
import { createHash } from 'node:crypto';
import { eventOf, eventsOf, newSubject } from '../testing/index.ts';
import { thingProjection } from '../testing/workspace/thing.ts';
import { fold, usableBase } from './fold.ts';
import type { ProjectedDocument } from './projection.ts';

const subject = newSubject('thing');
const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });
const events = eventsOf(subject, [
  named('a'),
  named('b'),
  { type: 'thingPutIntoBox_v1', data: { boxId: 'x' } },
  named('c'),
]);
const [first, second, third, fourth] = events as [
  (typeof events)[0],
  (typeof events)[0],
  (typeof events)[0],
  (typeof events)[0],
];
const upTo = (version: number) =>
  fold(thingProjection, undefined, events.slice(0, version)).document as ProjectedDocument;

test('events in order', () => {
  expect(fold(thingProjection, undefined, events)).toMatchObject({
    document: {
      _id: subject,
      version: 4,
      state: 'available',
      data: { name: 'c', boxId: 'x' },
      createdAt: first.time,
      time: fourth.time,
      lastEventId: fourth.id,
      foldVersion: 1,
    },
    applied: 4,
    repeats: 0,
    forks: [],
    stop: undefined,
  });
});

test('no events leave the document as it is', () => {
  const base = upTo(2);
  expect(fold(thingProjection, base, []).document).toBe(base);
  expect(fold(thingProjection, undefined, []).document).toBeUndefined();
});

test('any order, any repeats, any division into batches give the same document', () => {
  const whole = upTo(4);
  expect(fold(thingProjection, undefined, [third, first, fourth, second, first, third]).document).toEqual(whole);
  for (let split = 0; split <= 4; split += 1) {
    const before = fold(thingProjection, undefined, events.slice(0, split)).document;
    expect(fold(thingProjection, before, events).document).toEqual(whole);
    expect(fold(thingProjection, before, events.slice(split)).document).toEqual(whole);
  }
});

test('repeats are counted and have no effect', () => {
  const base = upTo(3);
  const folding = fold(thingProjection, base, [first, second, third, third]);
  expect(folding).toMatchObject({ applied: 0, repeats: 4, forks: [], stop: undefined });
  expect(folding.document).toBe(base);
});

test('a hole stops before it, says what is missing, and applies nothing behind it', () => {
  const folding = fold(thingProjection, upTo(1), [fourth, third]);
  expect(folding).toMatchObject({ applied: 0, stop: { version: 2, reason: 'hole' } });
  expect(folding.stop?.detail).toContain('version 3 arrived after version 1');
  expect(fold(thingProjection, undefined, [first, third, fourth])).toMatchObject({
    document: { version: 1 },
    applied: 1,
    stop: { version: 2 },
  });
  expect(fold(thingProjection, undefined, [second]).stop).toMatchObject({ version: 1, reason: 'hole' });
});

test('the same version under another id is a fork, in the document as in the batch, and the first one stays', () => {
  const other = eventOf({ subject, version: 2, ...named('forged') });
  const fork = { subject, version: 2, appliedId: second.id, otherId: other.id };
  expect(fold(thingProjection, upTo(2), [other])).toMatchObject({
    applied: 0,
    forks: [fork],
    document: { data: { name: 'b' } },
  });
  expect(fold(thingProjection, upTo(1), [second, third, other])).toMatchObject({
    applied: 2,
    forks: [fork],
    document: { data: { name: 'b' } },
  });
});

test('an event folds to the same document with extension attributes and without them', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const documentOf = (event: typeof first) => fold(thingProjection, undefined, [event]).document;
  expect(documentOf(first)).toMatchObject({ version: 1, data: { name: 'a' } });
  expect(documentOf({ ...first, traceparent, tracestate: 'a=b' })).toEqual(documentOf(first));
});

test('a stem that is not folded moves version, last event and digest on, and nothing else', () => {
  const before = upTo(2);
  const ignored = eventOf({ subject, version: 3, type: 'thingSeen_v7' });
  const { document } = fold(thingProjection, before, [ignored]);
  expect(document).toEqual({ ...before, version: 3, lastEventId: ignored.id, eventsDigest: expect.any(String) });
  expect(document?.eventsDigest).not.toBe(before.eventsDigest);
});

test('a subject that begins with such a stem has a document in its first state', () => {
  const { document } = fold(thingProjection, undefined, [eventOf({ subject, type: 'thingSeen_v1' })]);
  expect(document).toMatchObject({ version: 1, state: 'absent', data: { name: '', boxId: '' } });
});

test.each([
  ['an unknown version of a known stem', 'thingNamed_v3', {}, 'unknown-version'],
  ['data that does not fit', 'thingNamed_v2', { name: 1 }, 'invalid-data'],
])('%s holds the subject there', (_, type, data, reason) => {
  const bad = eventOf({ subject, version: 3, type, data });
  const folding = fold(thingProjection, upTo(2), [bad, fourth]);
  expect(folding).toMatchObject({ applied: 0, stop: { version: 3, reason }, document: { version: 2 } });
});

test('an old version is upcast, and enters the digest as it is stored', () => {
  const old = eventOf({ subject, type: 'thingNamed_v1', data: { title: 'old' } });
  const { document } = fold(thingProjection, undefined, [old]);
  expect(document?.data).toEqual({ name: 'old', boxId: '' });
  expect(document?.eventsDigest).toBe(digest([old]));
});

/** The formula once more, from its description: SHA-256, in hex, of four lines, the first one empty at the start. */
function digest(all: readonly { id: string; type: string; version: number }[]): string {
  let previous = '';
  for (const { id, type, version } of all) {
    previous = createHash('sha256')
      .update([previous, id, type, String(version)].join('\n'), 'utf8')
      .digest('hex');
  }
  return previous;
}

test('the digest is the agreed one', () => {
  expect(upTo(4).eventsDigest).toBe(digest(events));
  expect(upTo(1).eventsDigest).toBe(digest([first]));
  const known = fold(thingProjection, undefined, [
    eventOf({ subject, id: '01900000-0000-7000-8000-000000000001', ...named('a') }),
  ]);
  // printf '\n01900000-0000-7000-8000-000000000001\nthingNamed_v2\n1' | sha256sum
  expect(known.document?.eventsDigest).toBe('7d41ced243ae103c38432cd78840f77d539d535cbc2a4ed6888c0bb9a540d8a5');
});

test('what is no base: a placeholder, a document of another fold, nothing', () => {
  const document = upTo(1);
  expect(usableBase(thingProjection, document)).toBe(document);
  expect(usableBase({ foldVersion: 2 }, document)).toBeUndefined();
  expect(usableBase(thingProjection, { _id: subject, version: 0, state: 'notYetAvailable' })).toBeUndefined();
  expect(usableBase(thingProjection, undefined)).toBeUndefined();
});
