// Decodes documents one by one from their bytes, so that one that cannot be decoded stops no other: text of invalid UTF-8, or a
// value that the driver has no form for. Of such a document, the fields without a fault are shown, and what is wrong.
import { BSON, type Collection, type Document, type Filter, type FindCursor, type FindOptions } from 'mongodb';
import { isLostText, lostTextIn, type StoredDocument, type StoredEvent } from '../../engine/index.ts';

/** Replaces bytes that are no UTF-8 by U+FFFD, and keeps patterns that JavaScript cannot compile. */
const lenient = { validation: { utf8: false }, bsonRegExp: true } as const;

/** What every consumer reads of an event. Another attribute that cannot be decoded is left out, as consumers pass over it. */
const readAttributes = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'version',
  'time',
  'data',
  'correlationid',
  'causationid',
]);

/** An event from its bytes. One that cannot be decoded keeps its envelope, and says in `unreadable` why it has no `data`. */
export function decodeEvent(bytes: Uint8Array): StoredEvent {
  const { document, faults } = decode(bytes);
  // `unreadable` describes the result of a reading; a stored attribute of this name means nothing.
  if ('unreadable' in document) delete document.unreadable;
  if (!faults) return document as StoredEvent;
  for (const name of faults.keys()) if (!readAttributes.has(name)) delete document[name];
  const [unreadable] = [...faults].flatMap(([name, fault]) => (readAttributes.has(name) ? [fault] : []));
  if (unreadable !== undefined) return { ...document, data: {}, unreadable } as unknown as StoredEvent;
  return document as StoredEvent;
}

/** A document of a model. Of one that cannot be decoded only `_id`, `version` and the like may be trusted. */
export interface DecodedModel {
  readonly document: StoredDocument;
  readonly isReadable: boolean;
}

export function decodeModel(bytes: Uint8Array): DecodedModel {
  const { document, faults } = decode(bytes);
  return { document: document as unknown as StoredDocument, isReadable: faults === undefined };
}

/** Whether the `_id` was decoded as it is stored: a document under a damaged `_id` is never read. */
export function isReadableId({ _id }: StoredDocument): boolean {
  return !isLostText(_id);
}

/** A document of somebody else's collection. With a `fault`, `document` is what could be decoded, U+FFFD in place of invalid bytes. */
export interface DecodedDocument {
  readonly document: Document;
  /** Why `document` is not what is stored, in words that repeat none of its values. */
  readonly fault?: string;
}

export function decodeDocument(bytes: Uint8Array): DecodedDocument {
  const { document, faults } = decode(bytes);
  const [fault] = faults?.values() ?? [];
  if (fault !== undefined) return { document, fault };
  // The driver checks the texts of values, and not those of keys.
  return hasLostKey(document) ? { document, fault: 'a key is no valid UTF-8' } : { document };
}

/** Whether a value holds text that is lost, at any depth. */
export const hasLostText = (value: unknown): boolean => lostTextIn({ value }) !== undefined;

/** Whether a key holds text that is lost, at any depth. */
export function hasLostKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return false;
  return Object.entries(value).some(([key, member]) => isLostText(key) || hasLostKey(member));
}

/** As `find`, for events: each is decoded by itself. */
export function findEvents(
  events: Collection<StoredEvent>,
  filter: Filter<StoredEvent>,
  options: FindOptions = {},
): FindCursor<StoredEvent> {
  return events.find(filter, { ...options, raw: true }).map((bytes) => decodeEvent(bytes as unknown as Uint8Array));
}

/**
 * As `findEvents`, for whole events. A document that bypassed the validator and is no event is unreadable, as it is for readers of
 * topics and change streams.
 */
export function findWholeEvents(
  events: Collection<StoredEvent>,
  filter: Filter<StoredEvent>,
  options: FindOptions = {},
): FindCursor<StoredEvent> {
  return findEvents(events, filter, { ...options, projection: { _id: 0 } }).map((event) => {
    const missing = texts.find((name) => typeof event[name] !== 'string');
    if (missing === undefined) return event;
    return {
      ...event,
      data: {},
      unreadable: `the document was inserted without the validator: its ${missing} is not a text`,
    };
  });
}

const texts = ['id', 'source', 'type'] as const;

/** As `find`, for the documents of a model: each is decoded by itself. */
export function findModels<T extends Document>(
  documents: Collection<T>,
  filter: Filter<T>,
  options: FindOptions = {},
): FindCursor<DecodedModel> {
  return documents.find(filter, { ...options, raw: true }).map((bytes) => decodeModel(bytes as unknown as Uint8Array));
}

interface Decoded {
  readonly document: Document;
  /** What is wrong, by the name of the field; undefined when nothing is. */
  readonly faults?: ReadonlyMap<string, string>;
}

function decode(bytes: Uint8Array): Decoded {
  try {
    return { document: BSON.deserialize(bytes) };
  } catch {
    return fieldByField(bytes);
  }
}

/** Invalid UTF-8 in a text is replaced by U+FFFD. A field that cannot be decoded at all is left out. */
function fieldByField(bytes: Uint8Array): Decoded {
  const document: Document = {};
  const faults = new Map<string, string>();
  const elements = elementsOf(bytes);
  for (const [, nameAt, nameBytes, valueAt, valueBytes] of elements) {
    const field = alone(bytes.subarray(nameAt - 1, valueAt + valueBytes));
    try {
      Object.assign(document, BSON.deserialize(field));
    } catch {
      const name = Buffer.from(bytes.subarray(nameAt, nameAt + nameBytes)).toString('utf8');
      faults.set(name, faultOf(field) ?? `${name.slice(0, 40)} holds a value that cannot be decoded`);
      Object.assign(document, decodedLeniently(field));
    }
  }
  if (elements.length === 0) faults.set('data', 'the document cannot be decoded');
  return { document, faults };
}

/** Never throws: bytes that are no document have no elements; they are held at their place and stop no other document. */
function elementsOf(bytes: Uint8Array) {
  try {
    return [...BSON.onDemand.parseToElements(bytes)];
  } catch {
    return [];
  }
}

/** One element as a document of its own. */
function alone(element: Uint8Array): Uint8Array {
  const document = Buffer.alloc(element.length + 5);
  document.writeInt32LE(document.length, 0);
  document.set(element, 4);
  return document;
}

function faultOf(field: Uint8Array): string | undefined {
  const document = decodedLeniently(field);
  return document && lostTextIn(document);
}

function decodedLeniently(field: Uint8Array): Document | undefined {
  try {
    return BSON.deserialize(field, lenient);
  } catch {
    return undefined;
  }
}
