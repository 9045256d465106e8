// The documents of a model, for its readers and its writers. Writes go to both generations; a reader reads the live one, and a writer goes
// on from the generation with the lower version.
import type { Documents, StoredDocument } from '../../engine/index.ts';
import type { ModelRecord } from './model-record.ts';

export interface GenerationDocumentsPorts {
  record(): Pick<ModelRecord, 'live' | 'other'>;
  documentsOf(generation: string): Documents;
  /** @throws when this process may not rely on what it knows */
  assertFresh(): void;
}

export interface GenerationDocuments {
  /** Reads the live generation. */
  readonly shown: Documents;
  /**
   * For projectors, retriers and intakes. While another generation follows, each document is read at the lower of its two versions,
   * and is missing when one of the two generations lacks it.
   */
  readonly written: Documents;
}

/**
 * The other generation is written first. If the process ends between the two writes, the live generation is behind, or, when the
 * pointer moves then, the former one. In both cases the batch comes again: its writer reads the generation that is behind, folds
 * anew, and writes to both. The guard of versions skips the generation that has the document already.
 */
export function generationDocuments({
  record,
  documentsOf,
  assertFresh,
}: GenerationDocumentsPorts): GenerationDocuments {
  const write: Documents['write'] = async (writes) => {
    assertFresh();
    const { live, other } = record();
    if (other) await documentsOf(other.name).write(writes);
    assertFresh();
    await documentsOf(live).write(writes);
  };
  return {
    shown: { write, read: (ids) => documentsOf(record().live).read(ids) },
    written: {
      write,
      async read(ids) {
        const { live, other } = record();
        // A generation that is being filled still lacks documents, and cannot become live before it follows.
        if (other?.state !== 'following') return documentsOf(live).read(ids);
        const [ofLive, ofOther] = await Promise.all([documentsOf(live).read(ids), documentsOf(other.name).read(ids)]);
        return lowerOf(ofLive, ofOther);
      },
    },
  };
}

/** The document with the lower version; at equal versions, that of the live generation. */
function lowerOf(
  ofLive: ReadonlyMap<string, StoredDocument>,
  ofOther: ReadonlyMap<string, StoredDocument>,
): ReadonlyMap<string, StoredDocument> {
  const found = new Map<string, StoredDocument>();
  for (const [id, live] of ofLive) {
    const other = ofOther.get(id);
    if (other) found.set(id, other.version < live.version ? other : live);
  }
  return found;
}
