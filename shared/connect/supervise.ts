// Keeps connectors running while a process lives: a task that loses MongoDB for 30 s fails for good, and Connect never restarts it.
// Looks at intervals, restarts what FAILED with growing pauses, makes topics again that are gone, heals connectors that are RUNNING and do not
// move on, and says what it does.

import { rootReasonOf } from '../engine/index.ts';
import { backoffMs, pause } from '../running/index.ts';
import { defaultLimits, type Limits } from './config.ts';
import { connectRest } from './connect-rest.ts';
import { type ConnectorHealth, isFailed, readHealth } from './health.ts';
import { careForFlow, type FlowCare, type FlowEvent } from './supervise-flow.ts';
import { careForTopics, type TopicCare, type TopicEvent } from './supervise-topics.ts';

export type SupervisionEvent =
  /** A FAILED connector or task is being restarted; `attempt` counts from 1 since it last ran for a while. */
  | { readonly type: 'restarting'; readonly name: string; readonly attempt: number; readonly reason: string }
  | { readonly type: 'recovered'; readonly name: string; readonly downMs: number }
  /** Told once, when the connector is first seen not running for another cause than a failure. */
  | { readonly type: 'not-running'; readonly name: string; readonly reason: string }
  /** Told once, when the worker stops answering, and again when it answers. */
  | { readonly type: 'worker-unreachable'; readonly reason: string }
  | { readonly type: 'worker-reachable'; readonly downMs: number }
  | TopicEvent
  | FlowEvent;

export interface SupervisionOptions {
  readonly connectUrl: string;
  readonly names: readonly string[];
  /** Between two looks, in milliseconds. */
  readonly intervalMs: number;
  /** The longest pause between two restarts of the same connector. Default 30,000. */
  readonly restartMaxMs?: number;
  /** Whose topics are looked after; left out: nobody's. */
  readonly topics?: TopicCare | undefined;
  /** Which connectors are watched for moving on; left out: none. */
  readonly flow?: FlowCare | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: SupervisionEvent) => void) | undefined;
  readonly limits?: Limits | undefined;
}

interface Supervision {
  /** Ends the loop and resolves when nothing is under way any more. */
  close(): Promise<void>;
}

interface Trouble {
  sinceMs: number;
  attempts: number;
  /** Not restarted again before this time. */
  nextAtMs: number;
  told: boolean;
  /** Set while it runs again; it counts as healed only after a while, so that a task that fails at every start is not restarted without pause. */
  runningSinceMs?: number | undefined;
}

/** Starts the loop; it ends with `close()` or with the signal, and never throws. */
export function superviseConnectors(options: SupervisionOptions): Supervision {
  const { names, intervalMs, restartMaxMs = 30_000, onEvent, limits = defaultLimits } = options;
  const ending = new AbortController();
  const signal = options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal]);
  // One try for each look: the next look is the next try.
  const patience: Limits = { ...limits, retryForMs: Math.max(1, Math.min(intervalMs, 1_000)), serverErrorTries: 1 };
  const rest = connectRest({ url: options.connectUrl, limits: patience, signal });
  const troubles = new Map<string, Trouble>();
  // Restarts and beginnings get the whole patience: one that is given up half-way would leave a connector standing.
  const patientRest = connectRest({ url: options.connectUrl, limits, signal });
  const patiently = { rest: patientRest, limits, signal };
  const tell = (event: SupervisionEvent) => onEvent?.(event);
  const topics = options.topics && careForTopics(options.topics, patiently, tell);
  const flow = options.flow && careForFlow(options.flow, patiently, tell);
  let unreachableSinceMs: number | undefined;

  async function look(): Promise<void> {
    try {
      const health = await readHealth(rest, names);
      if (unreachableSinceMs !== undefined)
        onEvent?.({ type: 'worker-reachable', downMs: Math.round(performance.now() - unreachableSinceMs) });
      unreachableSinceMs = undefined;
      for (const one of health) await tend(one);
      await topics?.look(health);
      await flow?.look(health);
    } catch (error) {
      if (signal.aborted || unreachableSinceMs !== undefined) return;
      unreachableSinceMs = performance.now();
      onEvent?.({ type: 'worker-unreachable', reason: rootReasonOf(error) });
    }
  }

  async function tend(health: ConnectorHealth): Promise<void> {
    const { name, running, state, reason } = health;
    const nowMs = performance.now();
    const known = troubles.get(name);
    if (running) {
      if (known !== undefined) recover(name, known, nowMs);
      return;
    }
    const trouble = known ?? { sinceMs: nowMs, attempts: 0, nextAtMs: nowMs, told: false };
    if (trouble.runningSinceMs !== undefined)
      Object.assign(trouble, { sinceMs: nowMs, told: false, runningSinceMs: undefined });
    troubles.set(name, trouble);
    const why = reason ?? state;
    if (isFailed(health)) {
      if (nowMs < trouble.nextAtMs) return;
      trouble.attempts += 1;
      trouble.nextAtMs = nowMs + backoffMs({ initialMs: intervalMs, maxMs: restartMaxMs }, trouble.attempts);
      trouble.told = true;
      onEvent?.({ type: 'restarting', name, attempt: trouble.attempts, reason: why });
      await rest.restart(name, true);
    } else if (!trouble.told && nowMs > trouble.sinceMs) {
      // Seen so twice: a rebalance in between is no news.
      trouble.told = true;
      onEvent?.({ type: 'not-running', name, reason: why });
    }
  }

  function recover(name: string, trouble: Trouble, nowMs: number): void {
    if (trouble.runningSinceMs === undefined && trouble.told) {
      onEvent?.({ type: 'recovered', name, downMs: Math.round(nowMs - trouble.sinceMs) });
    }
    trouble.runningSinceMs ??= nowMs;
    if (nowMs - trouble.runningSinceMs > restartMaxMs) troubles.delete(name);
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      await look();
      await pause(intervalMs, signal);
    }
  }

  const ended = loop();
  return {
    async close() {
      ending.abort();
      await ended;
      await topics?.close();
    },
  };
}
