// Reads, as settings, the addresses that `npm start` wrote to DATA_DIR, so that a command beside a running system needs no exports.
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
  /** The file of the addresses; undefined when none were taken from a file. */
  readonly file: string | undefined;
  readonly env: Environment;
}

const none: StartedServers = { file: undefined, env: {} };

/**
 * The addresses of a start are taken together or not at all. None is taken if the environment names a server, or if the start has
 * no worker of its own: the connectors would then be deployed to somebody else's worker.
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
