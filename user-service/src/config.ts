// Every setting of user-service; the only place that reads the environment.
import {
  commonSettings,
  integerSetting,
  leverSettings,
  portSetting,
  readSettings,
  type Settings,
  verificationSettings,
} from 'foldline/config';
import { assertSafeBinding, parseApiTokens } from 'foldline/fastify';
import { z } from 'zod';

const usersDatabase = z.string().default('users').describe('the database of the events and the snapshots');
/** What the setting can be at most, and so what any identity can ever have. */
export const membersLimit = 500;
const membersMax = integerSetting(200, 2, membersLimit, 'users that one survivor may stand for, itself included');
const crashAt = z
  .string()
  .default('')
  .describe('for tests: ends the process at the n-th passing of a named place, as `after-insert:3`');

export const userServiceSettings = {
  ...commonSettings,
  ...verificationSettings,
  ...leverSettings,
  USER_SERVICE_PORT: portSetting(3001, 'the port to listen on'),
  USERS_DATABASE: usersDatabase,
  IDENTITY_MEMBERS_MAX: membersMax,
  CRASH_AT: crashAt,
} as const;

/** Of `npm run admin -- identities import` and `… adopt`, which open the same database. */
export const importSettings = {
  ...commonSettings,
  USERS_DATABASE: usersDatabase,
  IDENTITY_MEMBERS_MAX: membersMax,
  DATA_DIR: z.string().default('.foldline').describe('where backup and report are kept, under `imports/<id>/`'),
  IMPORT_LINE_BYTES_MAX: integerSetting(262_144, 1024, 1_000_000, 'the longest line of an export that is read'),
  IMPORT_BATCH_LINES_MAX: integerSetting(1000, 1, 5000, 'lines that are stored in one transaction'),
  IMPORT_BATCH_BYTES_MAX: integerSetting(4_194_304, 1024, 16_777_216, 'the same in bytes of lines'),
  IMPORT_INSERT_MS: integerSetting(
    4000,
    50,
    60_000,
    'how long the server may spend on one batch before it is tried again',
  ),
  IMPORT_TRIES_MAX: integerSetting(25, 1, 1000, 'how often a batch is decided that others write between'),
  IMPORT_MERGES_IN_FLIGHT_MAX: integerSetting(8, 1, 64, 'merges that are made at once'),
  ADOPT_BATCH_DOCUMENTS_MAX: integerSetting(500, 1, 5000, 'documents that are adopted at once'),
  CRASH_AT: crashAt,
} as const;

/** What systems write where they know no identity; as the value of one it would make strangers one person. Lower case. */
export const illegalIdentityValues: ReadonlySet<string> = new Set([
  ...['', 'null', 'undefined', 'none', 'nil', 'nan', 'n/a', 'unknown', 'anonymous', 'true', 'false', '0', '-1'],
  ...['[]', '{}', '[object object]', '00000000-0000-0000-0000-000000000000'],
]);

export type UserServiceConfig = Settings<typeof userServiceSettings>;
export type ImportConfig = Settings<typeof importSettings>;

/** @throws SettingsFault naming every faulty variable; Error when HOST is open to others and API_TOKENS names nobody */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): UserServiceConfig {
  const config = readSettings(userServiceSettings, env);
  assertSafeBinding(config.HOST, parseApiTokens(config.API_TOKENS));
  return config;
}

/** @throws SettingsFault naming every faulty variable */
export function readImportConfig(env: Readonly<Record<string, string | undefined>>): ImportConfig {
  return readSettings(importSettings, env);
}
