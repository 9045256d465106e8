// Goal: no value can end whoever reads it: an envelope is read or has a short fault, whatever stands in its fields. Method: every field
// with values of every kind, values that throw when a text is made of them, deep nesting, and any JSON.
import fc from 'fast-check';
import { eventOf, newSubject } from '../testing/index.ts';
import { dataLevelsMax, readEnvelope } from './envelope.ts';
import { detailCharactersMax } from './shown.ts';

const event = eventOf({ subject: newSubject('thing'), data: { a: 1 } });
const onTheWire = { ...event, time: event.time.toISOString() };
const required = ['specversion', 'id', 'source', 'type', 'subject', 'version', 'time', 'data'] as const;
const optional = ['correlationid', 'causationid'] as const;
const dropped = ['claims', 'request', 'traceparent', 'toString', 'constructor'] as const;

const nested = (open: string, close: string, levels: number) =>
  JSON.parse(`${open.repeat(levels)}1${close.repeat(levels)}`) as unknown;
const values: Readonly<Record<string, unknown>> = {
  'an object without a text': { toString: 0 },
  'an object whose text throws': JSON.parse('{"toString":null,"valueOf":[]}'),
  'an object with another prototype': JSON.parse('{"__proto__":{"toString":1}}'),
  'an array': ['x'],
  'an array of arrays without a text': [[{ toString: 0 }]],
  'arrays 5,000 deep': nested('[', ']', 5000),
  'arrays 100,000 deep': nested('[', ']', 100_000),
  'objects 5,000 deep': nested('{"a":', '}', 5000),
  'objects 100,000 deep': nested('{"a":', '}', 100_000),
  null: null,
  'a huge number': JSON.parse('1e400'),
  'a text of 600 kB': 'x'.repeat(600_000),
  'a text of control characters': '\u0000\u001b[2J\u202e'.repeat(1000),
};
const cases = (fields: readonly string[]) =>
  fields.flatMap((field) => Object.entries(values).map(([name, value]) => [field, name, value] as const));

test.each(cases(required).filter(([field, name]) => field !== 'source' || !name.startsWith('a text')))(
  '%s with %s has a short fault',
  (field, name, value) => {
    const reading = readEnvelope({ ...onTheWire, [field]: value });
    // An object is what `data` should be: how it may look is asked of its depth and its keys.
    if (field === 'data' && name.startsWith('an object')) return expect(reading).toHaveProperty('event');
    expect(reading).toEqual({ fault: expect.stringMatching(new RegExp(`^${field} `)) });
    expect('fault' in reading && reading.fault.length).toBeLessThan(150);
  },
);

test.each(cases(optional).filter(([, name]) => !name.startsWith('a text')))(
  '%s with %s has one too',
  (field, _, value) => {
    const reading = readEnvelope({ ...onTheWire, [field]: value });
    expect('fault' in reading && reading.fault.length).toBeLessThan(150);
  },
);

test.each(cases(dropped).filter(([field, name]) => field !== 'claims' || name !== 'an array'))(
  '%s with %s is dropped',
  (field, _, value) => {
    expect(readEnvelope({ ...onTheWire, [field]: value })).toEqual({ event });
  },
);

test.each([
  [{ claims: ['a', 1] }],
  [{ claims: [{ toString: 0 }] }],
  [{ request: { digest: 1, lastVersion: 1 } }],
  [{ request: { digest: 'd', lastVersion: 'x' } }],
])('claims and requests that no store has written are dropped: %j', (more) => {
  expect(readEnvelope({ ...onTheWire, ...more })).toEqual({ event });
});

test('the type of a value is said, and never what it holds', () => {
  expect(readEnvelope({ ...onTheWire, specversion: { toString: 0, secret: 'x' } })).toEqual({
    fault: 'specversion is an object, expected "1.0"',
  });
  expect(readEnvelope({ ...onTheWire, version: ['secret'] })).toEqual({
    fault: 'version is an array, expected an integer from 1',
  });
});

test('data may nest as deep as a document can, and no deeper', () => {
  const data = (levels: number) => nested('{"a":', '}', levels);
  expect(readEnvelope({ ...onTheWire, data: data(dataLevelsMax) })).toHaveProperty('event');
  expect(readEnvelope({ ...onTheWire, data: data(dataLevelsMax + 1) })).toEqual({
    fault: `data nests deeper than ${dataLevelsMax} levels`,
  });
  expect(readEnvelope({ ...onTheWire, data: { list: [[nested('[', ']', 5000)]] } })).toHaveProperty('fault');
});

test.each([
  ['{"a\\u0000b":1}', '"a\\u0000b"'],
  ['{"list":[{"_bsontype":"ObjectId"}]}', '"_bsontype"'],
])('data with a key that no driver writes has a fault: %s', (data, key) => {
  expect(readEnvelope({ ...onTheWire, data: JSON.parse(data) })).toEqual({
    fault: `data has the key ${key}, which no document may have`,
  });
});

test('any JSON in any fields is read, or has a short fault', () => {
  const fields = fc.dictionary(fc.constantFrom(...required, ...optional, ...dropped), fc.jsonValue({ maxDepth: 4 }));
  fc.assert(
    fc.property(fields, fc.boolean(), (others, isWhole) => {
      const reading = readEnvelope(JSON.parse(JSON.stringify(isWhole ? { ...onTheWire, ...others } : others)));
      if ('fault' in reading) expect(reading.fault.length).toBeLessThan(detailCharactersMax);
      else expect(reading.event.data).toBeInstanceOf(Object);
    }),
    { numRuns: 1000 },
  );
});
