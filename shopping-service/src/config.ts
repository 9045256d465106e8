// Every setting of shopping-service; the only place that reads the environment.
import { baseSettings, followingSettings, integerSetting, ownerSettings, portSetting, type Settings } from 'foldline';
import { z } from 'zod';
import { removalPoliciesSetting } from './references/policies.ts';

export const shoppingServiceSettings = {
  ...baseSettings,
  SHOPPING_SERVICE_PORT: portSetting(3002, 'the port to listen on'),
  SHOPPING_DATABASE: z
    .string()
    .default('shopping')
    .describe("the database of the shop's own events and of its read model"),
  ...followingSettings,
  ...ownerSettings('USER_SERVICE', 'user-service', 'http://127.0.0.1:3001'),
  IDENTITY_MEMBERS_MAX: integerSetting(
    200,
    2,
    1000,
    'identities of one person that are looked at; those beyond are left out, so not less than user-service merges',
  ),
  REMOVED_REFERENCES: removalPoliciesSetting
    .optional()
    .describe(
      'what readers see of a reference to something removed: `<field>=<policy>,…`, of the fields `categoryId`, `sellerId`, `customerId`, `lines.itemId` and the policies `keep` (with its last title or name; the default) and `detach` (`null`, and not in the list of that field)',
    ),
  REFERENCE_OVERDUE_MS: integerSetting(
    300_000,
    1,
    31_536_000_000,
    'how long a reference may wait for its target before it is overdue',
  ),
  REFERENCE_SCAN_MAX: integerSetting(
    5000,
    1,
    1_000_000,
    'documents that one page of references looks at; a page that found too few by then is short, and not the last',
  ),
  REFERENCE_COUNT_MAX: integerSetting(
    10_000,
    1,
    1_000_000,
    'how far pending, overdue and removed references are counted, and how many targets are looked at for each field',
  ),
  REFERENCE_COUNT_EVERY_MS: integerSetting(5000, 1, 3_600_000, 'how long a count of references is good for'),
  REFERENCE_COUNT_TIMEOUT_MS: integerSetting(2000, 10, 60_000, 'how long a count of references may take'),
} as const;

export type ShoppingServiceConfig = Settings<typeof shoppingServiceSettings>;
