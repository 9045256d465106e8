// Goal: documents in memory behave as those on a server.
import { documentsContract } from '../contract/documents-contract.ts';
import { inMemoryDocuments } from './documents.ts';

documentsContract('in memory', async () => inMemoryDocuments());
