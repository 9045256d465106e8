// Goal: what the tests of convergence rest on can fail. Method: a reader that saw a version go back says so; a world has every
// type of event, lives that keep their order when they are mixed, and the same events again for the same seed.
import { seededRandom } from 'foldline/testing';
import { movedBetween } from './consumer-group.ts';
import { versionNotes } from './version-watch.ts';
import { interleaved, shuffled, worldOf } from './world.ts';

const size = { users: 40, categories: 20, items: 40, orders: 20 };

test('a version that goes back is a fault, and so is a document that is not there any more', () => {
  const notes = versionNotes();
  for (const version of [-1, 0, 2, 2, 5]) notes.saw('GET /items/1', version);
  notes.saw('GET /items/2', 1);
  expect([notes.faults(), notes.rises()]).toEqual([[], 4]);
  notes.saw('GET /items/1', 4);
  notes.saw('GET /items/2', -1);
  expect(notes.faults()).toEqual(['GET /items/1 was at 5 and then at 4', 'GET /items/2 was at 1 and then at -1']);
});

test('a partition has moved when another member holds it', () => {
  const before = new Map([
    ['a/0', 'one'],
    ['a/1', 'one'],
  ]);
  expect(movedBetween(before, new Map(before))).toBe(0);
  expect(movedBetween(before, new Map([...before, ['a/1', 'two']]))).toBe(1);
});

test('a world has every type of event, news after an end, and creations after one', () => {
  const lives = worldOf(size, seededRandom(1));
  const types = lives.map((life) => life.map(({ type }) => type.replace(/_v\d$/, '')));
  expect([...new Set(types.flat())].sort()).toEqual([
    'categoryCreated',
    'categoryRemoved',
    'categoryTitleChanged',
    'itemAdded',
    'itemMovedToCategory',
    'itemPriceChanged',
    'itemRemoved',
    'itemTitleChanged',
    'orderPlaced',
    'userCreated',
    'userDeleted',
    'userEmailChanged',
    'userFirstNameChanged',
    'userLastNameChanged',
  ]);
  const afterEnd = types.map((life) =>
    life.slice(life.findIndex((type) => /Removed|Deleted/.test(type)) + 1 || Infinity),
  );
  expect(afterEnd.flat().some((type) => /Changed|Moved/.test(type))).toBe(true);
  expect(afterEnd.flat().some((type) => /Created|Added/.test(type))).toBe(true);
});

test('lives keep their order when they are mixed, and a seed gives the same world again', () => {
  const made = (seed: number) => {
    const random = seededRandom(seed);
    return interleaved(worldOf(size, random), random);
  };
  const events = made(7);
  expect(made(7)).toEqual(events);
  expect(made(8)).not.toEqual(events);
  const last = new Map<string, number>();
  for (const { subject, version } of events) {
    expect(version).toBe((last.get(subject) ?? 0) + 1);
    last.set(subject, version);
  }
  // Mixed: neighbours are seldom of one subject.
  const neighbours = events.filter(({ subject }, i) => subject === events[i - 1]?.subject);
  expect(neighbours.length).toBeLessThan(events.length / 4);
});

test('what is shuffled is all there, in another order', () => {
  const list = Array.from({ length: 50 }, (_, i) => i);
  const mixed = shuffled(list, seededRandom(3));
  expect(mixed).not.toEqual(list);
  expect([...mixed].sort((a, b) => a - b)).toEqual(list);
});
