// Who sends a request: the owner of a token of `API_TOKENS`, or the principal that a function of the application returns. `access.ts`
// checks the rights of a caller in both cases.
import type { FastifyRequest } from 'fastify';
import { type ApiTokens, anonymousPrincipal, isRight, localPrincipal, type Principal, type Right } from './tokens.ts';

/**
 * Names the caller of a request with the rights that the caller has, or nobody (null). An error that the function throws becomes the
 * answer, and the request goes no further. The name is logged and is part of idempotency keys: it should be an id, not an address.
 */
export type Authorize = (request: FastifyRequest) => Principal | null | Promise<Principal | null>;

export interface Callers {
  /** False where each caller is on this machine, and may do everything. */
  readonly areAsked: boolean;
  /** How a caller becomes known, for the description of the API. */
  readonly description: string;
  /** For the detail of a 401. */
  readonly remedy: string;
  /** For the detail of a 403: how a caller gets the right. */
  remedyFor(right: Right): string;
  principalOf(request: FastifyRequest): Principal | Promise<Principal>;
}

const declaredAs: Readonly<Record<Right, string>> = {
  read: 'there',
  write: 'without a scope or with :admin',
  verification: 'with :verification or :admin',
  admin: 'with :admin',
};

export function callersByTokens(tokens: ApiTokens): Callers {
  return {
    areAsked: tokens.size > 0,
    description:
      'A token of `API_TOKENS`. Without a scope it reads and writes; `:verification` reads and asks for digests; `:admin` does everything.',
    remedy: 'Send a valid token as Authorization: Bearer <token>.',
    remedyFor: (right) => `use a token that API_TOKENS declares ${declaredAs[right]}`,
    principalOf({ headers }) {
      if (tokens.size === 0) return localPrincipal;
      const bearer = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
      return (bearer === undefined ? null : tokens.principalOf(bearer)) ?? anonymousPrincipal;
    },
  };
}

export function callersBy(authorize: Authorize): Callers {
  return {
    areAsked: true,
    description:
      'The application to which the service belongs decides who a caller is, and which rights the caller has.',
    remedy: 'Log in as the application asks for it: the request names no caller that the application knows.',
    remedyFor: (right) => `the application has to give the caller the right ${right}`,
    principalOf: async (request) => checked(await authorize(request)),
  };
}

const nameCharactersMax = 200;

/** A function may be written in JavaScript: an answer of another shape must not become access. */
function checked(given: Principal | null): Principal {
  if (given === null) return anonymousPrincipal;
  const { name, rights } = Object(given) as Partial<Principal>;
  if (typeof name !== 'string' || name === '' || name.length > nameCharactersMax)
    throw new Error(
      `authorize must return null or a principal { name, rights } with a name of 1 to ${nameCharactersMax} characters, not ${typeof given} with the name ${typeof name}.`,
    );
  if (!(rights instanceof Set) || ![...rights].every(isRight))
    throw new Error('authorize must return rights as a Set of read, write, verification and admin.');
  return { name, rights: new Set(rights) };
}
