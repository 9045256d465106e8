// Goal: a document's references are those its view makes, each since the event from which on it was held without a break.
// Method: views one after another, without a store; the references after each are compared whole.
import { fold } from './fold.ts';
import {
  type NamedTarget,
  notYetAvailable,
  type Projection,
  type Reference,
  referencesAfter,
  type View,
} from './projection.ts';

interface Shelf extends View {
  readonly data: { readonly holds: readonly NamedTarget[] };
}

const projection = { refersTo: ({ state, data }: Shelf) => (state === 'gone' ? [] : data.holds) };
const at = (version: number) => ({ version, time: new Date(version * 1000) });
const shelf = (...holds: (readonly [string, string])[]): Shelf => ({
  state: 'there',
  data: { holds: holds.map(([field, target]) => ({ field, target })) },
});
const held = (field: string, target: string, sinceVersion: number): Reference => ({
  field,
  target,
  since: new Date(sinceVersion * 1000),
  sinceVersion,
});

/** The references after views 1, 2, 3 … */
function after(...views: readonly Shelf[]): readonly Reference[] | undefined {
  return views.reduce<readonly Reference[] | undefined>(
    (references, view, i) => referencesAfter(projection, references && { references }, view, at(i + 1)),
    undefined,
  );
}

test('a new reference begins with the event that made it', () => {
  expect(after(shelf(['a', 'x']))).toEqual([held('a', 'x', 1)]);
});

test('one that stays keeps its beginning, whatever else changes', () => {
  expect(after(shelf(['a', 'x']), shelf(['a', 'x'], ['b', 'y']), shelf(['b', 'y'], ['a', 'x']))).toEqual([
    held('a', 'x', 1),
    held('b', 'y', 2),
  ]);
});

test('one that went and came back began when it came back', () => {
  expect(after(shelf(['a', 'x']), shelf(['a', 'z']), shelf(['a', 'x']))).toEqual([held('a', 'x', 3)]);
});

test('the same target in another field is another reference', () => {
  expect(after(shelf(['a', 'x']), shelf(['b', 'x']))).toEqual([held('b', 'x', 2)]);
});

test('what is named twice in a field is held once, and the order is that of field and target', () => {
  const views = [shelf(['b', 'y'], ['a', 'z'], ['b', 'x'], ['a', 'z'])];
  const sorted = [held('a', 'z', 1), held('b', 'x', 1), held('b', 'y', 1)];
  expect(after(...views)).toEqual(sorted);
});

test('a removed referrer holds none', () => {
  expect(after(shelf(['a', 'x']), { ...shelf(['a', 'x']), state: 'gone' })).toEqual([]);
});

test('a projection that refers to nothing leaves them out, one that names nothing now has an empty list', () => {
  expect(referencesAfter({}, undefined, shelf(), at(1))).toBeUndefined();
  expect(after(shelf())).toEqual([]);
});

test('folding carries them in the document, over events of unknown types too, the same in one batch or in many', () => {
  const events = ['x', 'x', '', 'z', 'x'].map((text, i) => ({
    specversion: '1.0' as const,
    id: `id-${i}`,
    source: '/test',
    subject: 'shelf-1',
    type: text === '' ? 'shelfDusted_v1' : 'shelfFilled_v1',
    ...at(i + 1),
    data: { text },
  }));
  const shelves: Projection<Shelf, { type: 'filled'; data: { text: string } }> = {
    ...projection,
    name: 'shelves',
    kind: 'shelf',
    foldVersion: 1,
    initialState: { state: notYetAvailable, data: { holds: [] } },
    decode: ({ type, data }) =>
      type === 'shelfFilled_v1'
        ? { kind: 'known', event: { type: 'filled', data: { text: String(data.text) } } }
        : { kind: 'ignored' },
    evolve: (_view, { data }) => shelf(['a', data.text]),
  };
  const one = fold(shelves, undefined, events).document;
  const steps = events.map((_, i) => fold(shelves, undefined, events.slice(0, i + 1)).document?.references);
  const stepwise = events.reduce(
    (document, event) => fold(shelves, document, [event]).document,
    fold(shelves, undefined, []).document,
  );
  expect(steps).toEqual([
    [held('a', 'x', 1)],
    [held('a', 'x', 1)],
    [held('a', 'x', 1)],
    [held('a', 'z', 4)],
    [held('a', 'x', 5)],
  ]);
  expect(stepwise).toEqual(one);
});
