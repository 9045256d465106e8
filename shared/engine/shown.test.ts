// Goal: what is said of a value of others is short, names its type, and can always be said. Method: any value, also those that throw
// when a text is made of them.
import fc from 'fast-check';
import { bounded, detailCharactersMax, shown, shownCharactersMax } from './shown.ts';

const unsayable = { toString: 0, valueOf: null, toJSON: () => 'never asked' };

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [17, '17'],
  [Number.NaN, 'NaN'],
  [true, 'true'],
  ['a "b"\n', '"a \\"b\\"\\n"'],
  ['\ud800', '"\\ud800"'],
  [[], 'an array'],
  [{}, 'an object'],
  [unsayable, 'an object'],
  [Object.create(null), 'an object'],
  [new Date('2026-01-01'), '2026-01-01T00:00:00.000Z'],
  [new Date('never'), 'an invalid date'],
  [Symbol('a'), 'a symbol'],
  [10n, 'a bigint'],
  ['x'.repeat(81), `"${'x'.repeat(79)}…"`],
  ['\0'.repeat(80), `"${'\\u0000'.repeat(13)}…"`],
])('%# is shown', (value, text) => {
  expect(shown(value)).toBe(text);
});

test('whatever a value is, it is shown in at most so many characters', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withSparseArray: true });
  fc.assert(
    fc.property(fc.oneof(anything, fc.string({ unit: 'binary', maxLength: 300 })), (value) => {
      expect(shown(value).length).toBeLessThanOrEqual(shownCharactersMax + 2);
    }),
  );
});

test('a text is bounded, and no character is cut in half', () => {
  expect(bounded('short')).toBe('short');
  expect(bounded('x'.repeat(600_000))).toHaveLength(detailCharactersMax);
  expect(bounded('🙂🙂🙂', 4)).toBe('🙂…');
  expect(bounded('a🙂🙂', 4)).toBe('a🙂…');
});
