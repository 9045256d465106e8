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
   * For projectors, retriers and intakes: each document at the lower of its two versions while another generation follows, and
   * none where one of them has none.
   */
  readonly written: Documents;
}

/**
 * The other generation is written first. A process that ends between the two leaves the live one behind, and a pointer that is
 * moved then leaves the former one behind: either way the batch comes again, its writer reads the one that is behind, folds
 * anew, and writes to both; the guard of versions leaves the one alone that has it already.
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
        // One that is being filled lacks what its fill has not come to, and no pointer is moved to it before it follows.
        if (other?.state !== 'following') return documentsOf(live).read(ids);
        const [ofLive, ofOther] = await Promise.all([documentsOf(live).read(ids), documentsOf(other.name).read(ids)]);
        return lowerOf(ofLive, ofOther);
      },
    },
  };
}

/** At one version the live one's. */
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
