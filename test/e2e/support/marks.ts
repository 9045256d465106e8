// Which collections of a database do not carry the mark that Foldline puts on each of its own.
import { collectionMark } from 'foldline/mongodb';
import type { Db, Document } from 'mongodb';

/** Their names. @throws Error when there is no collection, which would prove nothing */
export async function unmarkedIn(db: Db): Promise<string[]> {
  const collections = (await db.listCollections().toArray()) as Document[];
  if (collections.length === 0) throw new Error(`${db.databaseName} has no collection.`);
  return collections.filter(({ options }) => options.validator?.$comment !== collectionMark).map(({ name }) => name);
}
