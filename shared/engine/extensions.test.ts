// Goal: an extension attribute travels in its form, or not at all, and never makes a fault. Method: the forms of W3C Trace Context
// with one part changed, and any values.
import fc from 'fast-check';
import { extensionNames, extensionsOf } from './extensions.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';
const traceparent = `00-${trace}-${parent}-01`;
const stateOf = (tracestate: unknown) => extensionsOf({ traceparent, tracestate }).tracestate;

test('each name is one of CloudEvents', () => {
  for (const name of extensionNames) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
});

test('both attributes are taken, and nothing else', () => {
  const from = { traceparent, tracestate: 'vendor=a,other@b=c d', baggage: 'x', id: '1' };
  expect(extensionsOf(from)).toEqual({ traceparent, tracestate: 'vendor=a,other@b=c d' });
  expect(extensionsOf({})).toEqual({});
});

test.each([
  ['a flag that nobody knows', `00-${trace}-${parent}-ff`, `00-${trace}-${parent}-ff`],
  ['a later version', `cc-${trace}-${parent}-01`, traceparent],
  ['a later version that says more', `cc-${trace}-${parent}-03-what-the-future-will-be`, traceparent],
  ['a later version, not sampled', `cc-${trace}-${parent}-02`, `00-${trace}-${parent}-00`],
])('traceparent with %s', (_, text, expected) => {
  expect(extensionsOf({ traceparent: text })).toEqual({ traceparent: expected });
});

test.each<[string, unknown]>([
  ['nothing', ''],
  ['capital letters', traceparent.toUpperCase()],
  ['version ff', `ff-${trace}-${parent}-01`],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${parent}-01`],
  ['a parent of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
  ['a short trace', `00-${trace.slice(1)}-${parent}-01`],
  ['no flags', `00-${trace}-${parent}`],
  ['more in version 00', `${traceparent}-x`],
  ['more without a hyphen in a later version', `cc-${trace}-${parent}-01.x`],
  ['a line break', `${traceparent}\n`],
  ['two headers', `${traceparent}, ${traceparent}`],
  ['a megabyte', `cc-${trace}-${parent}-01-${'x'.repeat(1_000_000)}`],
  ['null', null],
  ['a number', 1],
  ['a list', [traceparent]],
])('traceparent with %s is left out, and its state with it', (_, text) => {
  expect(extensionsOf({ traceparent: text, tracestate: 'a=b' })).toEqual({});
});

test.each([
  ['spaces around its members, and empty ones', ' a=1 ,, b=2\t,', 'a=1,b=2'],
  ['keys of tenants', 'fw529a3039@dt=FfAB,a/b*c-d_e=1', 'fw529a3039@dt=FfAB,a/b*c-d_e=1'],
  ['32 members', Array.from({ length: 32 }, (_, i) => `k${i}=v`).join(), expect.stringMatching(/k31=v$/)],
])('tracestate with %s', (_, text, expected) => {
  expect(stateOf(text)).toEqual(expected);
});

test.each<[string, unknown]>([
  ['nothing', ''],
  ['commas alone', ',,,'],
  ['no value', 'a'],
  ['an empty value', 'a='],
  ['two equals signs', 'a=b=c'],
  ['a capital key', 'A=b'],
  ['a control character', 'a=b\u0007'],
  ['33 members', Array.from({ length: 33 }, (_, i) => `k${i}=v`).join()],
  ['a megabyte', `a=${'x'.repeat(1_000_000)}`],
  ['null', null],
])('tracestate with %s is left out, and the parent stays', (_, text) => {
  expect(extensionsOf({ traceparent, tracestate: text })).toEqual({ traceparent });
});

test('of a long tracestate the first members stay, whole', () => {
  const members = Array.from({ length: 10 }, (_, i) => `k${i}=${'v'.repeat(97)}`);
  expect(stateOf(members.join())).toBe(members.slice(0, 5).join());
});

test('any values give attributes in their form, which give themselves again', () => {
  const texts = fc.oneof(fc.string(), fc.constant(traceparent), fc.constant('a=b'), fc.anything());
  fc.assert(
    fc.property(fc.record({ traceparent: texts, tracestate: texts }), (from) => {
      const found = extensionsOf(from);
      expect(extensionsOf(found)).toEqual(found);
      expect(Object.values(found).every((text) => /^[ -~]{1,512}$/.test(text))).toBe(true);
    }),
  );
});
