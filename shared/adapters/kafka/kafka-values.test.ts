// Goal: every message becomes an item or a record at its own place, and says why where it cannot be read. Method: messages by hand,
// with bytes of every kind.
import type { KafkaMessage } from 'kafkajs';
import { eventOf, newSubject } from '../../testing/index.ts';
import { itemOf, recordOf } from './read-message.ts';
import { unreadableRecords } from './record-batch.ts';

const event = eventOf({ subject: newSubject('thing'), data: { name: 'Zoë' } });
const wire = JSON.stringify(event);
const messageOf = (value: Buffer | null) =>
  ({ offset: '7', timestamp: '1767225600000', key: null, value }) as KafkaMessage;
const itemIn = (value: Buffer | string | null) =>
  itemOf('things', 2, messageOf(value === null ? null : Buffer.from(value as string)));
/** With the two bytes of `ë` as one, as Latin-1 has it. */
const inLatin1 = (text: string) => Buffer.from(text, 'latin1');
const place = { source: 'things', position: 'things/2@7', storedAt: new Date(1767225600000) };

test('an event', () => {
  expect(itemIn(wire)).toEqual({ ...place, event });
});

test.each([
  ['null', null, 'the value is null'],
  ['nothing', '', 'the value is no JSON'],
  ['a mark of byte order before an event', `\ufeff${wire}`, 'the value is no JSON'],
  ['bytes', Buffer.from([0xff, 0xfe, 0x00, 0x7b]), 'the value is no UTF-8'],
  ['an array', '[]', 'the value is no JSON object'],
  ['open arrays', '['.repeat(100_000), 'the value is no JSON'],
  ['arrays 100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'the value is no JSON object'],
  ['an object without a text', '{"specversion":{"toString":0}}', 'specversion is an object, expected "1.0"'],
  ['a broken text that is no event', inLatin1('{"specversion":"ë"}'), 'the value is no UTF-8'],
  [
    'an event whose other attributes are broken',
    inLatin1(wire.replace('Zoë', 'Zoe').replace('{', '{"note":"ë",')),
    'the value is no UTF-8',
  ],
])('%s is unreadable', (_, value, unreadable) => {
  expect(itemIn(value as string | null)).toEqual({ ...place, unreadable });
});

test('an event with a broken text in its data keeps its subject: its owner may have it whole', () => {
  expect(itemIn(inLatin1(wire) as unknown as string)).toEqual({
    ...place,
    event: { ...event, data: { name: 'Zo\ufffd' } },
  });
});

test('an event with a broken text in its envelope keeps its subject too', () => {
  const broken = inLatin1(wire.replace('Zoë', 'Zoe').replace('"source":"', '"source":"/ë'));
  expect(itemIn(broken as unknown as string)).toMatchObject({ event: { source: expect.stringContaining('\ufffd') } });
});

test('the member that counts is the last one, as for JSON.parse everywhere', () => {
  expect(itemIn(wire.replace('"version":1', '"version":9,"version":1'))).toEqual({ ...place, event });
});

test('a record of a batch that could not be decoded says why, as an event and as a snapshot', () => {
  const header = { codec: 4, first: 40n, lastDelta: 0, count: 1 };
  const value = unreadableRecords(header, 'the batch is broken').subarray(5, 5);
  expect(itemOf('things', 2, messageOf(value))).toEqual({ ...place, unreadable: 'the batch is broken' });
  expect(recordOf('things', 2, messageOf(value))).toMatchObject({
    value: undefined,
    unreadable: 'the batch is broken',
  });
});

test.each([
  [null, { value: null }],
  ['{"a":1}', { value: { a: 1 } }],
  ['{', { value: undefined, unreadable: 'the value is no JSON' }],
  [inLatin1('{"a":"ë"}'), { value: undefined, unreadable: 'the value is no UTF-8' }],
])('a record of snapshots with %p', (value, record) => {
  const message = messageOf(value === null ? null : Buffer.from(value as string));
  expect(recordOf('things', 2, message)).toEqual({ position: 'things/2@7', subject: '', ...record });
});
