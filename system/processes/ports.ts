// Ports on loopback that stay the same between starts as long as nobody else took them.
// Chosen below the range that the kernel hands to outgoing connections: a client that redials a dead server on such a port
// can be given that very port and then talks to itself.

import { randomInt } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { codeOf } from 'foldline/engine';
import { SystemFailure } from '../failure.ts';

const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 29_999;
const TRIES = 200;

/** Whether the port can be listened on at 127.0.0.1 now. */
export const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

/**
 * A free port on 127.0.0.1 from 20000 to 29999, at random so that two starts at once seldom meet.
 *
 * @throws SystemFailure when 200 tries found none
 */
export const freePort = async (isFree = isPortFree): Promise<number> => {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
    if (await isFree(port)) return port;
  }
  throw new SystemFailure(`no free port between ${LOWEST_PORT} and ${HIGHEST_PORT} was found on 127.0.0.1`);
};

/** Which port to take: `given` (0 or undefined: any), else the one remembered in `file`, else a free one, then remembered. */
interface PortChoice {
  readonly what: string;
  readonly file: string;
  readonly given?: number | undefined;
}

/**
 * Chooses a port and remembers it in the file for the next start.
 *
 * @throws SystemFailure when the given port is taken
 */
export const choosePort = async ({ what, file, given }: PortChoice, isFree = isPortFree): Promise<number> => {
  if (given) {
    if (await isFree(given)) return remember(file, given);
    throw new SystemFailure(`port ${given} for ${what} is taken: end what listens there, or choose another port`);
  }
  const remembered = await readPort(file);
  if (remembered !== null && (await isFree(remembered))) return remembered;
  return remember(file, await freePort(isFree));
};

const remember = async (file: string, port: number): Promise<number> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.tmp`, `${port}\n`);
  await rename(`${file}.tmp`, file);
  return port;
};

const readPort = async (file: string): Promise<number | null> => {
  try {
    const port = Number(await readFile(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
};
