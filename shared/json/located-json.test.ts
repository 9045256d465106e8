// Goal: a fault in a connector file is found where JSON.parse finds one, and pointed at with line and column.
// Method: properties against JSON.parse as the oracle, and texts whose places were counted by hand.
import fc from 'fast-check';
import { JsonFault, parseLocatedJson } from './located-json.ts';

const faultOf = (source: string) => {
  try {
    parseLocatedJson(source, 64);
  } catch (error) {
    if (error instanceof JsonFault)
      return {
        kind: error.kind,
        line: error.line,
        column: error.column,
        message: error.message,
        path: error.path,
      };
    throw error;
  }
  return undefined;
};

const stopOf = (source: string) => {
  try {
    parseLocatedJson(source, 64);
  } catch (error) {
    return (error as JsonFault).stop;
  }
  return undefined;
};

test('reads what JSON.parse reads, in any layout', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parseLocatedJson(text, 64).value).toEqual(JSON.parse(text));
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
  const json = parseLocatedJson('{\n  "a": {\n    "b.c": 1,\n    "d": [\n      true,\n      null\n    ]\n  }\n}', 64);
  expect(json.lineOf(['a'])).toBe(2);
  expect(json.lineOf(['a', 'b.c'])).toBe(3);
  expect(json.lineOf(['a', 'd', 1])).toBe(6);
  expect(json.lineOf(['a', 'missing'])).toBe(2);
  expect(json.lineOf(['missing'])).toBe(1);
});

test.each([
  ['{\n  "a": 1,\n}', { line: 2, column: 9, message: 'A comma stands before "}"', path: [] }],
  ['{\n  "a": 1\n  "b": 2\n}', { line: 3, column: 3, message: 'Expected "," or "}", found "\\""', path: [] }],
  [
    '{\n  "a": 1,\n  "a": 2\n}',
    { kind: 'repeated-key', line: 3, column: 3, message: 'The key "a" is given twice', path: ['a'] },
  ],
  ['{ "a": tru }', { line: 1, column: 8, message: 'Expected a value, found "t"', path: ['a'] }],
  ['{ "a": "x\n" }', { line: 1, column: 8, message: 'A text is not closed on its line', path: ['a'] }],
  ['{ "a": 1', { line: 1, column: 9, message: 'Expected "," or "}", found the end of the file', path: [] }],
  [
    '{ "connection.uri": "mongodb://connect:pa\\ss@db/" }',
    {
      line: 1,
      column: 21,
      path: ['connection.uri'],
      message: 'A text holds an escape or a control character that JSON does not allow',
    },
  ],
  ['{ "a": 01 }', { line: 1, column: 8, message: 'A number is not written as JSON writes it', path: [] }],
  ['{ "a": 1. }', { line: 1, column: 8, message: 'A number is not written as JSON writes it', path: ['a'] }],
  ['[1 [', { line: 1, column: 4, message: 'Expected "," or "]", found "["', path: [] }],
  ['[1, 2,]', { line: 1, column: 6, message: 'A comma stands before "]"', path: [] }],
  ['{} {}', { line: 1, column: 4, message: 'Expected the end of the file, found "{"', path: [] }],
  ['// 1', { line: 1, column: 1, message: 'Expected a value, found "/"', path: [] }],
])('points at the fault in %j', (source, expected) => {
  expect(faultOf(source)).toEqual({ kind: 'syntax', ...expected });
});

test('a key __proto__ is only a key', () => {
  const value = parseLocatedJson('{ "__proto__": { "polluted": true } }', 64).value as object;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect('polluted' in value).toBe(false);
});

test('says where the text stops being JSON, and nothing of what stands there', () => {
  expect(stopOf('{\n "a": 1,\n}')).toEqual({ line: 3, column: 1, expected: 'a key in double quotes' });
  expect(stopOf('{"a":x}')).toEqual({ line: 1, column: 6, expected: 'a value' });
  expect(stopOf('{"a" 1}')).toEqual({ line: 1, column: 6, expected: '":"' });
});

test('a hostile text of 10 MiB is refused or read in time, within a bounded stack', () => {
  const size = 10 * 1024 * 1024;
  for (const text of ['['.repeat(size), '{"a":'.repeat(size / 5), `"${'x'.repeat(size)}`, '"'.repeat(size)])
    expect(faultOf(text)).toBeDefined();
});

test('stops at more levels than any config needs', () => {
  expect(faultOf('['.repeat(10_000))?.message).toBe('More than 64 levels');
});

describe('a key that is there twice', () => {
  const repeatedKeyIn = (source: string) => {
    const fault = faultOf(source);
    return fault?.kind === 'repeated-key' ? fault.path.at(-1) : undefined;
  };

  test.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['[{"a":1},{"b":{"c":1,"d":{"c":2},"c" : 3}}]', 'c'],
    ['{"a":{"a":1},"b":[{"a":1},{"a":1}]}', undefined],
    ['{"a":"\\"a\\":","b":"{\\"a\\":1,\\"a\\":2}"}', undefined],
    ['"a"', undefined],
  ])('in %j: %p', (source, key) => expect(repeatedKeyIn(source)).toBe(key));

  test('is found in time, whatever the text', () => {
    const long = `{"a":"${'\\\\'.repeat(100_000)}","b":"${'{'.repeat(100_000)}"}`;
    expect(repeatedKeyIn(long)).toBeUndefined();
  });
});
