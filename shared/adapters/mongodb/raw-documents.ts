// Decodes documents one by one from their bytes, so that one that cannot be decoded stops no other of its batch: text of invalid
// UTF-8, or a value that the driver has no form for.
import { BSON, type Document } from 'mongodb';

/** Of a document with a `fault`, what could be decoded: text of invalid UTF-8 has U+FFFD in it. */
export interface DecodedDocument {
  readonly document: Document;
  /** Why it is not what is stored, in words that hold nothing of it. */
  readonly fault?: string;
}

/** Stands where bytes were that are no text; a reader that put it there cannot be told from a writer that stored it. */
const replacement = '\ufffd';

export function decodeDocument(bytes: Uint8Array): DecodedDocument {
  try {
    const document = BSON.deserialize(bytes);
    // The driver checks the texts, and not the keys.
    return hasLostKey(document) ? { document, fault: 'a key of it is no valid UTF-8' } : { document };
  } catch (error) {
    const isText = error instanceof Error && error.message.includes('UTF-8');
    const fault = isText ? 'a text of it is no valid UTF-8' : 'it holds a value that cannot be decoded';
    return { document: decodedLeniently(bytes), fault };
  }
}

/** Whether text was lost when this value was decoded, at any depth. */
export function hasLostText(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(replacement);
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return false;
  return Object.entries(value).some(([key, one]) => key.includes(replacement) || hasLostText(one));
}

function hasLostKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return false;
  return Object.entries(value).some(([key, one]) => key.includes(replacement) || hasLostKey(one));
}

function decodedLeniently(bytes: Uint8Array): Document {
  try {
    return BSON.deserialize(bytes, { validation: { utf8: false }, bsonRegExp: true });
  } catch {
    return {};
  }
}
