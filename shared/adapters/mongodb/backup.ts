// A collection as lines of text that bring it back: `mongoimport` reads them, and every value has the type it had.
import { BSON, type Collection, type Document } from 'mongodb';
import { Failure } from '../../engine/index.ts';
import { decodeDocument, hasLostKey } from './raw-documents.ts';

/**
 * Each document as one line of canonical Extended JSON, with `_id` and the store's own fields.
 *
 * @throws Failure `invalid-request` naming a document that no line can hold, as one with invalid UTF-8
 */
export async function* documentLines(collection: Collection<Document>): AsyncGenerator<string> {
  for await (const bytes of collection.find({}, { raw: true })) {
    yield extendedJson(exactly(bytes as unknown as Uint8Array, collection.collectionName), { relaxed: false });
  }
}

/** Values are not made numbers or patterns of JavaScript on the way: 1 and 1.0 are two things in the store. */
function exactly(bytes: Uint8Array, from: string): Document {
  const [document, cause] = deserialized(bytes);
  // The driver puts U+FFFD into a key in silence; where it stands in the store, the bytes are the same.
  if (document && (!hasLostKey(document) || Buffer.from(BSON.serialize(document)).equals(bytes))) return document;
  const { document: shown, fault = 'the document cannot be decoded' } = decodeDocument(bytes);
  const detail = `The document ${extendedJson(shown._id)} of ${from} cannot be backed up: ${fault}. Correct it where it is stored, then begin again.`;
  throw new Failure('invalid-request', detail, { cause });
}

function deserialized(bytes: Uint8Array): [document: Document | undefined, cause?: unknown] {
  try {
    return [BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true })];
  } catch (cause) {
    return [undefined, cause];
  }
}

/** A value as Extended JSON; unless `relaxed`, every type of number is told from the others. */
export function extendedJson(value: unknown, { relaxed = true } = {}): string {
  return BSON.EJSON.stringify(value, { relaxed });
}
