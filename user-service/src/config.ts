// Every setting of user-service; the only place that reads the environment.
import { baseSettings, integerSetting, portSetting } from 'foldline';
import { z } from 'zod';

/** What the setting can be at most, and so what any identity can ever have. */
export const membersLimit = 500;

export const userServiceSettings = {
  ...baseSettings,
  USER_SERVICE_PORT: portSetting(3001, 'the port to listen on'),
  USERS_DATABASE: z.string().default('users').describe('the database of the events and the snapshots'),
  IDENTITY_MEMBERS_MAX: integerSetting(200, 2, membersLimit, 'users that one survivor may stand for, itself included'),
} as const;

/** What systems write where they know no identity; as the value of one it would make strangers one person. Lower case. */
export const illegalIdentityValues: ReadonlySet<string> = new Set([
  '',
  'null',
  'undefined',
  'none',
  'nil',
  'nan',
  'n/a',
  'unknown',
  'anonymous',
  'true',
  'false',
  '0',
  '-1',
  '[]',
  '{}',
  '[object object]',
  '00000000-0000-0000-0000-000000000000',
]);
