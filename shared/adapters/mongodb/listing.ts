// Pages of documents by id. The filter's fields come first in an index whose last field is `_id`; of a field that may have one
// of several values the index is read once for each, and the server merges them by id.
import type { Collection, Filter } from 'mongodb';
import type { ProjectedDocument, StoredDocument } from '../../engine/index.ts';

export interface DocumentPage {
  readonly documents: ProjectedDocument[];
  /** The id to go on after; null on the last page. */
  readonly next: string | null;
}

export async function pageOfDocuments(
  collection: Collection<StoredDocument>,
  equal: Readonly<Record<string, string | null | readonly string[]>>,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<DocumentPage> {
  const wanted = Object.entries(equal).map(([field, value]) => [field, Array.isArray(value) ? { $in: value } : value]);
  const filter = {
    ...Object.fromEntries(wanted),
    ...(after !== undefined && { _id: { $gt: after } }),
  } as Filter<StoredDocument>;
  const found = (await collection
    .find(filter)
    .sort({ _id: 1 })
    .limit(limit + 1)
    .toArray()) as ProjectedDocument[];
  const documents = found.slice(0, limit);
  return { documents, next: found.length > limit ? (documents.at(-1)?._id ?? null) : null };
}
