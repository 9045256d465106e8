// The two reads that every kind has: one document by id, in whichever state it is, and pages of the available ones.
import type { StoredDocument } from '@foldline/shared/engine';
import { type HttpApp, idParams, lowerCaseUuid, pageFields, pageSchema } from '@foldline/shared/http';
import { z } from 'zod';
import type { ShopCollection } from './read-model.ts';
import type { ReferenceField } from './references/fields.ts';
import { listDocuments, type Narrowing, readDocument, readQuery, type ShopPorts } from './routes.ts';

export interface ReadRoutes {
  /** The path and the tag, for example `items`. */
  readonly plural: string;
  readonly singular: string;
  /** Of the subjects: `user` for customers. */
  readonly kind: string;
  readonly from: ShopCollection;
  readonly body: z.ZodType<object>;
  /** The references by which a list may be narrowed down. */
  readonly filters?: readonly ReferenceField[];
  present(documents: readonly StoredDocument[]): Promise<object[]>;
}

export function addReadRoutes(app: HttpApp, ports: ShopPorts, routes: ReadRoutes): void {
  const { plural, singular, kind, from, body, filters = [], present } = routes;
  const tags = [plural];
  const optionalIds = Object.fromEntries(filters.map((name) => [name, lowerCaseUuid.optional()]));

  app.get(
    `/${plural}/:id`,
    {
      config: { policy: 'read', problems: ['not-found', 'version-not-yet'] },
      schema: {
        tags,
        summary: `Read one ${singular}`,
        params: idParams,
        querystring: readQuery,
        response: { 200: body },
      },
    },
    async (request, reply) => {
      const [shown] = await present([await readDocument(ports, from, kind, request, reply)]);
      return shown as object;
    },
  );

  app.get(
    `/${plural}`,
    {
      config: { policy: 'read' },
      schema: {
        tags,
        summary: `List ${plural}`,
        querystring: z.strictObject({ ...optionalIds, ...pageFields }),
        response: { 200: pageSchema(body) },
      },
    },
    (request, reply) => {
      const query: Record<string, unknown> = request.query;
      const narrowing: Narrowing = Object.fromEntries(filters.map((name) => [name, query[name] as string | undefined]));
      return listDocuments(ports, from, narrowing, request, reply, present);
    },
  );
}
