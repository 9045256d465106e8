// What the routes of a service are, asked by path: which methods a path takes, and what a newcomer should look at first.
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Failure } from '../engine/index.ts';
import type { HttpApp } from './http-app.ts';
import { pathOf } from './request-context.ts';

export const docsPrefix = '/docs';

declare module 'fastify' {
  interface FastifyInstance {
    knownRoutes: KnownRoutes;
  }
}

interface KnownRoute {
  readonly method: string;
  readonly parts: readonly string[];
  /** Without the prefix of an app that the service joined. */
  readonly url: string;
  readonly isShown: boolean;
}

export interface KnownRoutes {
  /** In the order of the alphabet; empty for a path that no route has. */
  methodsOf(path: string): readonly string[];
  /** Paths that a GET without any further word answers, as the service has them. */
  lists(): readonly string[];
}

/** To be called before the first route. */
export function knownRoutesOf(app: HttpApp): KnownRoutes {
  const routes: KnownRoute[] = [];
  app.addHook('onRoute', ({ method, url, schema }) => {
    const parts = url.split('/');
    for (const one of [method].flat())
      routes.push({ method: one, parts, url: url.slice(app.mountedAt.length), isShown: schema?.hide !== true });
  });
  return {
    methodsOf: (path) =>
      [...new Set(routes.filter(({ parts }) => isAt(parts, path.split('/'))).map(({ method }) => method))].sort(),
    lists: () =>
      routes
        .filter(({ method, url, isShown }) => isShown && method === 'GET' && /^\/[a-z-]+$/.test(url))
        .map(({ url }) => url),
  };
}

/** `:id` stands for any part, `*` for the rest of the path. */
function isAt(pattern: readonly string[], path: readonly string[]): boolean {
  if (pattern.at(-1) === '*')
    return path.length >= pattern.length && isAt(pattern.slice(0, -1), path.slice(0, pattern.length - 1));
  return (
    pattern.length === path.length &&
    pattern.every((part, i) => (part.startsWith(':') ? path[i] !== '' : part === path[i]))
  );
}

/** For a request that no route took: 405 with `Allow` (RFC 9110, section 15.5.6) where the path has other methods, else 404. */
export function noSuchRoute(request: FastifyRequest): Failure {
  const path = pathOf(request);
  const methods = request.server.knownRoutes.methodsOf(path);
  if (methods.length === 0 || methods.includes(request.method))
    return new Failure('not-found', `There is no route ${request.method} ${path.slice(0, 200)}.`);
  return new Failure(
    'method-not-allowed',
    `${path.slice(0, 200)} does not take ${request.method}. It takes ${methods.join(', ')}.`,
  );
}

const startBody = z.strictObject({
  service: z.string(),
  version: z.string(),
  links: z.record(z.string(), z.string()).describe('Paths of this service'),
});

/** `GET /`: what a browser or a curl without a path should see. */
export function addStartPage(
  app: HttpApp,
  { title, version }: { title: string; version: string },
  routes: KnownRoutes,
): void {
  app.get(
    '/',
    {
      config: { policy: 'public' },
      schema: { tags: ['operations'], summary: 'Show where to begin', response: { 200: startBody } },
    },
    async () => {
      const paths = {
        docs: docsPrefix,
        openapi: '/openapi.json',
        readiness: '/readyz?verbose',
        freshness: '/freshness?verbose',
      };
      const own = routes.lists().filter((path) => !/^\/(livez|readyz|freshness|metrics|openapi\.json)$/.test(path));
      const all = { ...paths, ...Object.fromEntries(own.map((path) => [path.slice(1), path])) };
      const links = Object.fromEntries(Object.entries(all).map(([name, path]) => [name, app.mountedAt + path]));
      return { service: title, version, links };
    },
  );
}
