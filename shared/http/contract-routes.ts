// Serves what is promised of events to whoever builds a consumer: the AsyncAPI document and one JSON Schema for each contract.
// For anyone: it holds no data, and tools read it without a token.
import { z } from 'zod';
import { Failure } from '../engine/index.ts';
import type { HttpApp } from './http-app.ts';

/** Read when a request comes for it, so that a start need not wait until the documents are made. */
export interface ContractDocuments {
  readonly asyncApi: object;
  /** By the name of the contract, as `userCreated_v2`. */
  readonly schemas: Readonly<Record<string, object>>;
}

const jsonSchema = z.looseObject({ $schema: z.string(), title: z.string() });

/** Adds `GET /asyncapi.json`, `GET /schemas` and `GET /schemas/:type`. */
export function addContractRoutes(app: HttpApp, documents: ContractDocuments): void {
  const tags = ['contracts'];

  app.get(
    '/asyncapi.json',
    {
      config: { policy: 'public' },
      schema: {
        tags,
        summary: 'The topics and what is in them, as an AsyncAPI 3 document',
        response: { 200: z.looseObject({ asyncapi: z.literal('3.0.0') }) },
      },
    },
    async () => ({ ...documents.asyncApi, asyncapi: '3.0.0' as const }),
  );

  app.get(
    '/schemas',
    {
      config: { policy: 'public' },
      schema: {
        tags,
        summary: 'The names of all contracts',
        response: { 200: z.strictObject({ types: z.array(z.string()) }) },
      },
    },
    async () => ({ types: Object.keys(documents.schemas).sort() }),
  );

  app.get(
    '/schemas/:type',
    {
      config: { policy: 'public', problems: ['not-found'] },
      schema: {
        tags,
        summary: 'One contract as a JSON Schema, in the form in which it travels',
        params: z.strictObject({ type: z.string() }),
        response: { 200: jsonSchema },
      },
    },
    async ({ params: { type } }) => {
      const { schemas } = documents;
      if (!Object.hasOwn(schemas, type))
        throw new Failure('not-found', 'There is no contract with this name; /schemas lists them all.');
      return schemas[type] as z.output<typeof jsonSchema>;
    },
  );
}
