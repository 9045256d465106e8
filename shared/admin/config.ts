// The settings of the operator's command line. Every fault is named at once, before anything is asked.
import { z } from 'zod';
import { httpUrl, integerSetting, readSettings, type Settings, tokenSetting } from '../config/index.ts';
import { AdminFailure } from './failure.ts';

export const adminSettings = {
  ADMIN_TOKEN: tokenSetting('the token of an administrator; empty where the services have no tokens'),
  DATA_DIR: z.string().default('.foldline').describe('where `npm start` writes down the addresses of its services'),
  ADMIN_TIMEOUT_MS: integerSetting(45_000, 100, 600_000, 'how long one request may take'),
  ADMIN_PROGRESS_EVERY_MS: integerSetting(
    5000,
    100,
    600_000,
    'how often a line says how far it is, without a terminal',
  ),
  ADMIN_RETRIES_PER_PAGE: integerSetting(50, 1, 200, 'how many held subjects one request retries'),
} as const;

export type AdminConfig = Settings<typeof adminSettings>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** How many services one command line knows at most. */
export const servicesMax = 100;
/** How large a file with their addresses may be. */
export const servicesFileBytesMax = 65_536;

/** For example `USER_SERVICE_URL`. */
export const urlVariableOf = (service: string) => `${service.toUpperCase().replaceAll('-', '_')}_URL`;

/** The settings that say where these services listen: one each. @param urls by name; undefined where nothing else says it */
export function addressSettings(urls: Readonly<Record<string, string | undefined>>) {
  const entries = Object.entries(urls).map(([name, url]) => {
    const setting = url === undefined ? httpUrl.optional() : httpUrl.default(url);
    return [urlVariableOf(name), setting.describe(`where ${name} listens`)] as const;
  });
  return Object.fromEntries(entries);
}

/** @param names of services whose addresses may be settings @throws AdminFailure `config-invalid` naming every faulty variable */
export function readConfig(env: Environment, names: readonly string[]): AdminConfig {
  return readSettings({ ...withoutDefaults(names), ...adminSettings }, env);
}

/** The addresses that are set, by variable. @throws AdminFailure `config-invalid` */
export function readAddresses(
  env: Environment,
  names: readonly string[],
): Readonly<Record<string, string | undefined>> {
  return readSettings(withoutDefaults(names), env);
}

const withoutDefaults = (names: readonly string[]) =>
  addressSettings(Object.fromEntries(names.map((name) => [name, undefined])));

/** The token in a variable that a file names. @throws AdminFailure `config-invalid` when there is none, or it cannot be one */
export function readToken(env: Environment, variable: string, what: string): string {
  const token = readSettings({ [variable]: tokenSetting(what) }, env)[variable] ?? '';
  if (token !== '') return token;
  throw new AdminFailure('config-invalid', `${variable} is not set. It is ${what}: set it, or take its name out.`);
}
