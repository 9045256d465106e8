// The two reads that every kind has: one document by id, in whichever state it is, and pages of the available ones.
import { readQuery } from 'foldline';
import { type HttpApp, idParams, lowerCaseUuid, pageFields, pageSchema, setVersionHeaders } from 'foldline/fastify';
import { z } from 'zod';
import { type ReferenceField, referenceFields } from './references/fields.ts';
import { type Listing, listDocuments, type Narrowing, type ShopPorts } from './routes.ts';

/** A body, as far as the answer's headers speak of it. */
interface Shown {
  readonly id: string;
  readonly version: number;
}

interface ReadRoutes extends Listing<Shown> {
  /** The path and the tag, for example `items`. */
  readonly plural: string;
  readonly singular: string;
  readonly body: z.ZodType<Shown>;
  /** What a reader of the description should know of the read by id. */
  readonly about?: string;
  /** The references by which a list may be narrowed down. */
  readonly filters?: readonly ReferenceField[];
}

export function addReadRoutes(app: HttpApp, ports: ShopPorts, routes: ReadRoutes): void {
  const { plural, singular, from, body, about, filters = [], present } = routes;
  const tags = [plural];
  const optionalIds = Object.fromEntries(filters.map((name) => [name, filterBy(name)]));

  app.get(
    `/${plural}/:id`,
    {
      config: { policy: 'read', problems: ['not-found', 'version-not-yet'] },
      schema: {
        tags,
        summary: `Read one ${singular}`,
        ...(about === undefined ? {} : { description: about }),
        params: idParams,
        querystring: readQuery,
        response: { 200: body },
      },
    },
    async (request, reply) => {
      const { document } = await ports.read(from, request, reply);
      const shown = (await present([document]))[0] as Shown;
      setVersionHeaders(reply, { version: shown.version });
      if (shown.id !== request.params.id) reply.header('Content-Location', `/${plural}/${shown.id}`);
      return shown;
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
      return listDocuments(ports, routes, narrowing, request, reply);
    },
  );
}

function filterBy(field: ReferenceField) {
  const { target } = referenceFields[field];
  const identities = target === 'user' ? ', under any of the identities that were merged with it' : '';
  return lowerCaseUuid.optional().describe(`Only those that refer to this ${target}${identities}`);
}
