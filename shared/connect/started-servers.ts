// What `npm start` wrote down of its servers below DATA_DIR, as settings: a command beside a running system needs no exported addresses.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

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

/** Read only where the environment names no worker: the addresses of a start are taken together or not at all. */
export function startedServers(env: Environment): StartedServers {
  if (env.CONNECT_URL || env.KAFKA_BROKERS) return { file: undefined, env: {} };
  const file = join(env.DATA_DIR || '.foldline', 'services', 'servers.json');
  try {
    const found = settings.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return found.success ? { file, env: found.data } : { file: undefined, env: {} };
  } catch {
    return { file: undefined, env: {} };
  }
}
