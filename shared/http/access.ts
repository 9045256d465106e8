// Decides at the edge who may call which route. Deny by default: a route without a declared policy does not
// register, an unknown route needs a token like any other. Whether a caller may touch one *object* is not decided here.
import type { FastifyRequest, RouteOptions } from 'fastify';
import { z } from 'zod';
import { Failure, type FailureCode } from '../engine/index.ts';
import type { Callers } from './callers.ts';
import type { HttpApp } from './http-app.ts';
import { noSuchRoute } from './known-routes.ts';
import { isPath } from './request-context.ts';
import { anonymousPrincipal, type Right } from './tokens.ts';

/** `public`: anyone; any other: a token that has this right. */
export type Policy = 'public' | Right;

declare module 'fastify' {
  interface FastifyContextConfig {
    policy?: Policy;
    /** Codes of problems this route may answer with besides the common ones; only for the API description. */
    problems?: readonly FailureCode[];
    /** Whether the route takes an `Idempotency-Key`, and for changes an `If-Match`. Default: true for policy `write`. */
    keyed?: boolean;
    /** Whether the answer names its version in `ETag`. Default: true for keyed routes and routes that take `minVersion`. */
    versioned?: boolean;
    /** Probes: answered under pressure and never counted against a rate limit. */
    probe?: boolean;
  }
}

const emptyQuery = z.strictObject({});

/** Refuses at registration a route without policy or response schema; a route that names no query takes none. */
export function addPolicyGate(app: HttpApp, foreign: { prefix: string; policy: Policy }): void {
  const prefix = app.mountedAt + foreign.prefix;
  app.addHook('onRoute', (route) => {
    if (route.url === prefix || route.url.startsWith(`${prefix}/`)) {
      route.config = { ...route.config, policy: foreign.policy };
      return;
    }
    const name = `${String(route.method)} ${route.url}`;
    const policy = route.config?.policy;
    if (policy === undefined) {
      throw new Error(
        `Route ${name} has no policy: declare config.policy as public, read, write, verification or admin.`,
      );
    }
    if (policy !== 'public' && route.schema?.response === undefined) {
      throw new Error(`Route ${name} has no response schema: declare schema.response, so that only its fields leave.`);
    }
    takeNoUnknownQuery(route);
  });
}

function takeNoUnknownQuery(route: RouteOptions): void {
  route.schema = { querystring: emptyQuery, ...route.schema };
}

/** Finds out who calls. Refuses nothing: that is `addAuthorization`, after rate limits have counted the caller. */
export function addIdentification(app: HttpApp, callers: Callers): void {
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request) => {
    request.principal = anonymousPrincipal;
    try {
      request.principal = await callers.principalOf(request);
    } catch (error) {
      // A probe must not fail because nobody can be asked who sent it.
      if (request.routeOptions.config.policy !== 'public') throw error;
      request.log.warn({ err: error }, 'the caller of a public route is not known');
    }
  });
}

/** Holds every request against its route's policy. */
export function addAuthorization(app: HttpApp): void {
  app.addHook('onRequest', async (request) => {
    const policy = request.routeOptions.config.policy;
    if (policy !== 'public') requireToken(request);
    if (request.is404 || !isPath(request.url)) throw noSuchRoute(request);
    if (policy !== undefined && policy !== 'public') requireRight(request, policy);
  });
}

/** @throws unauthorized unless the caller is known. */
export function requireToken({ principal, server }: Asking): void {
  if (principal === anonymousPrincipal) throw new Failure('unauthorized', server.callers.remedy);
}

/** @throws forbidden, naming the right that the caller does not have */
function requireRight({ principal, server }: Asking, right: Right): void {
  if (principal.rights.has(right)) return;
  const { remedyFor } = server.callers;
  throw new Failure('forbidden', `The token of ${principal.name} lacks the scope ${right}; ${remedyFor(right)}.`);
}

type Asking = Pick<FastifyRequest, 'principal' | 'server'>;
