// The settings of `npm run admin -- identities import` and `… adopt`. Both open the database of user-service, by the settings of that
// service.
import { commonSettings, integerSetting, readSettings, type Settings } from 'foldline/config';
import { z } from 'zod';
import { userServiceSettings } from '../src/config.ts';

const { USERS_DATABASE, IDENTITY_MEMBERS_MAX, CRASH_AT } = userServiceSettings;

export const importSettings = {
  ...commonSettings,
  USERS_DATABASE,
  IDENTITY_MEMBERS_MAX,
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
  CRASH_AT,
} as const;

export type ImportConfig = Settings<typeof importSettings>;

/** @throws SettingsFault naming every faulty variable */
export function readImportConfig(env: Readonly<Record<string, string | undefined>>): ImportConfig {
  return readSettings(importSettings, env);
}
