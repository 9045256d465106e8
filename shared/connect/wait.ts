// Waiting until connectors run: each connector and every task RUNNING without a break for a moment, within a bounded time.
// A FAILED one is restarted once, since a task that died in an outage never comes back alone; failed again, it is given up at once.

import type { Limits } from './config.ts';
import type { ConnectRest } from './connect-rest.ts';
import { type ConnectorHealth, isFailed, isPaused, readHealth } from './health.ts';
import { pauseWhile } from './pause-while.ts';

interface WaitOptions {
  readonly rest: ConnectRest;
  readonly names: readonly string[];
  readonly limits: Limits;
  /** How long all must have been running; 0 is content with one look. Default: the limits' `steadyMs`. */
  readonly steadyMs?: number;
  /** Whether to restart, once, what is FAILED; default true. */
  readonly restartFailed?: boolean;
  readonly onStep?: ((step: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @returns the health of each name when all run, none can change any more, or the time is up; it does not throw for a bad one. */
export async function waitUntilRunning(options: WaitOptions): Promise<ConnectorHealth[]> {
  const { rest, names, limits, signal, onStep, steadyMs = limits.steadyMs, restartFailed = true } = options;
  const until = performance.now() + limits.healthyWithinMs;
  const restarted = new Map<string, number>();
  let runningSince: number | undefined;
  for (;;) {
    const health = await readHealth(rest, names);
    const now = performance.now();
    if (health.every((one) => one.running)) {
      runningSince ??= now;
      if (now - runningSince >= steadyMs) return health;
    } else {
      runningSince = undefined;
      if (health.every((one) => one.running || isFinal(one, restarted, now, limits))) return health;
      const failed = health.filter((each) => restartFailed && isFailed(each) && !restarted.has(each.name));
      for (const one of failed) {
        onStep?.(`${one.reason}; restarting it once`);
        await rest.restart(one.name, true);
        restarted.set(one.name, performance.now());
      }
    }
    if (now > until) return health;
    await pauseWhile(`waiting for ${names.join(', ')} to run`, limits.pollMs, signal);
  }
}

/** A state that waiting does not change: stopped by someone, or failed again after its restart had time to show. */
function isFinal(
  health: ConnectorHealth,
  restarted: ReadonlyMap<string, number>,
  now: number,
  limits: Limits,
): boolean {
  if (isPaused(health)) return true;
  const at = restarted.get(health.name);
  return isFailed(health) && at !== undefined && now - at > settleMs(limits);
}

/** After a restart was accepted the status still says FAILED until the worker has got round to it. */
function settleMs(limits: Limits): number {
  return Math.max(limits.steadyMs * 4, limits.pollMs * 4);
}
