// What others are told about the contracts of this system, made once for a whole process.
import { asyncApiDocument, wireSchemas } from 'foldline/contracts';
import { contractTable } from './topics.ts';

export const contractDocuments = { asyncApi: asyncApiDocument(contractTable), schemas: wireSchemas(contractTable) };
