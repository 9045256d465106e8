// The waits of a deployment, each within a bounded time and ended by the signal: until a connector is stopped, paused or resumed, until the
// worker shows a config and its tasks were told, and until connectors run. A FAILED connector is restarted once, since a task that died
// in an outage never comes back alone; failed again, it is given up at once.

import { backoffMs, pause } from '../running/index.ts';
import type { Limits } from './config.ts';
import type { Config } from './config-values.ts';
import type { ConnectRest } from './connect-rest.ts';
import { ConnectFailure } from './failure.ts';
import { type ConnectorHealth, isFailed, isPaused, readHealth } from './health.ts';
import { differences } from './reconcile.ts';
import type { TopicAdmin } from './topics.ts';

/** The worker, how long it is waited for, and until when. */
export interface AtWorker {
  readonly rest: ConnectRest;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/** The two servers that a deployment changes. */
export interface Targets {
  readonly rest: ConnectRest;
  readonly topics: TopicAdmin;
}

/** @throws ConnectFailure `aborted` that says what was being done, as soon as the signal is aborted */
export async function pauseWhile(doing: string, ms: number, signal: AbortSignal | undefined): Promise<void> {
  await pause(ms, signal);
  if (signal?.aborted) throw new ConnectFailure('aborted', `Stopped while ${doing}.`);
}

/** Until the worker says so of the connector and its tasks; a connector that is stopped has no task. @throws `not-healthy` */
export async function untilState(name: string, state: 'STOPPED' | 'PAUSED', at: AtWorker): Promise<void> {
  await until(`${name} to be ${state}`, at, async () => {
    const [health] = await readHealth(at.rest, [name]);
    const tasks = state === 'STOPPED' ? health?.tasks.length === 0 : health?.tasks.every((one) => one.state === state);
    return health?.state === state && tasks === true;
  });
}

/** Lets the connector go on, and returns when the worker no longer says that it is paused or stopped. @throws `not-healthy` */
export async function goOn(name: string, at: AtWorker): Promise<void> {
  await at.rest.resume(name);
  await until(`${name} to go on`, at, async () => {
    const [health] = await readHealth(at.rest, [name]);
    return health !== undefined && !isPaused(health);
  });
}

/** Deletes a connector and waits until the worker no longer shows it. False when it was not there. */
export async function deleteConnector(name: string, at: AtWorker): Promise<boolean> {
  const existed = await at.rest.remove(name);
  const stillShown = () =>
    new ConnectFailure(
      'worker-refused',
      `The worker took the deletion of ${name} and ${at.limits.retryForMs} ms later still shows it: is another program deploying at the same time?`,
    );
  if (existed) await until(`${name} to be deleted`, at, async () => !(await at.rest.config(name)), stillShown);
  return existed;
}

async function until(
  what: string,
  { rest, limits, signal }: AtWorker,
  done: () => Promise<boolean>,
  givenUp = () =>
    new ConnectFailure(
      'not-healthy',
      `Kafka Connect at ${rest.url} was waited for ${limits.retryForMs} ms for ${what}: look at the worker's log, or give it longer in CONNECT_RETRY_FOR_MS.`,
    ),
): Promise<void> {
  const untilMs = performance.now() + limits.retryForMs;
  while (!(await done())) {
    if (performance.now() > untilMs) throw givenUp();
    await pauseWhile(`waiting for ${what}`, limits.pollMs, signal);
  }
}

/**
 * PUT, then GET until the worker shows what was sent: an answer may be lost after the worker has stored the config, and a
 * worker that just came back may still show the one before.
 */
export async function putUntilEqual(name: string, wanted: Config, { rest, limits, signal }: AtWorker): Promise<void> {
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
  { rest, limits, signal }: AtWorker,
): Promise<void> {
  const until = performance.now() + limits.tasksToldWithinMs;
  const isOld = (config: Config) => differences(config, wanted, true).length > 0;
  while (performance.now() < until && (await rest.taskConfigs(name)).some(isOld)) {
    await pauseWhile(`applying ${name}`, limits.pollMs, signal);
  }
}

interface WaitOptions extends AtWorker {
  readonly names: readonly string[];
  /** How long all must have been running; 0 is content with one look. Default: the limits' `steadyMs`. */
  readonly steadyMs?: number;
  /** Whether to restart, once, what is FAILED; default true. */
  readonly restartFailed?: boolean;
  readonly onStep?: ((step: string) => void) | undefined;
}

/** @returns the health of each name when all run, none can change any more, or the time is up; it does not throw for a bad one. */
export async function waitUntilRunning(options: WaitOptions): Promise<ConnectorHealth[]> {
  const { rest, names, limits, signal, onStep, steadyMs = limits.steadyMs, restartFailed = true } = options;
  const until = performance.now() + limits.healthyWithinMs;
  const restarted = new Map<string, number>();
  const pausedSince = new Map<string, number>();
  let runningSince: number | undefined;
  for (;;) {
    const health = await readHealth(rest, names);
    const now = performance.now();
    for (const one of health) {
      if (!isPaused(one)) pausedSince.delete(one.name);
      else if (!pausedSince.has(one.name)) pausedSince.set(one.name, now);
    }
    if (health.every((one) => one.running)) {
      runningSince ??= now;
      if (now - runningSince >= steadyMs) return health;
    } else {
      runningSince = undefined;
      if (
        health.every(
          (one) => one.running || isFinal(one, pausedSince.get(one.name) ?? restarted.get(one.name), now, limits),
        )
      )
        return health;
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

/**
 * A state that waiting does not change: stopped by somebody, or failed again. The status is read from a topic, and a busy worker still says
 * STOPPED of a connector that was just resumed, and FAILED of one that was just restarted.
 */
function isFinal(
  health: ConnectorHealth,
  sinceMs: number | undefined,
  now: number,
  { steadyMs, pollMs }: Limits,
): boolean {
  if (!isPaused(health) && !isFailed(health)) return false;
  return sinceMs !== undefined && now - sinceMs > Math.max(steadyMs, pollMs) * 4;
}
