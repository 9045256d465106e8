// The settings of the operator's command line. Every fault is named at once, before anything is asked.
import { httpUrl, integerSetting, readSettings, type Settings, tokenSetting } from '../config/index.ts';

export const adminSettings = {
  USER_SERVICE_URL: httpUrl.default('http://127.0.0.1:3001').describe('where user-service listens'),
  SHOPPING_SERVICE_URL: httpUrl.default('http://127.0.0.1:3002').describe('where shopping-service listens'),
  ADMIN_TOKEN: tokenSetting('the token of an administrator; empty where the services have no tokens'),
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

/** @throws SettingsFault naming every faulty variable */
export function readConfig(env: Readonly<Record<string, string | undefined>>): AdminConfig {
  return readSettings(adminSettings, env);
}
