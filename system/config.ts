// The settings of the servers that this machine starts for itself, read once from the environment.
// The only file of the system that knows names of environment variables; everything else is handed its options.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type KafkaSecurity, kafkaSecurity, kafkaSecuritySettings, readSettings } from 'foldline/config';
import { SystemFailure } from './failure.ts';

/** What the environment says about the servers; paths are absolute, an absent or empty variable is undefined. */
export interface SystemSettings {
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly systemBinary: string | undefined;
  readonly javaHome: string | undefined;
  readonly mongodbUri: string | undefined;
  readonly kafkaBrokers: string | undefined;
  /** Login and TLS at those brokers; a broker that is started here has neither. */
  readonly kafkaSecurity: KafkaSecurity;
  readonly connectUrl: string | undefined;
  readonly host: string;
  /** 0: any free one. */
  readonly userServicePort: number;
  readonly shoppingServicePort: number;
  /** All of the environment, for the services, which read their own settings from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What a server or a JVM needs of its surroundings: where programs and libraries are, who runs it, its language and its time. */
const surroundings =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|JAVA_HOME|(JAVA_TOOL|JDK_JAVA)_OPTIONS)$/;

/** The environment of a server that is started here. A list of what it gets, so that no secret has to be thought of. */
export const serverEnvironment = (env: Environment = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => surroundings.test(name)));

/** The settings of Foldline's processes and command lines that are secrets, or may hold one. */
export const kafkaLogin = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const;
export const secretSettings = [
  'API_TOKENS',
  'USER_SERVICE_TOKEN',
  'ADMIN_TOKEN',
  'MONGODB_URI',
  ...kafkaLogin,
] as const;

export type SecretSetting = (typeof secretSettings)[number];

/**
 * The environment but for those of Foldline's secrets that are not wanted. For what a team runs its own way, by mirrors, proxies and
 * credentials of its own: its services, and the tools that fetch servers.
 */
export const withoutSecrets = (env: Environment = process.env, wanted: readonly SecretSetting[] = []) =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !secretSettings.some((secret) => secret === name && !wanted.includes(secret)),
    ),
  );

/**
 * Reads the settings of the servers.
 *
 * @param env the environment, `process.env` by default
 * @param rootDir the folder that a relative `DATA_DIR` (default `.foldline`) starts from
 */
export const systemSettings = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  rootDir: string = process.cwd(),
): SystemSettings => {
  const given = (name: string) => env[name]?.trim() || undefined;
  const kafkaBrokers = given('KAFKA_BROKERS');
  const cacheHome = given('XDG_CACHE_HOME') ?? join(homedir(), '.cache');
  return {
    dataDir: resolve(rootDir, given('DATA_DIR') ?? '.foldline'),
    cacheDir: resolve(cacheHome, 'foldline'),
    systemBinary: given('MONGOMS_SYSTEM_BINARY'),
    javaHome: given('JAVA_HOME'),
    mongodbUri: given('MONGODB_URI'),
    kafkaBrokers,
    kafkaSecurity: kafkaBrokers ? kafkaSecurity(readSettings(kafkaSecuritySettings, env), kafkaBrokers.split(',')) : {},
    connectUrl: given('CONNECT_URL'),
    host: given('HOST') ?? '127.0.0.1',
    userServicePort: port('USER_SERVICE_PORT', given('USER_SERVICE_PORT'), 3001),
    shoppingServicePort: port('SHOPPING_SERVICE_PORT', given('SHOPPING_SERVICE_PORT'), 3002),
    env,
  };
};

const port = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new SystemFailure(`${name} is "${text}": set it to a port from 0 (any free one) to 65535`);
};
