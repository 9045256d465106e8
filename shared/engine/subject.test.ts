// Goal: a subject as of now, of a version, of a time; a snapshot shortens the way and changes no answer.
import { inMemoryDocuments, inMemoryEventStore } from '../adapters/in-memory/index.ts';
import { eventsOf, newSubject } from '../testing/index.ts';
import { thingProjection } from '../testing/workspace/thing.ts';
import { fold, readSubject, readSubjectAsOf, readSubjectAtVersion, readSubjects } from './fold.ts';
import type { StoredDocument } from './projection.ts';

const subject = newSubject('thing');
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const events = eventsOf(
  subject,
  ['a', 'b', 'c', 'd'].map((name, i) => ({ type: 'thingNamed_v2', data: { name }, time: at(i * 10) })),
);
const documentAt = (version: number) =>
  fold(thingProjection, undefined, events.slice(0, version)).document as StoredDocument;

async function source(...documents: StoredDocument[]) {
  const store = inMemoryEventStore();
  await store.append(events);
  return { projection: thingProjection, documents: inMemoryDocuments(documents), store };
}

test.each([0, 1, 3, 4])('as of now, from a snapshot at %d', async (version) => {
  const reading = await readSubject(await source(...(version ? [documentAt(version)] : [])), subject);
  expect(reading).toEqual({
    document: documentAt(4),
    snapshotVersion: version,
    replayedEvents: 4 - version,
    seenVersion: 4,
    stop: undefined,
  });
});

test('a placeholder and a snapshot of another fold are no beginning', async () => {
  const others: StoredDocument[] = [
    { _id: subject, version: 0, state: 'notYetAvailable' },
    { ...(documentAt(3) as object), foldVersion: 0 } as StoredDocument,
  ];
  for (const other of others) {
    expect(await readSubject(await source(other), subject)).toMatchObject({
      document: documentAt(4),
      snapshotVersion: 0,
    });
  }
});

test('a subject without events has no document', async () => {
  expect(await readSubject(await source(), newSubject('thing'))).toMatchObject({
    document: undefined,
    replayedEvents: 0,
  });
});

test('several at once, one that is held as far as it goes', async () => {
  const from = await source(documentAt(2));
  const held = newSubject('thing');
  await from.store.append(eventsOf(held, [{ type: 'thingNamed_v2', data: { name: 'h' } }, { type: 'thingNamed_v3' }]));
  const readings = await readSubjects(from, [subject, held, newSubject('thing')]);
  expect(readings.get(subject)).toMatchObject({ document: documentAt(4), snapshotVersion: 2 });
  expect(readings.get(held)).toMatchObject({ document: { version: 1 }, stop: { version: 2 } });
  expect([...readings.values()][2]?.document).toBeUndefined();
  expect(await readSubjects(from, [])).toEqual(new Map());
});

test('as of a version, with and without a snapshot that is of use, and none beyond the end', async () => {
  for (const documents of [[], [documentAt(2)], [documentAt(4)]]) {
    const from = await source(...documents);
    for (const version of [1, 2, 3, 4]) {
      expect((await readSubjectAtVersion(from, subject, version))?.document).toEqual(documentAt(version));
    }
    expect(await readSubjectAtVersion(from, subject, 5)).toBeUndefined();
  }
});

test('as of a time', async () => {
  const from = await source(documentAt(4));
  expect((await readSubjectAsOf(from, subject, at(-1))).document).toBeUndefined();
  expect((await readSubjectAsOf(from, subject, at(0))).document).toEqual(documentAt(1));
  expect((await readSubjectAsOf(from, subject, at(29))).document).toEqual(documentAt(3));
  expect((await readSubjectAsOf(from, subject, at(99))).document).toEqual(documentAt(4));
});

test('an event that cannot be folded holds what lies behind it, not what lies before', async () => {
  const from = await source();
  const held = newSubject('thing');
  await from.store.append(eventsOf(held, [{ type: 'thingNamed_v2', data: { name: 'h' } }, { type: 'thingNamed_v3' }]));
  await expect(readSubject(from, held)).rejects.toMatchObject({ code: 'subject-held', currentVersion: 2 });
  expect((await readSubjectAtVersion(from, held, 1))?.document).toMatchObject({ version: 1, data: { name: 'h' } });
  await expect(readSubjectAtVersion(from, held, 2)).rejects.toMatchObject({ code: 'subject-held' });
});
