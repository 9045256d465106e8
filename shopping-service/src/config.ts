// Every setting of shopping-service; the only place that reads the environment.
import {
  commonSettings,
  generationSettings,
  httpUrl,
  integerSetting,
  kafkaSecurity,
  leverSettings,
  portSetting,
  readSettings,
  type Settings,
  SettingsFault,
  tokenSetting,
  verificationSettings,
} from 'foldline/config';
import { assertSafeBinding, parseApiTokens } from 'foldline/fastify';
import { crashSetting, resyncSettings, topicSettings } from 'foldline/service';
import { z } from 'zod';
import { removalPoliciesSetting } from './references/policies.ts';

/** `user-events=users.UserEvents,…`: topic, database and collection. */
const collections = z
  .string()
  .transform((text) => text.split(',').map((part) => /^([a-z-]+)=([\w-]+)\.([\w-]+)$/.exec(part.trim())))
  .refine((list) => list.every((match) => match !== null), 'must be a list of <topic>=<database>.<collection>')
  .transform((list) =>
    list.map((match) => ({ source: match?.[1] ?? '', database: match?.[2] ?? '', collection: match?.[3] ?? '' })),
  );

export const shoppingServiceSettings = {
  ...commonSettings,
  ...crashSetting,
  ...verificationSettings,
  ...leverSettings,
  ...generationSettings,
  SHOPPING_SERVICE_PORT: portSetting(3002, 'the port to listen on'),
  SHOPPING_DATABASE: z
    .string()
    .default('shopping')
    .describe("the database of the shop's own events and of its read model"),
  ...topicSettings,
  ...resyncSettings,
  FEED_COLLECTIONS: collections
    .optional()
    .describe(
      'event collections to follow by change stream instead of KAFKA_BROKERS, on one machine: `<topic>=<database>.<collection>,…`',
    ),
  KAFKA_GROUP: z.string().default('shopping-service').describe('the consumer group'),
  USER_SERVICE_URL: httpUrl.default('http://127.0.0.1:3001').describe('where the owner of users is asked'),
  USER_SERVICE_TOKEN: tokenSetting(
    'the token for user-service: one that ends in `:verification` there, so that customers can be verified',
  ),
  USER_SERVICE_TIMEOUT_MS: integerSetting(2000, 100, 60_000, 'how long a question to user-service may take'),
  USER_SERVICE_SCAN_TIMEOUT_MS: integerSetting(
    45_000,
    100,
    600_000,
    'how long user-service may take to scan all users for a verification',
  ),
  USER_SERVICE_REQUESTS_MAX: integerSetting(8, 1, 100, 'questions to user-service that are on their way at once'),
  USER_SERVICE_EVENT_PAGES_MAX: integerSetting(
    10,
    1,
    1000,
    'pages of 200 events that are read of one user at once; the next try reads on',
  ),
  IGNORED_PREFIXES_MAX: integerSetting(20, 1, 1000, 'unknown kinds of subjects that readiness tells apart'),
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

/** @throws SettingsFault naming every faulty variable, or those that do not go together; Error when HOST is open to others and API_TOKENS names nobody */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): ShoppingServiceConfig {
  const config = readSettings(shoppingServiceSettings, env);
  assertSafeBinding(config.HOST, parseApiTokens(config.API_TOKENS));
  kafkaSecurity(config, config.KAFKA_BROKERS);
  if ((config.KAFKA_BROKERS === undefined) === (config.FEED_COLLECTIONS === undefined)) {
    throw new SettingsFault(
      'Set one of KAFKA_BROKERS (topics) and FEED_COLLECTIONS (change streams, one machine only), not both: the feed must be chosen.',
    );
  }
  return config;
}
