// The API description (OpenAPI 3.1), made from the routes' own schemas, and its page, which works offline.
// What holds for all routes (problems, headers of commands, waiting) is added here, so no route repeats it.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Failure } from '../engine/index.ts';
import type { Policy } from './access.ts';
import type { HttpApp } from './http-app.ts';
import { docsPrefix } from './known-routes.ts';
import { type ApiDocument, type ApiExample, addExamples } from './openapi-examples.ts';
import { answersOf, requestHeadersOf } from './openapi-operation.ts';
import { codes, explanations } from './problem-explanations.ts';
import { problemOf, problemSchema } from './problems.ts';

export interface ApiDescription {
  title: string;
  version: string;
  description: string;
  /** In the order of a story that can be played. */
  examples?: readonly ApiExample[] | undefined;
}

// Swagger UI writes inline styles; scripts and everything else come from this service alone.
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** One problem for each code, to refer to. */
function problemExamples(mountedAt: string): Record<string, object> {
  const url = `${mountedAt}/things/0190f3c2-0000-7000-8000-00000000000a`;
  const request = { id: '0190f3c2-6d5a-7000-8000-0000000000c0', url };
  return Object.fromEntries(
    codes.map((code) => [
      code,
      { value: problemOf(new Failure(code, explanations[code].happened), request, mountedAt) },
    ]),
  );
}

/** The schemas of routes that another description of the same app must not show. */
const describedSchemas = new WeakMap<object, FastifySchema>();

/** An app that the service joined may have a description of its own, which knows nothing of these schemas. */
export function hideFromOthers(app: HttpApp): void {
  app.addHook('onRoute', (route) => {
    if (route.schema) describedSchemas.set(route, route.schema);
    route.schema = { ...route.schema, hide: true };
  });
}

/** Collects the description; to be called before the first route. */
export async function addApiDescription(
  app: HttpApp,
  { examples = [], ...description }: ApiDescription,
): Promise<void> {
  const { $schema: _dialect, ...problem } = z.toJSONSchema(problemSchema);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: description,
      components: {
        schemas: { Problem: problem as object },
        examples: problemExamples(app.mountedAt),
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: app.callers.description } },
      },
      // Only where a token is really asked for: a caller on loopback without tokens needs none.
      ...(app.callers.areAsked && { security: [{ bearer: [] }] }),
      // The paths are those of the service; a prefix of the app that it joined stands here.
      ...(app.mountedAt && { servers: [{ url: app.mountedAt }] }),
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      const described = document.openapiObject as ApiDocument;
      markOptionalBodies(described);
      addExamples(described, examples);
      return { ...described, paths: businessFirst(described.paths ?? {}) } as typeof document.openapiObject;
    },
    transform: (document) => {
      const { route } = document;
      const transformed = jsonSchemaTransform({ ...document, schema: describedSchemas.get(route) ?? document.schema });
      const { schema } = transformed;
      if (schema === undefined || schema.hide === true) return transformed;
      const query = document.schema?.querystring;
      const headers = { type: 'object', properties: requestHeadersOf(route, query) };
      const response = answersOf(route, query, schema.response as object | undefined);
      const security = securityOf(route.config?.policy, app.callers.areAsked);
      return { ...transformed, schema: { ...schema, ...security, headers, response } };
    },
  });
}

/** The scope that a token must have, as a role (OpenAPI 3.1, Security Requirement Object). */
function securityOf(policy: Policy | undefined, asksForTokens: boolean): object {
  if (policy === 'public') return { security: [] };
  return asksForTokens && policy !== undefined ? { security: [{ bearer: [policy] }] } : {};
}

/** What every service has, in the order in which a reader meets it after the routes of the domain. */
const commonTags = ['sagas', 'correlations', 'contracts', 'origin', 'operations'];

function businessFirst(paths: NonNullable<ApiDocument['paths']>): NonNullable<ApiDocument['paths']> {
  const rankOf = (path: object) => {
    const [first] = Object.values(path) as { readonly tags?: readonly string[] }[];
    return commonTags.indexOf(first?.tags?.[0] ?? '');
  };
  const ranked = Object.entries(paths).map((entry) => ({ entry, rank: rankOf(entry[1]) }));
  return Object.fromEntries(ranked.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry));
}

/** A body that may be null may be left out; the framework calls every body required. */
function markOptionalBodies({ paths = {} }: ApiDocument): void {
  for (const { requestBody } of Object.values(paths).flatMap((path) => Object.values(path) as Bodied[])) {
    const anyOf = Object.values(requestBody?.content ?? {})[0]?.schema?.anyOf ?? [];
    if (requestBody && anyOf.some(({ type }) => type === 'null')) requestBody.required = false;
  }
}

interface Bodied {
  readonly requestBody?: {
    required?: boolean;
    readonly content: Record<string, { readonly schema?: { readonly anyOf?: readonly { readonly type?: string }[] } }>;
  };
}

/** `GET /openapi.json` and the page at `/docs`. */
export async function addApiDescriptionPages(app: HttpApp, title: string): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: docsPrefix,
    staticCSP: docsPolicy,
    theme: { title },
    uiConfig: { deepLinking: true, tryItOutEnabled: true },
  });
  app.get(
    '/openapi.json',
    { config: { policy: 'read' }, schema: { hide: true, response: { 200: z.unknown() } } },
    async (_request, reply) => reply.type('application/json').send(`${JSON.stringify(app.swagger())}\n`),
  );
}
