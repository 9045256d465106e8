// Goal: a fault in a connector file is found where JSON.parse finds one, and pointed at with line and column.
// Method: properties against JSON.parse as the oracle, and a few texts whose places were counted by hand.
import fc from 'fast-check';
import { JsonFault, parseLocatedJson } from './located-json.ts';

const faultOf = (source: string) => {
  try {
    parseLocatedJson(source);
  } catch (error) {
    if (error instanceof JsonFault)
      return { line: error.line, column: error.column, message: error.message, path: error.path };
    throw error;
  }
  return undefined;
};

test('reads what JSON.parse reads, in any layout', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parseLocatedJson(text).value).toEqual(JSON.parse(text));
    }),
  );
});

test('refuses every text that JSON.parse refuses', () => {
  const damaged = fc
    .tuple(
      fc.jsonValue({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom('', ',', '}', ']', '"', ':', '0', '\\', '\n', '\u0001', 'x'),
    )
    .map(([value, at, mark]) => {
      const text = JSON.stringify(value, null, 1);
      const place = at % (text.length + 1);
      return text.slice(0, place) + mark + text.slice(place + 1);
    });
  fc.assert(
    fc.property(damaged, (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (!valid) expect(faultOf(text)).toBeDefined();
    }),
    { numRuns: 500 },
  );
});

test('knows the line of each key and element, and of the nearest parent of one that is missing', () => {
  const json = parseLocatedJson('{\n  "a": {\n    "b.c": 1,\n    "d": [\n      true,\n      null\n    ]\n  }\n}');
  expect(json.lineOf(['a'])).toBe(2);
  expect(json.lineOf(['a', 'b.c'])).toBe(3);
  expect(json.lineOf(['a', 'd', 1])).toBe(6);
  expect(json.lineOf(['a', 'missing'])).toBe(2);
  expect(json.lineOf(['missing'])).toBe(1);
});

test.each([
  ['{\n  "a": 1,\n}', { line: 2, column: 9, message: 'A comma stands before "}"', path: [] }],
  ['{\n  "a": 1\n  "b": 2\n}', { line: 3, column: 3, message: 'Expected "," or "}", found "\\""', path: [] }],
  ['{\n  "a": 1,\n  "a": 2\n}', { line: 3, column: 3, message: 'The key "a" is given twice', path: ['a'] }],
  ['{ "a": tru }', { line: 1, column: 8, message: 'Expected a value, found "t"', path: ['a'] }],
  ['{ "a": "x\n" }', { line: 1, column: 8, message: 'A text is not closed on its line', path: ['a'] }],
  ['{ "a": 1', { line: 1, column: 9, message: 'Expected "," or "}", found the end of the file', path: [] }],
  [
    '{ "connection.uri": "mongodb://connect:pa\\ss@db/" }',
    {
      ...{ line: 1, column: 21, path: ['connection.uri'] },
      message: 'A text holds an escape or a control character that JSON does not allow',
    },
  ],
])('points at the fault in %j', (source, expected) => {
  expect(faultOf(source)).toEqual(expected);
});

test('a key __proto__ is only a key', () => {
  const value = parseLocatedJson('{ "__proto__": { "polluted": true } }').value as object;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect('polluted' in value).toBe(false);
});

test('stops at more levels than any config needs', () => {
  expect(faultOf('['.repeat(10_000))?.message).toBe('More than 64 levels');
});
