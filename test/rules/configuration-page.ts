// The text of docs/configuration.md: what the services read from their tables, what `npm start` and the command line read by hand.
// A test compares it with the file, and the names with the sources, so that neither goes stale.
import { readFileSync } from 'node:fs';
import { addressSettings, adminSettings } from 'foldline/admin';
import { commonSettings, kafkaSecuritySettings, type SettingsTable, settingsReference } from 'foldline/config';

export interface ServiceSettings {
  readonly service: string;
  readonly table: SettingsTable;
}

type Row = readonly [name: string, fallback: string, what: string];

/** `system/config.ts` reads these. */
export const systemVariables: readonly Row[] = [
  [
    'DATA_DIR',
    '`.foldline`',
    'where everything that outlives a start is kept; see [operating](operating.md#the-data-folder)',
  ],
  ['MONGODB_URI', 'not set', 'a replica set that runs already, used instead of starting one; it is not ended'],
  ['KAFKA_BROKERS', 'not set', 'brokers that run already, `host:port`, several with commas'],
  ['CONNECT_URL', 'not set', 'a Kafka Connect worker that runs already; needs `KAFKA_BROKERS` too'],
  ['HOST', '`127.0.0.1`', 'where both services listen; another address than loopback needs `API_TOKENS`'],
  ['USER_SERVICE_PORT', '`3001`', '`0`: any free one, kept in `DATA_DIR` for the next start'],
  ['SHOPPING_SERVICE_PORT', '`3002`', 'the same for shopping-service'],
  ['MONGOMS_SYSTEM_BINARY', 'not set', 'the path of a `mongod` 6 or later, looked at before all others'],
  ['JAVA_HOME', 'not set', 'the Java 17 or later to use; else the one on the `PATH`'],
  [
    'XDG_CACHE_HOME',
    '`~/.cache`',
    'what was fetched once is kept in `foldline/` below it: `mongod`, the jars of Kafka',
  ],
];

/** `shared/connect/config.ts` reads these; options of the command line go before them. */
export const connectVariables: readonly Row[] = [
  ['CONNECT_URL', '`http://127.0.0.1:8083`', "the worker's address; `--url`"],
  ['KAFKA_BROKERS', '`127.0.0.1:9092`', 'the brokers on which `plan` and `apply` look after topics; `--brokers`'],
  [
    'MONGODB_URI',
    'not set',
    'where `doctor` looks, and where `plan`, `apply` and `refill` count documents; never an argument, which others could see',
  ],
  ['CONNECT_SECRETS_DIR', 'not set', 'the folder of the secrets that the files name; `--secrets-dir`'],
  ['CONNECT_REQUEST_TIMEOUT_MS', '`30000`', 'one request to the worker'],
  ['CONNECT_RETRY_FOR_MS', '`60000`', 'how long a worker that is away or rebalancing is tried again, for each call'],
  ['CONNECT_LOOK_FOR_MS', '`5000`', 'the same for `plan`, `offsets show`, and `status` without `--wait`'],
  ['CONNECT_RETRY_INITIAL_MS', '`100`', 'the first wait between two tries'],
  ['CONNECT_RETRY_MAX_MS', '`2000`', 'the longest wait between two tries'],
  ['CONNECT_HEALTHY_WITHIN_MS', '`60000`', 'how long connectors and tasks may take to run after `apply`; `--wait`'],
  ['CONNECT_POLL_MS', '`100`', 'how often it looks meanwhile'],
  ['CONNECT_STEADY_MS', '`500`', 'how long one must run without a break to count as running'],
  ['CONNECT_KAFKA_TIMEOUT_MS', '`3000`', 'one try to reach a broker'],
  [
    'CONNECT_MONGODB_TIMEOUT_MS',
    '`5000`',
    'how long `doctor` looks for a MongoDB server, and how long one count of documents may take',
  ],
  [
    'CONNECT_TOPIC_MOVES_WITHIN_MS',
    '`2000`',
    'how long a topic that lacks documents may stand still before that is told',
  ],
  ['CONNECT_REFILL_WITHIN_MS', '`3600000`', 'how long a refill of one topic may take; `--wait`'],
  ['CONNECT_WATCH_EVERY_MS', '`1000`', 'between two looks of `status --watch`'],
  ['CONNECT_SUPERVISE_EVERY_MS', '`5000`', 'between two looks of `supervise`'],
  [
    'CONNECT_STALLED_AFTER_MS',
    '`150000`',
    'how long a connector may store no other position before `supervise` restarts it, and after the restart before it begins anew; longer than `offset.flush.interval.ms` of the worker',
  ],
  [
    'CONNECT_COPIED_DOCUMENTS_MAX',
    '`1000000`',
    'how many documents a connector may have to copy for `supervise` to let it begin anew',
  ],
  [
    'CONNECT_OPLOG_WINDOW_MS',
    '`86400000`',
    'how long a connector may be away: `doctor` wants the oplog to reach back as far',
  ],
];

/** `docker-compose.yml` reads these, from the environment or from `.env` beside it. */
export const composeVariables: readonly Row[] = [
  [
    'SHOP_TOKEN',
    'none; must be set',
    "shopping-service's token at user-service, with the scope `:verification`; 32 characters at least",
  ],
  [
    'OPERATOR_TOKEN',
    'none; must be set',
    "an operator's token at both services, with the scope `:admin`; 32 characters at least",
  ],
  ['USER_SERVICE_PORT', '`3001`', 'the port of user-service on this machine'],
  ['SHOPPING_SERVICE_PORT', '`3002`', 'that of shopping-service'],
  ['CONNECT_PORT', '`8083`', "that of the worker's REST interface"],
  ['KAFKA_PORT', '`29092`', 'that of the broker'],
  ['MONGODB_PORT', '`27017`', 'that of MongoDB'],
  ['UI_PORT', '`8080`', 'that of the profile `ui`'],
  ['LOG_LEVEL', '`info`', 'how much both services log'],
];

/** @param importTable of the import of identities, which user-service brings to the command line */
export function configurationPage(services: readonly ServiceSettings[], importTable: SettingsTable): string {
  const own = services.map(({ service, table }) => [`## ${service}`, '', referenceOf(ownOf(table)), '']);
  return [
    '# Configuration',
    '',
    '<!-- Written by `npm run docs` from the settings tables of the services; test/docs.test.ts compares the two. -->',
    '',
    'All settings are environment variables. They are read once, at the start; every fault is named at once, and the process',
    'ends with code 1. An empty variable counts as not set. Units stand at the end of a name.',
    '',
    '## npm start',
    '',
    'What `npm start` reads for itself. Each service gets the rest of the environment, and of the secrets of Foldline those that the',
    'service reads; see [tokens](operating.md#tokens). Of brokers that are given `npm start` reads',
    `${securityNames} too, which stand at shopping-service; a broker that it starts has no login.`,
    '',
    ...tableOf(systemVariables),
    '',
    '## Both services',
    '',
    'The examples have these too. `npm start` sets `MONGODB_URI`, and for the shop `USER_SERVICE_URL` and `KAFKA_BROKERS` or',
    '`FEED_COLLECTIONS`, whichever its mode needs; `npm run example` sets `MONGODB_URI` and `KAFKA_BROKERS`. A service that is',
    'started alone must be told them.',
    '',
    referenceOf(commonSettings),
    '',
    ...own.flat(),
    '## npm run connect',
    '',
    `${securityNames} are those of shopping-service; none of them is an argument, which others could see.`,
    '',
    ...tableOf(connectVariables),
    '',
    '## npm run admin',
    '',
    'The address of a service is a setting that is named after the service: `MAILING_SERVICE_URL` for `mailing-service`. The setting wins',
    'over what a file says. See [which services](operating.md#which-services).',
    '',
    referenceOf({ ...addressSettings(servicesOfFolder()), ...adminSettings }),
    '',
    '### identities import and adopt',
    '',
    'They open the database of users themselves: `MONGODB_URI` and the other settings of both services hold for them as well.',
    '',
    referenceOf(ownOf(importTable)),
    '',
    '## docker compose',
    '',
    'What the [Compose file](compose.md) reads; everything else of a service goes into its `environment:`.',
    '',
    ...tableOf(composeVariables),
    '',
    '## What is not a setting',
    '',
    'The limits of the HTTP edge (bodies, headers, times) that are not listed here are constants in',
    '[shared/http/limits.ts](../shared/http/limits.ts), those of starting and ending servers stand at the top of the files in',
    '[system](../system).',
    '',
  ].join('\n');
}

const securityNames = Object.keys(kafkaSecuritySettings)
  .map((name) => `\`${name}\``)
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' and ');

/** An empty default is said in a word: a pair of empty back ticks is no code in Markdown. */
/** The addresses that package.json names, by service. The page is written, and compared, in the root of the repository. */
function servicesOfFolder(): Record<string, string> {
  const { foldline } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    foldline: { services: Record<string, { url: string }> };
  };
  return Object.fromEntries(Object.entries(foldline.services).map(([name, { url }]) => [name, url]));
}

function referenceOf(table: SettingsTable): string {
  return settingsReference(table).replaceAll('| `` |', '| empty |');
}

function ownOf(table: SettingsTable): SettingsTable {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !(name in commonSettings)));
}

function tableOf(rows: readonly Row[]): string[] {
  const lines = rows.map(([name, fallback, what]) => `| \`${name}\` | ${fallback} | ${what} |`);
  return ['| variable | default | what |', '|---|---|---|', ...lines];
}
