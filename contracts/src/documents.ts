// What others are told about the contracts of this system, made once for a whole process, when somebody asks for the first time.
import { asyncApiDocument, type JsonSchema, wireSchemas } from 'foldline/contracts';
import { contractTable } from './topics.ts';

let asyncApi: object | undefined;
let schemas: Readonly<Record<string, JsonSchema>> | undefined;

export const contractDocuments = {
  get asyncApi(): object {
    asyncApi ??= asyncApiDocument(contractTable);
    return asyncApi;
  },
  get schemas(): Readonly<Record<string, JsonSchema>> {
    schemas ??= wireSchemas(contractTable);
    return schemas;
  },
};
