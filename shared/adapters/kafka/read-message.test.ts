// Goal: messages of others become events, are passed over, or are held at their places with a reason; no function of others ends a
// consumer. Method: messages in the forms of CloudEvents and of Debezium's outbox, through the decoding of the feed; then functions
// that answer with anything.
import type { KafkaMessage } from 'kafkajs';
import { v5 } from 'uuid';
import { newSubject } from '../../testing/index.ts';
import { itemOf, type MappedEvent, type ReadMessage, readCloudEvent, readerOf, recordOf } from './read-message.ts';
import { unreadableRecords } from './record-batch.ts';
import { ordersSpace, readOutbox } from './testing/read-outbox.ts';

const timestamp = Date.UTC(2026, 0, 2, 3, 4, 5);
const place = { source: 'orders', position: 'orders/1@9', storedAt: new Date(timestamp) };
const subject = newSubject('order');
const id = '0190f3c2-6d5a-7b1e-9c4d-000000000001';

interface Given {
  readonly key?: string | null;
  readonly headers?: KafkaMessage['headers'];
  readonly value?: Buffer | string | null;
}

function messageOf({ key = null, headers, value = null }: Given): KafkaMessage {
  const bytes = (of: Buffer | string | null) => (of === null ? null : Buffer.from(of as string));
  return {
    offset: '9',
    timestamp: String(timestamp),
    attributes: 0,
    headers,
    key: bytes(key),
    value: bytes(value),
  } as KafkaMessage;
}
const itemBy = (read: ReadMessage, given: Given) => itemOf('orders', 1, messageOf(given), read);

const data = { total: 4197 };
const time = '2026-01-02T03:04:05.120Z';
const event = { specversion: '1.0', id, source: '/orders', type: 'orderPlaced_v1', subject, version: 3, data } as const;
const mapped: MappedEvent = { ...event, time };
const read = { ...event, time: new Date(time) };

describe('a CloudEvent', () => {
  const { data: _, ...attributes } = mapped;
  const headers = {
    ...Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [`ce_${name}`, Buffer.from(String(value))]),
    ),
    'content-type': Buffer.from('application/json; charset=utf-8'),
  };
  const value = JSON.stringify(data);
  const itemWith = (given: Given) => itemBy(readCloudEvent, given);

  test('in binary mode: the attributes are headers, the value is the data', () => {
    expect(itemWith({ headers, value })).toEqual({ ...place, event: read });
  });

  test('without a content type, and with a type of JSON', () => {
    const { 'content-type': _type, ...without } = headers;
    expect(itemWith({ headers: without, value })).toEqual({ ...place, event: read });
    const json = { ...headers, 'content-type': Buffer.from('application/vnd.shop.v2+json') };
    expect(itemWith({ headers: json, value })).toEqual({ ...place, event: read });
  });

  test('in structured mode: the value is the event', () => {
    const structured = { 'content-type': Buffer.from('application/cloudevents+json; charset=UTF-8') };
    expect(itemWith({ headers: structured, value: JSON.stringify(mapped) })).toEqual({ ...place, event: read });
    expect(itemWith({ value: JSON.stringify(mapped) })).toEqual({ ...place, event: read });
  });

  test('of a header that comes twice the last one counts', () => {
    const twice = { ...headers, ce_version: [Buffer.from('2'), Buffer.from('3')] };
    expect(itemWith({ headers: twice, value })).toEqual({ ...place, event: read });
  });

  test.each([
    ['no version', { ce_version: undefined }, 'version is undefined, expected an integer from 1'],
    ['a version that is no number', { ce_version: Buffer.from('3rd') }, 'version is "3rd", expected an integer from 1'],
    ['a version of 0', { ce_version: Buffer.from('0') }, 'version is "0", expected an integer from 1'],
    ['a subject of its own form', { ce_subject: Buffer.from('4711') }, 'subject is "4711", expected <kind>-<uuid>'],
    [
      'a type without a version',
      { ce_type: Buffer.from('com.example.order') },
      'type is "com.example.order", expected <stem>_v<n>',
    ],
    ['a header that is no UTF-8', { ce_source: Buffer.from([0xff]) }, 'the header ce_source is no UTF-8'],
    [
      'Avro',
      { 'content-type': Buffer.from('application/avro') },
      'content-type is not that of JSON, which data must be',
    ],
  ])('with %s is held at its place', (_name, more, unreadable) => {
    expect(itemWith({ headers: { ...headers, ...more }, value })).toEqual({ ...place, unreadable });
  });

  test.each([
    [null, 'the value is null'],
    ['', 'the value is no JSON'],
    [Buffer.from([0x22, 0xeb, 0x22]), 'the value is no UTF-8'],
    ['[]', 'data is an array, expected an object'],
  ])('with the value %p is held at its place', (its, unreadable) => {
    expect(itemWith({ headers, value: its })).toEqual({ ...place, unreadable });
  });
});

describe('a message of Debezium’s outbox event router', () => {
  const headers = { id, eventType: 'OrderPlaced', aggregateVersion: '3' };
  const given = { key: '4711', headers, value: JSON.stringify(data) };
  const ofOutbox = { ...event, subject: `order-${v5('4711', ordersSpace)}`, time: new Date(timestamp) };

  test('with the version of its aggregate is an event', () => {
    expect(itemBy(readOutbox, given)).toEqual({ ...place, event: ofOutbox });
  });

  test('without the version is held at its place', () => {
    const { aggregateVersion: _, ...without } = headers;
    const unreadable = 'version is null, expected an integer from 1';
    expect(itemBy(readOutbox, { ...given, headers: without })).toEqual({ ...place, unreadable });
  });

  test('without a type is held; with a type that nobody folds it is an event, which moves the version on', () => {
    const { eventType: _, ...without } = headers;
    const unreadable = 'the header eventType is missing';
    expect(itemBy(readOutbox, { ...given, headers: without })).toEqual({ ...place, unreadable });
    const other = itemBy(readOutbox, { ...given, headers: { ...headers, eventType: 'OrderWeighed' } });
    expect(other).toMatchObject({ event: { type: 'orderChanged_v1', version: 3 } });
  });

  test('that says nothing to this consumer is passed over', () => {
    expect(itemBy(readOutbox, { ...given, headers: { ...headers, eventType: 'OutboxProbed' } })).toEqual({
      ...place,
      passedOver: true,
    });
  });

  test('for a reason of the function itself is held with that reason', () => {
    expect(itemBy(readOutbox, { ...given, key: null })).toEqual({
      ...place,
      unreadable: 'the message has no key, which should be the id of the order',
    });
  });

  test('is read alike where the topic is read from its beginning', () => {
    const record = (one: Given) => recordOf('orders', 1, messageOf(one), readOutbox);
    const position = 'orders/1@9';
    expect(record(given)).toEqual({ position, subject: ofOutbox.subject, value: ofOutbox });
    expect(record({ ...given, value: '{' })).toMatchObject({
      position,
      value: undefined,
      unreadable: 'the value is no JSON',
    });
    expect(record({ ...given, headers: { ...headers, eventType: 'OutboxProbed' } })).toBeUndefined();
  });
});

describe('whatever a function answers with, its message is held at its place', () => {
  const wanted = 'expected { event }, { fault } or { passedOver: true }';
  const big = { ...mapped, data: { big: 1n } };
  const circle: Record<string, unknown> = {};
  circle.self = circle;

  test.each<[string, unknown, string]>([
    ['nothing', undefined, `answered with undefined, ${wanted}`],
    ['null', null, `answered with null, ${wanted}`],
    ['a text', 'secret', `answered with string, ${wanted}`],
    ['an empty object', {}, `answered with an object with 0 members, ${wanted}`],
    ['the event itself', mapped, `answered with an object with 8 members, ${wanted}`],
    ['two answers', { fault: 'a', passedOver: true }, `answered with an object with 2 members, ${wanted}`],
    ['a misspelt answer', { passedover: true }, `answered with an object with the member "passedover", ${wanted}`],
    ['an answer of false', { passedOver: false }, `answered with an object with the member "passedOver", ${wanted}`],
    ['a promise', Promise.resolve({ event: mapped }), `answered with a promise, ${wanted}`],
    ['a promise that fails', Promise.reject(new Error('secret')), `answered with a promise, ${wanted}`],
    ['an event of version 0', { event: { ...mapped, version: 0 } }, 'version is 0, expected an integer from 1'],
    [
      'an event with half a version',
      { event: { ...mapped, version: 1.5 } },
      'version is 1.5, expected an integer from 1',
    ],
    ['an event without an id', { event: { ...mapped, id: '17' } }, 'id is "17", expected a UUID'],
    [
      'an event in another specversion',
      { event: { ...mapped, specversion: '0.3' } },
      'specversion is "0.3", expected "1.0"',
    ],
    [
      'an event with another time',
      { event: { ...mapped, time: new Date(Number.NaN) } },
      'time is null, expected an RFC 3339 time',
    ],
    ['an event with an integer that JSON does not have', { event: big }, 'BigInt'],
    ['an event that holds itself', { event: { ...mapped, data: circle } }, 'circular'],
    ['a key that no driver writes', { event: { ...mapped, data: { _bsontype: 1 } } }, 'data has the key "_bsontype"'],
  ])('%s', (_name, answer, reason) => {
    const item = itemBy((() => answer) as unknown as ReadMessage, { value: '{}' });
    expect(item).toEqual({ ...place, unreadable: expect.stringContaining(reason) });
    expect(JSON.stringify(item)).not.toContain('secret');
  });

  test.each<[string, unknown, string]>([
    ['an error', new Error('no total'), 'no total'],
    ['a long error', new Error('x'.repeat(100_000)), '…'],
    ['an error with text that is lost', new Error('a\ufffdb'), 'a?b'],
    [
      'a fault of parsing, which would repeat the text',
      new SyntaxError('"secret" is not valid'),
      'could not be parsed',
    ],
    ['no error at all', { toString: null }, 'an object'],
  ])('it throws %s', (_name, thrown, reason) => {
    const item = itemBy(() => {
      throw thrown;
    }, {});
    expect(item).toEqual({ ...place, unreadable: expect.stringContaining(reason) });
    expect(JSON.stringify(item).length).toBeLessThan(600);
    expect(JSON.stringify(item)).not.toContain('secret');
  });

  test('a reason is bounded, and holds no text that is lost', () => {
    expect(itemBy(() => ({ fault: '\ud800'.repeat(1000) }), {})).toEqual({
      ...place,
      unreadable: `${'?'.repeat(399)}…`,
    });
  });

  test('what belongs to the store of the producer alone is not asked for', () => {
    const answer = { event: { ...mapped, unreadable: 'x', other: 1 } };
    expect(itemBy(() => answer, {})).toEqual({ ...place, event: read });
  });

  test('a record of a batch that could not be decoded does not come to the function', () => {
    const value = unreadableRecords({ count: 1, lastDelta: 0 }, 'the batch is broken').subarray(5, 5);
    const message = { ...messageOf({}), value };
    const asked = jest.fn();
    expect(itemOf('orders', 1, message, asked)).toEqual({ ...place, unreadable: 'the batch is broken' });
    expect(asked).not.toHaveBeenCalled();
  });
});

test('each topic has its own function, or Foldline’s envelope', () => {
  const [one, all]: ReadMessage[] = [() => ({ passedOver: true }), () => ({ passedOver: true })];
  const byTopic = readerOf({ orders: one as ReadMessage }, ['orders', 'constructor']);
  expect([
    byTopic('orders'),
    byTopic('constructor'),
    readerOf(all, ['a'])('a'),
    readerOf(undefined, ['a'])('a'),
  ]).toEqual([one, undefined, all, undefined]);
  expect(() => readerOf({ order: one as ReadMessage }, ['orders'])).toThrow(
    'read names the topic order, which is not followed. Followed are: orders.',
  );
});
