// Goal: profiles and events of Mixpanel's shapes are read as the page docs/import-identities.md says, and refused with its words.
// Method: examples on both sides of each border.
import { readActivity, readProfile } from './mixpanel.ts';

const nowMs = Date.UTC(2030, 0, 1);
const profile = (properties: object, id: unknown = 42) =>
  readProfile({ $distinct_id: id, $properties: properties }, nowMs);
const activity = (properties: object, event: unknown = 'Opened') =>
  readActivity({ event, properties: { distinct_id: 42, time: 1_700_000_000, ...properties } }, nowMs);

test.each([
  [42, '42'],
  ['42', '42'],
  [' ada@example.org ', 'ada@example.org'],
  [-7, '-7'],
  [4.0, '4'],
  ['A', 'A'],
  ['x'.repeat(200), 'x'.repeat(200)],
  ['😀'.repeat(200), '😀'.repeat(200)],
])('the distinct id %j is %j, in profiles and in events', (given, distinctId) => {
  expect(profile({}, given)).toEqual({ distinctId });
  expect(activity({ distinct_id: given })).toMatchObject({ distinctId });
});

test.each([
  null,
  true,
  4.5,
  {},
  [],
  [42],
  '',
  ' ',
  'null',
  'NULL',
  ' Undefined ',
  'none',
  'nil',
  'NaN',
  'n/a',
  'unknown',
  'anonymous',
  'false',
  0,
  '0',
  -1,
  '[]',
  '{}',
  '[object Object]',
  '00000000-0000-0000-0000-000000000000',
  'x'.repeat(201),
  'a\u0007b',
  'a\ud800b',
])('the distinct id %j is illegal', (given) => {
  expect(profile({}, given)).toEqual({ refused: 'distinct-id-illegal' });
  expect(activity({ distinct_id: given })).toEqual({ refused: 'distinct-id-illegal' });
});

test('a line that names nobody says so', () => {
  expect(readProfile({ $properties: { $email: 'ada@example.org' } }, nowMs)).toEqual({
    refused: 'distinct-id-missing',
  });
  expect(readActivity({ event: 'a', properties: { time: 1 } }, nowMs)).toEqual({ refused: 'distinct-id-missing' });
  expect(readActivity({ event: 'a' }, nowMs)).toEqual({ refused: 'distinct-id-missing' });
});

test('names and address of a profile; what is not understood is left out, and the profile is kept', () => {
  expect(profile({ $first_name: ' Ada ', $last_name: 'Lovelace', $name: 'x y', $email: ' Ada@Example.org ' })).toEqual({
    distinctId: '42',
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: 'Ada@Example.org',
  });
  expect(profile({ $name: 'Ada King Lovelace' })).toMatchObject({ firstName: 'Ada King', lastName: 'Lovelace' });
  expect(profile({ $last_name: 'Lovelace', $name: 'Ada L' })).toEqual({ distinctId: '42', lastName: 'Lovelace' });
  for (const $email of ['none', 'N/A', '', 7, null, 'a b@c', 'a@b@c', `${'a'.repeat(200)}@b`])
    expect(profile({ $email })).toEqual({ distinctId: '42' });
  expect(profile({ $first_name: 7, $last_name: 'x'.repeat(201), $name: {} })).toEqual({ distinctId: '42' });
  expect(readProfile({ $distinct_id: 1 }, nowMs)).toEqual({ distinctId: '1' });
});

test.each([
  ['2020-01-02T03:04:05', Date.UTC(2020, 0, 2, 3, 4, 5)],
  ['2020-01-02T03:04:05Z', Date.UTC(2020, 0, 2, 3, 4, 5)],
  ['2020-01-02T03:04:05+02:00', Date.UTC(2020, 0, 2, 1, 4, 5)],
  [1_577_934_245, Date.UTC(2020, 0, 2, 3, 4, 5)],
  ['yesterday', undefined],
  ['1999-12-31T23:59:59', undefined],
  [null, undefined],
])('a profile created at %j began at %j', ($created, createdMs) => {
  expect(profile({ $created })).toEqual({ distinctId: '42', ...(createdMs !== undefined && { createdMs }) });
});

test.each([
  [946_684_800, 946_684_800_000],
  [1_700_000_000.123, 1_700_000_000_123],
  [99_999_999_999, 'time-ahead'],
  [100_000_000_000, 'time-before-2000'],
  [1_700_000_000_123, 1_700_000_000_123],
  [nowMs / 1000 + 86_400, nowMs + 86_400_000],
  [nowMs / 1000 + 86_401, 'time-ahead'],
  [946_684_799, 'time-before-2000'],
  [0, 'time-invalid'],
  [-5, 'time-invalid'],
  ['1700000000', 'time-invalid'],
  [null, 'time-invalid'],
  [undefined, 'time-invalid'],
])('the time %j is %j', (time, expected) => {
  const read = activity({ time });
  expect('refused' in read ? read.refused : read.timeMs).toBe(expected);
});

test('all that a line of an event holds is kept, and an insert id is text', () => {
  const properties = { distinct_id: 42, time: 1_700_000_000, $insert_id: 'a1', $city: 'Berlin', nested: { a: [1] } };
  expect(readActivity({ event: ' Opened ', properties, extra: { b: 2 } }, nowMs)).toEqual({
    distinctId: '42',
    name: ' Opened ',
    timeMs: 1_700_000_000_000,
    insertId: 'a1',
    properties: { ...properties, extra: { b: 2 } },
  });
  expect(activity({ $insert_id: 17 })).toMatchObject({ insertId: '17' });
  for (const $insert_id of ['', null, {}, 1.5]) expect(activity({ $insert_id })).not.toHaveProperty('insertId');
});

test.each([undefined, null, 7, '', '  '])('an event named %j is refused', (event) => {
  expect(readActivity({ event, properties: { distinct_id: 42, time: 1e9 } }, nowMs)).toEqual({
    refused: 'event-name-missing',
  });
});
