// One generation of a model in memory, for tests.

import type { StoredDocument } from '../../engine/index.ts';
import type { GenerationCollection } from '../../operations/ports.ts';
import { inMemoryDocuments } from './documents.ts';

/** @param documents where they are kept, for a test that changes them by hand; cleared when the generation is dropped */
export function inMemoryGeneration(documents = new Map<string, StoredDocument>()): GenerationCollection {
  async function* scan() {
    for (const id of [...documents.keys()].sort()) {
      const found = documents.get(id);
      if (found) yield structuredClone(found);
    }
  }
  return {
    documents: inMemoryDocuments([], documents),
    prepare: async () => {},
    drop: async () => documents.clear(),
    scan,
    scanVersions: scan,
    estimate: async () => documents.size,
    async countOfOtherFolds(foldVersion, countMax) {
      const found = [...documents.values()].filter((one) => 'foldVersion' in one && one.foldVersion !== foldVersion);
      return Math.min(found.length, countMax);
    },
  };
}
