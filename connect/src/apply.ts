// Carries changes out: topics first, then connectors, one after another, then waits until all of them run.
// Idempotent: each step sets a state and reads it back, so that an interrupted or repeated run ends in the same place.
// What fails is told and counted, and does not keep the others from being applied.
import { backoffMs, pause } from '@foldline/shared/engine';
import type { Limits } from './config.ts';
import type { ConnectorFile } from './connector-file.ts';
import { deleteConnector } from './deletion.ts';
import { ConnectFailure, isConnectFailure } from './failure.ts';
import type { ConnectorHealth } from './health.ts';
import { type Change, differences, wantedConfig } from './reconcile.ts';
import type { Targets } from './survey.ts';
import { waitUntilRunning } from './wait.ts';

export type Outcome = 'created' | 'altered' | 'deleted' | 'restarted' | 'unchanged' | 'failed';

export interface Applied {
  readonly kind: Change['kind'];
  readonly name: string;
  readonly outcome: Outcome;
  /** One sentence for `failed`; null otherwise. */
  readonly error: string | null;
}

export interface ApplyResult {
  readonly applied: readonly Applied[];
  readonly health: readonly ConnectorHealth[];
}

export interface ApplyOptions extends Targets {
  readonly files: readonly ConnectorFile[];
  readonly changes: readonly Change[];
  readonly limits: Limits;
  readonly onStep?: ((step: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The changes must have been surveyed without errors. @throws `aborted` when the signal ends it; what else fails is in the result. */
export async function applyChanges(options: ApplyOptions): Promise<ApplyResult> {
  const { files, changes, rest, limits, onStep, signal } = options;
  const applied: Applied[] = [];
  for (const change of changes) applied.push(await carryOut(change, applied, options));

  const names = files.map(({ name }) => name).filter((name) => !failed(applied, 'connector', name));
  if (names.length === 0) return { applied, health: [] };
  const untouched = changes.every((change) => change.action === 'none');
  const { healthyWithinMs } = limits;
  const patience = {
    steadyMs: untouched || healthyWithinMs === 0 ? 0 : limits.steadyMs,
    restartFailed: healthyWithinMs > 0,
  };
  const health = await waitUntilRunning({ rest, names, limits, onStep, signal, ...patience });
  return { applied, health };
}

function failed(applied: readonly Applied[], kind: Change['kind'], name: string): boolean {
  return applied.some((one) => one.kind === kind && one.name === name && one.outcome === 'failed');
}

const doing = { create: 'creating', alter: 'altering', delete: 'deleting' } as const;
const done = { create: 'created', alter: 'altered', delete: 'deleted', none: 'unchanged' } as const;

async function carryOut(change: Change, before: readonly Applied[], options: ApplyOptions): Promise<Applied> {
  const { kind, name, action } = change;
  const file = options.files.find((one) => (kind === 'topic' ? one.topic.name : one.name) === name);
  if (kind === 'connector' && file !== undefined && failed(before, 'topic', file.topic.name))
    return outcome(change, 'failed', `its topic ${file.topic.name} could not be applied`);
  if (action === 'delete' && before.some((one) => one.outcome === 'failed'))
    return outcome(change, 'failed', 'it stays, because something before it failed');
  if (action === 'none') return outcome(change, 'unchanged');
  options.onStep?.(`${doing[action]} ${kind} ${name}`);
  try {
    if (action === 'delete') await deleteConnector(name, options);
    else if (file === undefined) throw new ConnectFailure('file-invalid', `No file stands behind ${kind} ${name}.`);
    else if (kind === 'connector') {
      await putUntilEqual(file, options);
      await untilTasksAreTold(file, options);
    } else if (action === 'create') await options.topics.create(file.topic);
    else {
      const reset = change.keys.filter(({ to }) => to === null).map(({ key }) => key);
      await options.topics.alter(name, file.topic.config, reset);
    }
    return outcome(change, done[action]);
  } catch (error) {
    if (!isConnectFailure(error) || error.code === 'aborted') throw error;
    return outcome(change, 'failed', error.message);
  }
}

function outcome({ kind, name }: Change, how: Outcome, error: string | null = null): Applied {
  return { kind, name, outcome: how, error };
}

/**
 * PUT, then GET until the worker shows what was sent: an answer may be lost after the worker has stored the config, and a
 * worker that just came back may still show the one before.
 */
async function putUntilEqual(file: ConnectorFile, { rest, limits, signal }: ApplyOptions): Promise<void> {
  const wanted = wantedConfig(file);
  const until = performance.now() + limits.retryForMs;
  await rest.putConfig(file.name, wanted);
  for (let attempt = 1; ; attempt += 1) {
    const actual = await rest.config(file.name);
    const left = differences(actual ?? {}, wanted);
    if (left.length === 0) return;
    const waitMs = backoffMs({ initialMs: limits.pollMs, maxMs: limits.retryMaxMs }, attempt);
    if (performance.now() + waitMs > until) {
      throw new ConnectFailure(
        'worker-refused',
        `The worker took the config of ${file.name} and ${limits.retryForMs} ms later still shows another (${left.map(({ key }) => key).join(', ')}): is someone else deploying?`,
      );
    }
    await pause(waitMs, signal);
    if (signal?.aborted) throw new ConnectFailure('aborted', `Stopped while applying ${file.name}.`);
    // Someone else's PUT, or a compacted-away one: ours is to be the last.
    if (attempt % 10 === 0) await rest.putConfig(file.name, wanted);
  }
}

/**
 * Until the tasks were told the new config: before that the worker says RUNNING of those that still run with the one before. It
 * only waits; whether they run is asked afterwards.
 */
async function untilTasksAreTold(file: ConnectorFile, { rest, limits, signal }: ApplyOptions): Promise<void> {
  const wanted = wantedConfig(file);
  const until = performance.now() + limits.tasksToldWithinMs;
  const isOld = (config: Readonly<Record<string, string>>) => differences(config, wanted, true).length > 0;
  while (performance.now() < until && (await rest.taskConfigs(file.name)).some(isOld)) {
    await pause(limits.pollMs, signal);
    if (signal?.aborted) throw new ConnectFailure('aborted', `Stopped while applying ${file.name}.`);
  }
}

export type Counts = Readonly<Record<Outcome, number>>;

export function countOutcomes(applied: readonly Applied[]): Counts {
  const count = (how: Outcome) => applied.filter((one) => one.outcome === how).length;
  return {
    created: count('created'),
    altered: count('altered'),
    deleted: count('deleted'),
    restarted: count('restarted'),
    failed: count('failed'),
    unchanged: count('unchanged'),
  };
}
