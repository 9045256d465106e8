// What `npm start` wrote down of its servers below DATA_DIR, as settings: a command beside a running system needs no exported addresses.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, rootReasonOf } from '../engine/index.ts';
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

/** Of the command line. */
interface Options {
  readonly url?: string | undefined;
  readonly brokers?: string | undefined;
}

const none: StartedServers = { file: undefined, env: {} };

/**
 * Read only where neither options nor the environment name a worker or a broker: the addresses of a start are taken together or not at all.
 * @throws ConnectFailure `config-invalid` naming a file that cannot be read
 */
export function startedServers(env: Environment, { url, brokers }: Options = {}): StartedServers {
  if (url ?? brokers ?? (env.CONNECT_URL || env.KAFKA_BROKERS)) return none;
  const file = join(env.DATA_DIR || '.foldline', 'services', 'servers.json');
  try {
    return { file, env: settings.parse(JSON.parse(readFileSync(file, 'utf8'))) };
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return none;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : rootReasonOf(cause);
    const wayOut = 'start the system again, or set CONNECT_URL and KAFKA_BROKERS';
    throw new ConnectFailure('config-invalid', `${file} does not name servers (${reason}): ${wayOut}.`, { cause });
  }
}
