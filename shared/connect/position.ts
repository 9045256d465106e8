// The offsets of a connector, which Kafka Connect keeps under the connector's name, also after the connector was deleted. Offsets are shown
// and reset; no code here reads a resume token.

import { backoffMs } from '../running/index.ts';
import type { Limits } from './config.ts';
import type { ConnectorOffset, ConnectRest } from './connect-rest.ts';
import type { ConnectorFile } from './connector-file.ts';
import { ConnectFailure, isConnectFailure } from './failure.ts';
import { readHealth } from './health.ts';
import { pauseWhile } from './pause-while.ts';

export interface Standing {
  readonly rest: ConnectRest;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/** The offsets from which the connector of this config would go on: those of its `offset.partition.name`, where it has one. */
export function positionIn(
  offsets: readonly ConnectorOffset[],
  { config }: Pick<ConnectorFile, 'config'>,
): readonly ConnectorOffset[] {
  const name = config['offset.partition.name'];
  const kept = offsets.filter(({ offset }) => offset !== null);
  return name === undefined ? kept : kept.filter(({ partition }) => Object.values(partition).includes(name));
}

/** While a connector copies a collection, the MongoDB connector marks each offset so. */
export function isCopying(offsets: readonly ConnectorOffset[]): boolean {
  return offsets.some(({ offset }) => offset !== null && String(offset.copy) === 'true');
}

type StillState = 'STOPPED' | 'PAUSED';

/** Until the worker says so of the connector and its tasks; a connector that is stopped has no task. @throws `not-healthy` */
export async function untilState(name: string, state: StillState, at: Standing): Promise<void> {
  await until(`${name} to be ${state}`, at, async () => {
    const [health] = await readHealth(at.rest, [name]);
    const tasks = state === 'STOPPED' ? health?.tasks.length === 0 : health?.tasks.every((one) => one.state === state);
    return health?.state === state && tasks === true;
  });
}

/** Until the worker no longer says that the connector is paused or stopped. @throws `not-healthy` */
async function untilResumed(name: string, at: Standing): Promise<void> {
  await until(`${name} to go on`, at, async () => {
    const [health] = await readHealth(at.rest, [name]);
    return health?.state !== 'STOPPED' && health?.state !== 'PAUSED';
  });
}

async function until(what: string, { rest, limits, signal }: Standing, done: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + limits.retryForMs;
  while (!(await done())) {
    if (performance.now() > untilMs)
      throw new ConnectFailure(
        'not-healthy',
        `Kafka Connect at ${rest.url} was waited for ${limits.retryForMs} ms for ${what}: look at the worker's log, or give it longer in CONNECT_RETRY_FOR_MS.`,
      );
    await pauseWhile(`waiting for ${what}`, limits.pollMs, signal);
  }
}

/** Forgets the offsets of a connector that is STOPPED. A worker that has not ended its tasks yet refuses, and is asked again. */
export async function resetOffsets(name: string, { rest, limits, signal }: Standing): Promise<void> {
  const untilMs = performance.now() + limits.retryForMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rest.resetOffsets(name);
      return;
    } catch (error) {
      const waitMs = backoffMs({ initialMs: limits.retryInitialMs, maxMs: limits.retryMaxMs }, attempt);
      if (!isConnectFailure(error, 'worker-refused') || performance.now() + waitMs > untilMs) throw error;
      const [health] = await readHealth(rest, [name]);
      // A connector that somebody resumed meanwhile is not going to be STOPPED by itself.
      if (health?.state !== 'STOPPED') throw error;
      await pauseWhile(`resetting the offsets of ${name}`, waitMs, signal);
    }
  }
}

/** Lets the connector go on, and returns when the worker has taken that up. */
export async function goOn(name: string, at: Standing): Promise<void> {
  await at.rest.resume(name);
  await untilResumed(name, at);
}
