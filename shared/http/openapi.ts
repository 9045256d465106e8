// The API description (OpenAPI 3.1), made from the routes' own schemas, and its page, which works offline.
// What holds for all routes (problems, headers of commands, waiting) is added here, so no route repeats it.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { RouteOptions } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type FailureCode, failures } from '../engine/index.ts';
import type { HttpApp } from './app.ts';
import { problemSchema, problemType } from './problems.ts';

export interface ApiDescription {
  title: string;
  version: string;
  description: string;
}

export const docsPrefix = '/docs';

const commonProblems: FailureCode[] = ['invalid-request', 'unauthorized', 'rate-limited', 'internal', 'overloaded'];
const commandProblems: FailureCode[] = ['too-large', 'unsupported-media-type', 'idempotency-key-reused'];

// Swagger UI writes inline styles; scripts and everything else come from this service alone.
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The problems of a route as OpenAPI responses, one for each status. */
export function problemResponses(codes: readonly FailureCode[]): Record<string, object> {
  const byStatus = new Map<number, FailureCode[]>();
  for (const code of new Set(codes)) {
    const { status } = failures[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, named]) => [
      String(status),
      {
        description: named.map((code) => `\`${code}\`: ${failures[code].title}`).join('; '),
        content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function headersOf(route: RouteOptions, query: unknown): Record<string, object> {
  const method = String(route.method);
  const changes = method === 'POST' || method === 'PATCH' || method === 'DELETE';
  const asksVersion = query instanceof z.ZodObject && 'minVersion' in query.shape;
  const text = (description: string) => ({ type: 'string', description });
  return {
    ...(changes ? { 'Idempotency-Key': text('Makes a repeat of this request answer as the first did') } : {}),
    ...(changes && method !== 'POST' ? { 'If-Match': text('Entity tags the change is meant for, such as "7"') } : {}),
    ...(asksVersion ? { Prefer: text('`wait=s`: how long to wait for `minVersion`, at most 30 s') } : {}),
    'Correlation-Id': text('The conversation this belongs to; echoed, made if missing'),
  };
}

function problemsOf(route: RouteOptions): FailureCode[] {
  const changes = route.config?.policy === 'write';
  const administers = route.config?.policy === 'admin';
  return [
    ...commonProblems,
    ...(changes ? commandProblems : []),
    ...(administers ? (['forbidden'] as const) : []),
    ...(route.config?.problems ?? []),
  ];
}

/** Collects the description; to be called before the first route. */
export async function addApiDescription(app: HttpApp, description: ApiDescription): Promise<void> {
  const { $schema: _dialect, ...problem } = z.toJSONSchema(problemSchema);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: description,
      components: {
        schemas: { Problem: problem as object },
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      },
      // Only where a token is really asked for: a caller on loopback without tokens needs none.
      ...(app.apiTokens.size > 0 && { security: [{ bearer: [] }] }),
    },
    transform: (document) => {
      const transformed = jsonSchemaTransform(document);
      const { schema } = transformed;
      if (schema === undefined || schema.hide === true) return transformed;
      const { route } = document;
      const headers = { type: 'object', properties: headersOf(route, document.schema?.querystring) };
      const response = { ...problemResponses(problemsOf(route)), ...(schema.response as object | undefined) };
      const open = route.config?.policy === 'public' ? { security: [] } : {};
      return { ...transformed, schema: { ...schema, ...open, headers, response } };
    },
  });
}

/** `GET /openapi.json` and the page at `/docs`. */
export async function addApiDescriptionPages(app: HttpApp): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: docsPrefix,
    staticCSP: docsPolicy,
    uiConfig: { deepLinking: true, tryItOutEnabled: true },
  });
  app.get(
    '/openapi.json',
    { config: { policy: 'read' }, schema: { hide: true, response: { 200: z.unknown() } } },
    async (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  );
}
