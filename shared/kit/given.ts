// What an application gives to a service that joins it, compared with the settings: a setting that would have no effect is refused by name.
import type { MongoClient } from 'mongodb';
import type { Registry } from 'prom-client';
import type { KafkaSecurity } from '../adapters/kafka/index.ts';
import { SettingsFault } from '../config/index.ts';
import type { Authorize } from '../http/index.ts';
import type { ServiceDeclaration } from './declaration.ts';
import type { ServiceLogger } from './parts.ts';

/** What an application has already. Each part is optional, and what is left out is made from the settings. */
export interface Given {
  /** By the names of the reference of settings, as text; `process.env` is not read. */
  readonly settings?: Readonly<Record<string, string | undefined>> | undefined;
  /** Of a replica set. Foldline sets its own concerns and types of values on what it uses, and leaves the client as it is. */
  readonly client?: MongoClient | undefined;
  /** In place of `KAFKA_BROKERS` and the settings for login and TLS, in the form that kafkajs has. */
  readonly kafka?: GivenKafka | undefined;
  /** Gets the series of the service, with the label `service`; not those of the process. */
  readonly registry?: Registry | undefined;
  /** Any logger that Fastify takes. */
  readonly logger?: ServiceLogger | undefined;
  /** In place of `API_TOKENS`. */
  readonly authorize?: Authorize | undefined;
}

export interface GivenKafka extends Pick<KafkaSecurity, 'ssl' | 'sasl'> {
  /** Each as host:port. */
  readonly brokers: readonly string[];
}

const ofTheServer = [
  'HOST',
  'TRUSTED_PROXIES',
  'HTTP_CONNECTIONS_MAX',
  'HTTP_CONNECTIONS_PER_ADDRESS_MAX',
  'HTTP_PROBE_CONNECTIONS_MAX',
];

/** The settings that a given part takes the place of. */
const replaced: Readonly<Record<Exclude<keyof Given, 'settings'>, readonly string[]>> = {
  client: ['MONGODB_URI', 'MONGODB_POOL_MAX', 'MONGODB_SELECTION_TIMEOUT_MS', 'MONGODB_SOCKET_TIMEOUT_MS'],
  kafka: [
    'KAFKA_BROKERS',
    'KAFKA_TLS',
    'KAFKA_TLS_CA_FILE',
    'KAFKA_SASL_MECHANISM',
    'KAFKA_SASL_USERNAME',
    'KAFKA_SASL_PASSWORD',
  ],
  registry: [],
  logger: ['LOG_LEVEL'],
  authorize: ['API_TOKENS'],
};

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'child'];

/** @throws SettingsFault naming each setting without effect; Error for a part of another shape, or that the service has no use for */
export function assertGiven(
  { name, settings: { port, table } }: Pick<ServiceDeclaration, 'name' | 'settings'>,
  given: Given,
): void {
  const known = ['settings', ...Object.keys(replaced)];
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new Error(`${name} is given ${unknown.join(', ')}, which is not known: there are ${known.join(', ')}.`);
  const isSet = (setting: string) => (given.settings?.[setting] ?? '') !== '';
  const faults = [port, ...ofTheServer]
    .filter(isSet)
    .map((setting) => `${setting} has no effect, because the application listens: leave it out of the settings.`);
  for (const [part, settings] of Object.entries(replaced)) {
    if (given[part as keyof Given] === undefined) continue;
    for (const setting of settings.filter(isSet))
      faults.push(`${setting} has no effect, because ${part} is given: leave one of the two out.`);
  }
  if (faults.length > 0) throw new SettingsFault(faults.join('\n'));
  if (given.kafka && !('KAFKA_BROKERS' in table))
    throw new Error(`${name} follows no topics: leave kafka out, or spread followingSettings into its settings.`);
  const missing = levels.filter((level) => typeof Object(given.logger)[level] !== 'function');
  if (given.logger && missing.length > 0)
    throw new Error(`The given logger has no ${missing.join(', ')}: give one that Fastify takes, for example of pino.`);
  if (given.authorize && typeof given.authorize !== 'function')
    throw new Error('authorize must be a function that returns a principal or null.');
}
