// Pages of documents by id. The filter's fields come first in an index whose last field is `_id`. When a field may have one
// of several values, the index is read once for each value, and the server merges the results by id.
import type { Collection, Filter } from 'mongodb';
import type { ProjectedDocument, StoredDocument } from '../../../engine/index.ts';
import { findModels } from '../raw-documents.ts';

export interface DocumentPage {
  readonly documents: ProjectedDocument[];
  /** The id to go on after; null on the last page. */
  readonly next: string | null;
}

/** What a field must be: this, one of these, or (null) absent. */
export type Wanted = string | readonly string[] | null;

export async function pageOfDocuments(
  collection: Collection<StoredDocument>,
  wanted: Readonly<Record<string, Wanted>>,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<DocumentPage> {
  const fields = Object.entries(wanted).map(([field, value]) => [field, Array.isArray(value) ? { $in: value } : value]);
  const behind = after === undefined ? {} : { _id: { $gt: after } };
  const filter: Filter<StoredDocument> = { ...Object.fromEntries(fields), ...behind };
  const found = await findModels(collection, filter)
    .sort({ _id: 1 })
    .limit(limit + 1)
    .toArray();
  const page = found.slice(0, limit);
  // One that cannot be decoded is missing for every reader.
  const documents = page.flatMap(({ document, isReadable }) => (isReadable ? [document as ProjectedDocument] : []));
  return { documents, next: found.length > limit ? (page.at(-1)?.document._id ?? null) : null };
}
