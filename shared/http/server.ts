// Listens, and stops listening without cutting off callers who are being answered. Stopping ends within a bounded time: callers who are
// still connected then are cut off.
import closeWithGrace from 'close-with-grace';
import type { FastifyBaseLogger } from 'fastify';
import { httpUrlAt } from '../config/index.ts';
import type { HttpApp } from './http-app.ts';
import { assertSafeBinding } from './tokens.ts';

export interface ListenOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** After the last request was answered: closes what the routes used. */
  onClose?: () => Promise<void>;
  closeWithinMs?: number;
}

export interface HttpServer {
  url: string;
  port: number;
  /** Stops; the second call waits for the first. */
  close(): Promise<void>;
}

const closeWithinMsDefault = 10_000;

/** @throws Error in one sentence when the address is unsafe without tokens, taken, or not this machine's. */
export async function listen(app: HttpApp, options: ListenOptions): Promise<HttpServer> {
  const { host, port } = options;
  assertSafeBinding(host, app.apiTokens);
  try {
    await app.listen({ host, port, listenTextResolver: () => 'listening' });
  } catch (error) {
    await app.close();
    throw listenFailure(error, host, port);
  }
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  let closed: Promise<void> | undefined;
  return {
    url: httpUrlAt(host, bound),
    port: bound,
    close() {
      closed ??= closeWithin(app, options.closeWithinMs ?? closeWithinMsDefault).then(() => options.onClose?.());
      return closed;
    },
  };
}

function listenFailure(error: unknown, host: string, port: number): Error {
  const code = (error as { code?: unknown }).code;
  if (code === 'EADDRINUSE') {
    return new Error(`Port ${port} on ${host} is taken: choose another port, or 0 for any free one.`, { cause: error });
  }
  if (code === 'EACCES') {
    return new Error(`Port ${port} on ${host} is not allowed for this user: choose one above 1023.`, { cause: error });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Error(`HOST=${host} is no address of this machine: use 127.0.0.1 or one of its own.`, { cause: error });
  }
  return error instanceof Error ? error : new Error(`Listening on ${host}:${port} failed.`, { cause: error });
}

async function closeWithin(app: HttpApp, withinMs: number): Promise<void> {
  const timer = setTimeout(() => {
    app.log.warn(`requests still open after ${withinMs} ms are cut off`);
    app.server.closeAllConnections();
  }, withinMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Closes `handle` on SIGTERM, SIGINT and on an error nobody caught, then exits: 0, or 1 after an error or too long a
 * time. Belongs in the file a process starts with, never in a test. Returns how to take the handlers off again.
 */
export function stopOnSignals(
  handle: { close(): Promise<void> },
  options: { withinMs: number; logger: FastifyBaseLogger },
): () => void {
  const { uninstall } = closeWithGrace(
    { delay: options.withinMs, logger: options.logger, skip: ['beforeExit'] },
    async ({ signal, err }) => {
      if (err !== undefined) options.logger.fatal({ err }, 'an error was not caught anywhere; the process stops');
      else options.logger.info(`${signal}: stopping`);
      await handle.close();
    },
  );
  return uninstall;
}
