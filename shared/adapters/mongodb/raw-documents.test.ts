// Goal: any bytes are decoded, as a document or as what is left of one, and nothing is thrown. Method: serialized events with a few
// bytes put in place of others.
import { BSON, type Document } from 'mongodb';
import { eventOf, newSubject } from '../../testing/index.ts';
import { marker } from '../../testing/workspace/index.ts';
import { decodeEvent, decodeModel } from './raw-documents.ts';

const event = eventOf({ subject: newSubject('thing'), claims: ['a'] });

function bytesWith(document: Document, bytes: readonly number[] = []): Buffer {
  const serialized = Buffer.from(BSON.serialize(document));
  if (bytes.length > 0) serialized.set(bytes, serialized.indexOf(marker));
  return serialized;
}

test('a whole event is what was stored; what it says of its own reading is not', () => {
  expect(decodeEvent(bytesWith(event))).toEqual(event);
  expect(decodeEvent(bytesWith({ ...event, unreadable: 'a stranger’s attribute' }))).toEqual(event);
});

test.each<[string, object, string]>([
  ['data', { data: { name: marker } }, 'data.name holds U+FFFD'],
  ['an embedded list', { data: { names: ['a', { b: marker }] } }, 'data.names.1.b holds U+FFFD'],
  ['an attribute of the envelope', { source: `/${marker}` }, 'source holds U+FFFD'],
  ['a correlation', { correlationid: marker }, 'correlationid holds U+FFFD'],
])('invalid UTF-8 in %s: the rest of the envelope is there, and data is empty', (_, more, expected) => {
  const decoded = decodeEvent(bytesWith({ ...event, ...more }, [0xff, 0xfe, 0x61, 0x61]));
  const { id, subject, version, type, time } = event;
  expect(decoded).toMatchObject({ id, subject, version, type, time, data: {} });
  expect(decoded.unreadable).toContain(expected);
});

test.each([
  ['of the store', { claims: ['a', marker] }],
  ['of nobody', { traceparent: marker }],
])('invalid UTF-8 in an attribute %s: it is left out, as no consumer reads it', (_, more) => {
  const { claims, ...rest } = event;
  const others = 'claims' in more ? rest : { ...rest, claims };
  expect(decodeEvent(bytesWith({ ...event, ...more }, [0xff, 0xfe, 0x61, 0x61]))).toEqual(others);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a length alone', Buffer.from([9, 0, 0, 0])],
  ['half a document', bytesWith(event).subarray(0, 40)],
  ['no bytes', undefined as unknown as Buffer],
])('%s is no document, and stops nobody', (_, bytes) => {
  expect(decodeEvent(bytes).unreadable).toBe('the document cannot be decoded');
  expect(decodeModel(bytes).isReadable).toBe(false);
});
