// The documents of a model to whoever writes or reads them: reads are of the live generation, writes go to both.
import type { Documents } from '../ports.ts';
import type { ModelRecord } from './model-record.ts';

export interface GenerationDocumentsPorts {
  record(): Pick<ModelRecord, 'live' | 'other'>;
  documentsOf(generation: string): Documents;
  /** @throws when this process may not rely on what it knows */
  assertFresh(): void;
}

/**
 * The other generation is written first. A process that ends between the two leaves the live one behind, whose batch comes again
 * and is written to both; the other way round the repeat would find nothing to do. So the other one is never behind the live
 * one, and a pointer that is moved to it takes no version back.
 */
export function generationDocuments({ record, documentsOf, assertFresh }: GenerationDocumentsPorts): Documents {
  return {
    read: (ids) => documentsOf(record().live).read(ids),
    async write(writes) {
      assertFresh();
      const { live, other } = record();
      if (other) await documentsOf(other.name).write(writes);
      assertFresh();
      await documentsOf(live).write(writes);
    },
  };
}
