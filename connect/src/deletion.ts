// Takes connectors off the worker. Their topics and their offsets stay: a connector applied again goes on where it was.
import { pause } from '@foldline/shared/engine';
import type { Applied } from './apply.ts';
import type { Limits } from './config.ts';
import type { ConnectRest } from './connect-rest.ts';
import { ConnectFailure, isConnectFailure } from './failure.ts';

/** Deletes each connector and waits until the worker no longer shows it. A name that is not there fails, since it may be a typo. */
export async function deleteConnectors(
  names: readonly string[],
  rest: ConnectRest,
  limits: Limits,
  signal?: AbortSignal,
): Promise<Applied[]> {
  const done: Applied[] = [];
  for (const name of names) {
    try {
      const existed = await rest.remove(name);
      if (existed) await untilGone(name, rest, limits, signal);
      const there = existed ? [] : [...(await rest.configs()).keys()];
      const error = existed
        ? null
        : `there is no connector ${name} at ${rest.url}; it has ${there.join(', ') || 'none'}`;
      done.push({ kind: 'connector', name, outcome: existed ? 'deleted' : 'failed', error });
    } catch (error) {
      if (!isConnectFailure(error) || error.code === 'aborted') throw error;
      done.push({ kind: 'connector', name, outcome: 'failed', error: error.message });
    }
  }
  return done;
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
    await pause(limits.pollMs, signal);
    if (signal?.aborted) throw new ConnectFailure('aborted', `Stopped while deleting ${name}.`);
  }
}
