// Goal: a line is read exactly or refused with the right word; nothing that would be stored as something else gets through.
// Method: the lines that stand on both sides of every border.
import { readJsonLine } from './json-line.ts';

const read = (given: string | Buffer | undefined) =>
  readJsonLine({ number: 1, bytes: given === undefined ? given : Buffer.from(given) });
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

test.each([
  [undefined, 'too-long'],
  [Buffer.from('{"a":"\xff"}', 'latin1'), 'invalid-utf-8'],
  ['{"a":1', 'not-json'],
  ["{'a':1}", 'not-json'],
  ['{"a":NaN}', 'not-json'],
  ['undefined', 'not-json'],
  ['{"a":1} {"b":2}', 'not-json'],
  ['[1]', 'not-an-object'],
  ['"text"', 'not-an-object'],
  ['null', 'not-an-object'],
  ['{"a":9007199254740993}', 'integer-too-large'],
  ['{"a":[{"b":-9007199254740993}]}', 'integer-too-large'],
  ['{"a\\"":"1","b":12345678901234567890}', 'integer-too-large'],
  [nested(101), 'not-storable'],
  ['{"a":{"_bsontype":"Long"}}', 'not-storable'],
  ['{"a\\u0000b":1}', 'not-storable'],
  ['{"a":1e400}', 'not-storable'],
  ['{"a":["\\ud83d"]}', 'lost-text'],
  ['{"a":{"b\ufffd":1}}', 'lost-text'],
  [nested(100_000), 'not-storable'],
])('%j is refused as %s', (line, refused) => {
  expect(read(line)).toEqual({ refused });
});

test.each(['', '   ', '\t', '\ufeff'])('%j is blank', (line) => {
  expect(read(line)).toEqual({ blank: true });
});

test.each([
  '{}',
  '{"a":9007199254740992,"b":-9007199254740992}',
  '{"a":"12345678901234567890","b":"\\"12345678901234567890"}',
  '{"12345678901234567890":1}',
  '{"a":1.2345678901234567890,"b":12345678901234567890.5,"c":12345678901234567e3}',
  '{"$a":{"b.c":[null,true,"\\ud83d\\ude00"]},"__proto__":{"x":1}}',
  nested(100),
])('%j is read as it stands', (line) => {
  expect(read(line)).toEqual({ object: JSON.parse(line) });
});

test('a byte order mark before the first line is no part of it', () => {
  expect(read('\ufeff{"a":1}')).toEqual({ object: { a: 1 } });
});
