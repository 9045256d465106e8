// What a bearer token must be wherever a setting holds one: characters that the header can carry, and enough of them that nobody
// guesses the token. No message repeats a token.
import { z } from 'zod';

export const tokenCharsMin = 32;

// RFC 6750, section 2.1: what may follow "Bearer".
const legalToken = /^[A-Za-z0-9._~+/-]+=*$/;

/** How a sentence about the token ends that says what is wrong; undefined when the token can be used. */
export function tokenFault(token: string): string | undefined {
  if (token === '') return 'is empty';
  if (!legalToken.test(token)) return 'has characters that a bearer token cannot have';
  if (token.length >= tokenCharsMin) return undefined;
  return `has fewer than ${tokenCharsMin} characters and could be guessed: make one with \`openssl rand -hex 32\``;
}

/** A setting that holds the token for another service; empty means that the other service asks for none. */
export function tokenSetting(what: string) {
  return z
    .string()
    .superRefine((token, context) => {
      const fault = tokenFault(token);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    })
    .default('')
    .describe(what);
}
