// Secrets stay out of connector configs: a file says `${dir:<folder>:<file>}`, and the worker reads that file itself.
// Here the folder is set to where the secrets lie outside Compose, and whatever is printed is masked first.

import { withoutLogins } from '../engine/index.ts';
import type { Config } from './config-values.ts';

const placeholder = /\$\{dir:([^:{}]+):([^{}]+)\}/g;
const secretKey = /password|passwd|secret|token|credential|jaas|private\.?key/i;
// A value that is a URI as a whole ends where it ends: MongoDB's driver takes even a password with a space.
const wholeUriWithUser = /^(\s*[a-z][a-z0-9+.-]*:\/\/).*@/is;

/** The config with every `${dir:…}` placeholder looking into `folder`; unchanged without one. */
export function placeSecrets(config: Config, folder: string | undefined): Config {
  if (folder === undefined) return config;
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      value.replace(placeholder, (_whole, _folder, file: string) => `\${dir:${folder}:${file}}`),
    ]),
  );
}

/** `text` without the user and password of any URI in it, and without secrets among its options. */
export function maskUris(text: string): string {
  return withoutLogins(text).replace(/[^&\s]+/g, withoutSecretOption);
}

/** @param part of a text, between "&" and white space; its option begins after an "&", or else after its first "?" */
function withoutSecretOption(part: string, at: number, text: string): string {
  let name = text[at - 1] === '&' ? 0 : part.indexOf('?') + 1;
  if (name === 0 && text[at - 1] !== '&') return part;
  // An option without a name is none; the next "?" may begin one.
  while (part[name] === '=') {
    const mark = part.indexOf('?', name);
    if (mark === -1) return part;
    name = mark + 1;
  }
  const equals = part.indexOf('=', name);
  const value = part.slice(equals + 1);
  if (equals === -1 || value === '') return part;
  const secret = secretKey.test(part.slice(name, equals)) || /AWS_SESSION_TOKEN/i.test(value);
  return secret ? `${part.slice(0, equals + 1)}***` : part;
}

/** As `maskUris`, of a value that is one URI if it begins as one: its password may hold white space too. */
export function maskUri(value: string): string {
  return maskUris(value.replace(wholeUriWithUser, '$1***@'));
}

/** The value as it may be printed. A placeholder is no secret; a literal under a telling key is. */
export function maskValue(key: string, value: string): string {
  const withoutPlaceholders = value.replace(placeholder, '');
  if (secretKey.test(key) && withoutPlaceholders !== '') return '***';
  return maskUri(value);
}

/** Whether a secret stands in the value itself; what a placeholder stands for does not. */
export function holdsSecret(key: string, value: string): boolean {
  // A user and a password that are both placeholders leave `://:@` behind.
  const literal = value.replace(placeholder, '').replace(/:\/\/:?@/g, '://');
  if (/jaas/i.test(key)) return /password\s*=\s*"?[^"\s;]/i.test(literal);
  return (secretKey.test(key) && literal !== '') || maskUri(literal) !== literal;
}

export function hasPlaceholder(text: string): boolean {
  return text.search(placeholder) >= 0;
}

/** What to look at when the worker answers with a placeholder instead of what stands behind it. */
export const unreadableSecret =
  'The worker cannot read that secret: check the folder (CONNECT_SECRETS_DIR or --secrets-dir) and which folders the worker allows.';
