// Who may call. Tokens come from the setting `API_TOKENS` and are kept as SHA-256 digests only; a service without tokens must not listen
// beyond this machine. The tokens are keys of programs and operators, not of end users.
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { tokenFault } from '../config/index.ts';

/** What a token may be good for; a route's policy names the one that it needs. */
export type Right = 'read' | 'write' | 'verification' | 'admin';

export const isRight = (value: unknown): value is Right => scopes.admin.some((right) => right === value);

export interface Principal {
  readonly name: string;
  readonly rights: ReadonlySet<Right>;
}

/**
 * What follows the token in `name=token:scope`. Each scope lists its rights whole: a service that verifies copies reads and asks
 * for digests, and can neither write nor administer.
 */
const scopes = {
  verification: ['read', 'verification'],
  admin: ['read', 'write', 'verification', 'admin'],
} as const satisfies Record<string, readonly Right[]>;

const withoutScope: readonly Right[] = ['read', 'write'];

const principal = (name: string, rights: readonly Right[]): Principal => ({ name, rights: new Set(rights) });

/** Whoever calls a service on loopback that has no tokens. */
export const localPrincipal = principal('local', scopes.admin);

/** An unknown caller of a service that asks callers who they are; may use public routes only. */
export const anonymousPrincipal = principal('anonymous', []);

export interface ApiTokens {
  readonly size: number;
  /** The owner of a token, or null. Takes the same time whichever token it is, or none. */
  principalOf(token: string): Principal | null;
}

const legalName = /^[A-Za-z0-9_.-]{1,64}$/;
const forms = 'name=token, name=token:verification or name=token:admin';

/**
 * Reads `name=token[:verification|:admin],…`. Nothing or blank means no tokens.
 * @throws Error naming the faulty entry by its place and name, never its token.
 */
export function parseApiTokens(text: string | undefined): ApiTokens {
  const entries = (text ?? '').split(',').map((entry) => entry.trim());
  if (entries.length === 1 && entries[0] === '') return apiTokens([]);
  const names = new Set<string>();
  const owners = new Map<string, string>();
  return apiTokens(
    entries.map((entry, index) => {
      const place = `API_TOKENS: entry ${index + 1}`;
      const split = entry.indexOf('=');
      const name = entry.slice(0, Math.max(split, 0));
      if (!legalName.test(name)) throw new Error(`${place} needs the form ${forms}.`);
      if (names.has(name)) throw new Error(`${place} repeats the name ${name}; give each token its own.`);
      names.add(name);
      const [token = '', scope, ...rest] = entry.slice(split + 1).split(':');
      const rights = scope === undefined ? withoutScope : rightsOf(scope);
      if (rights === undefined || rest.length > 0) {
        throw new Error(`${place} (${name}) may end in :verification or in :admin, and in nothing else after a colon.`);
      }
      const fault = tokenFault(token);
      if (fault !== undefined) throw new Error(`${place} (${name}) has a token that ${fault}.`);
      const digest = digestOf(token);
      const owner = owners.get(digest.toString('hex'));
      if (owner !== undefined) {
        throw new Error(
          `${place} (${name}) repeats the token of ${owner}, so that nobody could say which of the two calls: ` +
            'give each name a token of its own, made with `openssl rand -hex 32`.',
        );
      }
      owners.set(digest.toString('hex'), name);
      return { digest, principal: principal(name, rights) };
    }),
  );
}

function rightsOf(scope: string): readonly Right[] | undefined {
  return Object.hasOwn(scopes, scope) ? scopes[scope as keyof typeof scopes] : undefined;
}

function apiTokens(entries: { digest: Buffer; principal: Principal }[]): ApiTokens {
  return {
    size: entries.length,
    principalOf(token) {
      const digest = digestOf(token);
      let found: Principal | null = null;
      for (const entry of entries) {
        if (timingSafeEqual(entry.digest, digest)) found = entry.principal;
      }
      return found;
    },
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/** Whether an address to listen on is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'));
}

/** @throws Error when `host` can be reached from other machines and nobody would be asked for a token. */
export function assertSafeBinding(host: string, tokens: ApiTokens): void {
  if (isLoopback(host) || tokens.size > 0) return;
  throw new Error(
    `HOST=${host} can be reached from other machines, but API_TOKENS is empty: ` +
      'set API_TOKENS (name=token[:verification|:admin],…) or listen on 127.0.0.1.',
  );
}
