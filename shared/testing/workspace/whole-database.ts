// All that a database holds, so that a test sees whether anything was changed: collections with their options, indexes and content.
import type { Db, Document } from 'mongodb';

/** Two of the same database are equal when nothing was made, altered, written or removed between them. */
export async function wholeDatabase(db: Db): Promise<Document> {
  const collections = await db.listCollections().toArray();
  const indexes = await Promise.all(
    collections
      .filter(({ type }) => type === 'collection')
      .map(async ({ name }) => ({ name, indexes: await db.collection(name).listIndexes().toArray() })),
  );
  const byName = <T extends { readonly name: string }>(list: readonly T[]) =>
    [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
  const { collections: digests } = await db.command({ dbHash: 1 });
  return { collections: byName(collections), indexes: byName(indexes), digests };
}
