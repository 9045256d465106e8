// Decides at the edge who may call which route. Deny by default: a route without a declared policy does not
// register, an unknown route needs a token like any other. Whether a caller may touch one *object* is not decided here.
import type { FastifyRequest, RouteOptions } from 'fastify';
import { z } from 'zod';
import { Failure, type FailureCode } from '../engine/index.ts';
import type { HttpApp } from './http-app.ts';
import { noSuchRoute } from './problems.ts';
import { isPath } from './request-context.ts';
import { type ApiTokens, anonymousPrincipal, localPrincipal, type Right } from './tokens.ts';

/** `public`: anyone; any other: a token that has this right. */
export type Policy = 'public' | Right;

declare module 'fastify' {
  interface FastifyContextConfig {
    policy?: Policy;
    /** Codes of problems this route may answer with besides the common ones; only for the API description. */
    problems?: readonly FailureCode[];
    /** Takes an `Idempotency-Key`, and where it changes something an `If-Match`; unless told, every route of policy `write`. */
    keyed?: boolean;
    /** Names the version it shows in `ETag`; unless told, every keyed route, and who takes `minVersion`. */
    versioned?: boolean;
    /** Probes: answered under pressure and never counted against a rate limit. */
    probe?: boolean;
  }
}

const emptyQuery = z.strictObject({});

/** Refuses at registration a route without policy or response schema; a route that names no query takes none. */
export function addPolicyGate(app: HttpApp, foreign: { prefix: string; policy: Policy }): void {
  app.addHook('onRoute', (route) => {
    if (route.url === foreign.prefix || route.url.startsWith(`${foreign.prefix}/`)) {
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
export function addIdentification(app: HttpApp, tokens: ApiTokens): void {
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request) => {
    if (tokens.size === 0) {
      request.principal = localPrincipal;
      return;
    }
    const bearer = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    request.principal = (bearer === undefined ? null : tokens.principalOf(bearer)) ?? anonymousPrincipal;
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
export function requireToken(request: Pick<FastifyRequest, 'principal'>): void {
  if (request.principal === anonymousPrincipal) {
    throw new Failure('unauthorized', 'Send a valid token as Authorization: Bearer <token>.');
  }
}

/** @throws forbidden, naming the scope that the caller's token does not have */
function requireRight({ principal }: Pick<FastifyRequest, 'principal'>, right: Right): void {
  if (principal.rights.has(right)) return;
  throw new Failure(
    'forbidden',
    `The token of ${principal.name} lacks the scope ${right}; use a token that API_TOKENS declares ${declaredAs[right]}.`,
  );
}

const declaredAs: Readonly<Record<Right, string>> = {
  read: 'there',
  write: 'without a scope or with :admin',
  verification: 'with :verification or :admin',
  admin: 'with :admin',
};
