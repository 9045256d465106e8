// Goal: a cursor tells every member's place, whatever their ids look like. Method: streams in memory, read page by page.
import { eventsOf, inMemoryEventStore } from 'foldline/testing';
import { cursorOf, mergedEvents, shownBefore } from './merged-events.ts';

const end = '0000-4000-8000-000000000000';
const subjectOf = (start: string) => `user-${start}-${end}`;

async function pagesOf(subjects: readonly string[], limit: number): Promise<string[]> {
  const store = inMemoryEventStore();
  for (const subject of subjects) await store.append(eventsOf(subject, [{}, {}, {}]));
  const places: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { events, next } = await mergedEvents(store, shownBefore(subjects, cursor), limit);
    places.push(...events.map(({ subject, version }) => `${subject}@${version}`));
    if (!next) return places;
    cursor = cursorOf(next);
  }
}

test.each([1, 2, 4])('ids that end alike are told apart: each event once, in pages of %i', async (limit) => {
  const subjects = [subjectOf('00000001'), subjectOf('00000002'), 'user-00000003-0000-4000-8000-00000000000a'];
  const places = await pagesOf(subjects, limit);
  expect(places).toHaveLength(9);
  expect(new Set(places).size).toBe(9);
});

test('who joined since is shown from the beginning, and who left no more', () => {
  const [one, other] = ['user-00000003-0000-4000-8000-00000000000a', 'user-00000003-0000-4000-8000-00000000000b'];
  const cursor = cursorOf(new Map([[one, 7]]));
  expect([...shownBefore([one, other], cursor)]).toEqual([
    [one, 7],
    [other, 0],
  ]);
  expect([...shownBefore([other], cursor)]).toEqual([[other, 0]]);
  expect(() => shownBefore([one], 'nonsense')).toThrow('cursor');
});
