// What `npm start` wrote down of its servers below DATA_DIR, as settings: a command beside a running system needs no exported addresses.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../engine/index.ts';
import { ConnectFailure } from './failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const address = z.string().min(1).optional();
const settings = z.strictObject({
  MONGODB_URI: address,
  KAFKA_BROKERS: address,
  CONNECT_URL: address,
  CONNECT_SECRETS_DIR: address,
});

export interface StartedServers {
  /** Undefined where no system runs that wrote one. */
  readonly file: string | undefined;
  readonly env: Environment;
}

const none: StartedServers = { file: undefined, env: {} };

/**
 * The addresses of a start are taken together or not at all: not where the environment names a server, and not of a start without
 * a worker, since a worker of others would be given the connectors then.
 *
 * @throws ConnectFailure `config-invalid` for a file that holds something else
 */
export function startedServers(env: Environment): StartedServers {
  if (env.CONNECT_URL || env.KAFKA_BROKERS || env.MONGODB_URI) return none;
  const file = join(env.DATA_DIR || '.foldline', 'services', 'servers.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(String(codeOf(cause)))) return none;
    throw unreadable(file, cause);
  }
  const found = settings.safeParse(parsed(text));
  if (!found.success) throw unreadable(file, found.error);
  return found.data.CONNECT_URL === undefined ? none : { file, env: found.data };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(file: string, cause: unknown): ConnectFailure {
  const message = `${file}, where npm start names its servers, cannot be read: start the system again, or set CONNECT_URL and KAFKA_BROKERS.`;
  return new ConnectFailure('config-invalid', message, { cause });
}
