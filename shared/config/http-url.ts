// The address of a server that is asked over HTTP. Messages show the address as it is, so no secret may be part of it.
import { z } from 'zod';

/** Refuses a user or password: `fetch` would not send them, and whoever reads a message or a list of processes would see them. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must begin with http:// or https://' })
  .refine(
    (url) => !holdsLogin(url),
    'holds a user or password, which is never sent and would be shown: leave both out',
  );

function holdsLogin(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/** An address of IPv6 stands in brackets in a URL, and in a setting with or without them. */
export function httpUrlAt(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host.replace(/[[\]]/g, '')}]` : host}:${port}`;
}

/** The value of a setting as a message may tell it: none that an `@` says to be an address with a login, however it is misspelt. */
export function shownSetting(value: string): string {
  return value.includes('@') ? 'set' : JSON.stringify(value);
}
