// Goal: a JSON value has one text, the one that RFC 8785 gives it, so that others can compute our digests. Method: the examples and
// the number samples of the RFC, what it refuses, and random values whose keys are turned around.
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

test('the example of section 3.2.3', () => {
  const value = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
      '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  );
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('keys are ordered by UTF-16 code units, at every depth', () => {
  expect(canonicalJson({ '\ufb33': 1, '😀': 2, '1': 3, '\r': 4, ö: 5 })).toBe(
    '{"\\r":4,"1":3,"ö":5,"😀":2,"\ufb33":1}',
  );
  expect(canonicalJson([{ b: { d: 1, c: [] }, a: {} }])).toBe('[{"a":{},"b":{"c":[],"d":1}}]');
});

/** Appendix B: the bits of a double, and its text. */
const numbers: readonly (readonly [string, string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

test.each(numbers)('the double %s is %s', (bits, text) => {
  expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
});

test('what has no canonical text is refused, wherever it stands', () => {
  const loneSurrogate = 'a\ud800b';
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, Symbol('x'), loneSurrogate]) {
    expect(() => canonicalJson(value)).toThrow(TypeError);
    expect(() => canonicalJson({ a: [value] })).toThrow(TypeError);
  }
  expect(() => canonicalJson({ [loneSurrogate]: 1 })).toThrow(TypeError);
  expect(canonicalJson('😀')).toBe('"😀"');
});

test('as JSON does: a date is its instant, and a member that is undefined is none', () => {
  expect(canonicalJson({ at: new Date(0), none: undefined, some: null })).toBe(
    '{"at":"1970-01-01T00:00:00.000Z","some":null}',
  );
});

test('any JSON value keeps its meaning, and key order has none', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(canonicalJson(reversedKeys(value))).toBe(text);
    }),
  );
});

function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, reversedKeys(inner)] as const);
  return Object.fromEntries(entries.reverse());
}
