// Goal: copies in memory behave as those on a server.
import type { StoredDocument } from '../../engine/index.ts';
import { wholeForm } from '../../operations/ports.ts';
import { copiesContract } from '../contract/copies-contract.ts';
import { inMemoryCopies } from './copies.ts';
import { inMemoryDocuments } from './documents.ts';

copiesContract('in memory', async () => {
  const all = new Map<string, StoredDocument>();
  return {
    copies: inMemoryCopies(all, { foldVersion: 1 }, wholeForm),
    documents: inMemoryDocuments([], all),
    putByHand: async (document) => void all.set(document._id, document),
  };
});
