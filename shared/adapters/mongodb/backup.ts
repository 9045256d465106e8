// A collection as lines of text that bring it back: `mongoimport` reads them, and every value has the type it had.
import { BSON, type Collection, type Document } from 'mongodb';

/** Each document as one line of canonical Extended JSON, with `_id` and the store's own fields. */
export async function* documentLines(collection: Collection<Document>): AsyncGenerator<string> {
  // Values are not made numbers of JavaScript on the way: 1 and 1.0 are two things in the store.
  const documents = collection.find({}, { promoteValues: false });
  for await (const document of documents) yield extendedJson(document, { relaxed: false });
}

/** A value as Extended JSON; unless `relaxed`, every type of number is told from the others. */
export function extendedJson(value: unknown, { relaxed = true } = {}): string {
  return BSON.EJSON.stringify(value, { relaxed });
}
