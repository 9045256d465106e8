// Puts a config on the worker, and returns once the worker shows it and its tasks were told.

import { backoffMs } from '../running/index.ts';
import type { Config } from './connect-rest.ts';
import { ConnectFailure } from './failure.ts';
import { pauseWhile } from './pause-while.ts';
import type { Standing } from './position.ts';
import { differences } from './reconcile.ts';

/**
 * PUT, then GET until the worker shows what was sent: an answer may be lost after the worker has stored the config, and a
 * worker that just came back may still show the one before.
 */
export async function putUntilEqual(name: string, wanted: Config, { rest, limits, signal }: Standing): Promise<void> {
  const until = performance.now() + limits.retryForMs;
  await rest.putConfig(name, wanted);
  for (let attempt = 1; ; attempt += 1) {
    const actual = await rest.config(name);
    const left = differences(actual ?? {}, wanted);
    if (left.length === 0) return;
    const waitMs = backoffMs({ initialMs: limits.pollMs, maxMs: limits.retryMaxMs }, attempt);
    if (performance.now() + waitMs > until) {
      throw new ConnectFailure(
        'worker-refused',
        `The worker took the config of ${name} and ${limits.retryForMs} ms later still shows another (${left.map(({ key }) => key).join(', ')}): is another program deploying at the same time?`,
      );
    }
    await pauseWhile(`applying ${name}`, waitMs, signal);
    // Someone else's PUT, or a compacted-away one: ours is to be the last.
    if (attempt % 10 === 0) await rest.putConfig(name, wanted);
  }
}

/**
 * Until the tasks were told the new config: before that the worker says RUNNING of those that still run with the one before. It
 * only waits; whether they run is asked afterwards.
 */
export async function untilTasksAreTold(
  name: string,
  wanted: Config,
  { rest, limits, signal }: Standing,
): Promise<void> {
  const until = performance.now() + limits.tasksToldWithinMs;
  const isOld = (config: Config) => differences(config, wanted, true).length > 0;
  while (performance.now() < until && (await rest.taskConfigs(name)).some(isOld)) {
    await pauseWhile(`applying ${name}`, limits.pollMs, signal);
  }
}
