// Goal: what is no envelope is told by the name of its faulty field, and what is one is read whole.
import { eventOf, newSubject } from '../testing/index.ts';
import { readEnvelope } from './envelope.ts';

const event = eventOf({ subject: newSubject('thing'), data: { a: 1 } });
const onTheWire = { ...event, time: event.time.toISOString() };

test('as it travels, as a change stream yields it, and with the claims and request of the store', () => {
  expect(readEnvelope(onTheWire)).toEqual({ event });
  expect(readEnvelope(event)).toEqual({ event });
  const whole = {
    ...event,
    correlationid: 'c',
    causationid: 'd',
    claims: ['a'],
    request: { digest: 'd', lastVersion: 1 },
  };
  expect(readEnvelope(whole)).toEqual({ event: whole });
});

test('declared extension attributes are read in their form, and left out in any other', () => {
  const extensions = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'a=b' };
  expect(readEnvelope({ ...onTheWire, ...extensions })).toEqual({ event: { ...event, ...extensions } });
  expect(readEnvelope({ ...onTheWire, ...extensions, tracestate: null })).toEqual({
    event: { ...event, traceparent: extensions.traceparent },
  });
  expect(readEnvelope({ ...onTheWire, ...extensions, traceparent: '00-1-2-01' })).toEqual({ event });
});

test('what anybody may add is dropped, and the data is left as it is', () => {
  expect(readEnvelope({ ...onTheWire, traceparent: 'x', datacontenttype: 'application/json' })).toEqual({ event });
  expect(readEnvelope({ ...onTheWire, data: { $set: 1, extra: null } })).toMatchObject({
    event: { data: { $set: 1, extra: null } },
  });
});

test.each([
  ['2026-01-01T00:00:05Z', '2026-01-01T00:00:05.000Z'],
  ['2026-01-01T00:00:05.12Z', '2026-01-01T00:00:05.120Z'],
  ['2026-01-01T00:00:05.123456789Z', '2026-01-01T00:00:05.123Z'],
  ['2026-01-01t00:00:05z', '2026-01-01T00:00:05.000Z'],
  ['2026-01-01T02:00:05+02:00', '2026-01-01T00:00:05.000Z'],
])('the time %s', (time, instant) => {
  expect(readEnvelope({ ...onTheWire, time })).toMatchObject({ event: { time: new Date(instant) } });
});

test('versions that a connector writes as 12.0 are integers', () => {
  expect(readEnvelope({ ...JSON.parse(JSON.stringify(onTheWire)), version: JSON.parse('12.0') })).toMatchObject({
    event: { version: 12 },
  });
});

test.each([null, undefined, 'text', 17, [onTheWire], true])('%p is no object', (value) => {
  expect(readEnvelope(value)).toEqual({ fault: 'the value is no JSON object' });
});

const faults: readonly [string, readonly unknown[]][] = [
  ['specversion', [undefined, '0.3', 1]],
  ['id', [undefined, '', '17', 17, `${event.id}x`, `${event.id}\n`]],
  ['source', [undefined, '', 1]],
  ['type', [undefined, 'thing', 'Thing_v1', 'thing_v0', 'thing_v01', 'thing_v1 ', 'thing_v1\n', '__proto___v1']],
  ['subject', [undefined, '', 'thing', event.id, `thing/${event.id}`, `Thing-${event.id}`, `thing-${event.id}x`]],
  ['version', [undefined, 0, -1, 1.5, '1', 2 ** 53, Number.NaN]],
  [
    'time',
    [undefined, '', 'yesterday', '2026-01-01', '2026-13-01T00:00:00Z', 1767225600000, null, new Date('+010000-01-01')],
  ],
  ['data', [undefined, null, [], 'text', 1]],
  ['correlationid', [null, 1]],
  ['causationid', [null, 1]],
];

test.each(faults.flatMap(([field, values]) => values.map((value) => [field, value] as const)))(
  '%s of %p is told',
  (field, value) => {
    const reading = readEnvelope({ ...onTheWire, [field]: value });
    expect('fault' in reading && reading.fault).toMatch(new RegExp(`^${field} is `));
  },
);

test('a fault shows the beginning of a long value only', () => {
  const reading = readEnvelope({ ...onTheWire, subject: 'x'.repeat(10_000) });
  expect('fault' in reading && reading.fault.length).toBeLessThan(200);
});
