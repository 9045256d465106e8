// Who may call. Tokens come from the setting `API_TOKENS` and are kept as SHA-256 digests only; a service without
// tokens must not listen beyond this machine. Not for end users: these are keys of programs and operators.
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface Principal {
  readonly name: string;
  readonly admin: boolean;
}

/** Whoever calls a service on loopback that has no tokens. */
export const localPrincipal: Principal = { name: 'local', admin: true };

/** Whoever calls without a valid token where tokens exist; may use public routes only. */
export const anonymousPrincipal: Principal = { name: 'anonymous', admin: false };

export interface ApiTokens {
  readonly size: number;
  /** The owner of a token, or null. Takes the same time whichever token it is, or none. */
  principalOf(token: string): Principal | null;
}

const legalName = /^[A-Za-z0-9_.-]{1,64}$/;
// RFC 6750, section 2.1: what may follow "Bearer".
const legalToken = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Reads `name=token[:admin],…`. Nothing or blank means no tokens.
 * @throws Error naming the faulty entry by its place and name, never its token.
 */
export function parseApiTokens(text: string | undefined): ApiTokens {
  const entries = (text ?? '').split(',').map((entry) => entry.trim());
  if (entries.length === 1 && entries[0] === '') return apiTokens([]);
  const names = new Set<string>();
  return apiTokens(
    entries.map((entry, index) => {
      const place = `API_TOKENS: entry ${index + 1}`;
      const split = entry.indexOf('=');
      const name = entry.slice(0, Math.max(split, 0));
      if (!legalName.test(name)) throw new Error(`${place} needs the form name=token or name=token:admin.`);
      if (names.has(name)) throw new Error(`${place} repeats the name ${name}; give each token its own.`);
      names.add(name);
      const [token = '', role, ...rest] = entry.slice(split + 1).split(':');
      if ((role !== undefined && role !== 'admin') || rest.length > 0) {
        throw new Error(`${place} (${name}) may end in :admin and in nothing else after a colon.`);
      }
      if (!legalToken.test(token)) {
        throw new Error(`${place} (${name}) has a token with characters that a bearer token cannot have.`);
      }
      return { digest: digestOf(token), principal: { name, admin: role === 'admin' } };
    }),
  );
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
      'set API_TOKENS (name=token[:admin],…) or listen on 127.0.0.1.',
  );
}
