// Takes connectors off the worker. Their topics and their offsets stay: a connector applied again goes on where it was, unless its
// topic is new by then.

import type { Limits } from './config.ts';
import type { ConnectRest } from './connect-rest.ts';
import { ConnectFailure } from './failure.ts';
import { pauseWhile } from './pause-while.ts';

interface Deleting {
  readonly rest: ConnectRest;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/** Deletes one and waits until the worker no longer shows it. False when it was not there. */
export async function deleteConnector(name: string, { rest, limits, signal }: Deleting): Promise<boolean> {
  const existed = await rest.remove(name);
  if (existed) await untilGone(name, rest, limits, signal);
  return existed;
}

async function untilGone(name: string, rest: ConnectRest, limits: Limits, signal?: AbortSignal): Promise<void> {
  const until = performance.now() + limits.retryForMs;
  while ((await rest.config(name)) !== undefined) {
    if (performance.now() > until) {
      throw new ConnectFailure(
        'worker-refused',
        `The worker took the deletion of ${name} and ${limits.retryForMs} ms later still shows it: is someone else deploying?`,
      );
    }
    await pauseWhile(`deleting ${name}`, limits.pollMs, signal);
  }
}
