// Carries changes out: topics first, then connectors, one after another, then waits until all of them run.
// Idempotent: each step sets a state and reads it back, so that an interrupted or repeated run ends in the same place.
// What fails is told and counted, and does not keep the others from being applied.
import { backoffMs, pause } from '@foldline/shared/engine';
import type { Limits } from './config.ts';
import type { ConnectRest } from './connect-rest.ts';
import { type ConnectorFile, renderFault, type TopicSpec } from './connector-file.ts';
import { ConnectFailure, isConnectFailure } from './failure.ts';
import type { ConnectorHealth } from './health.ts';
import { type Change, differences, wantedConfig } from './reconcile.ts';
import type { Targets } from './survey.ts';
import { validateWithWorker } from './validate.ts';
import { waitUntilRunning } from './wait.ts';

export type Outcome = 'created' | 'altered' | 'deleted' | 'unchanged' | 'failed';

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

/**
 * @throws `topic-mismatch` before anything is done when a change is refused; `aborted` when the signal ends it.
 * Everything else that fails is in the result.
 */
export async function applyChanges(options: ApplyOptions): Promise<ApplyResult> {
  const { files, changes, rest, limits, onStep, signal } = options;
  const refused = changes.filter((change) => change.action === 'refuse');
  if (refused.length > 0) throw new ConnectFailure('topic-mismatch', refused.map((change) => change.reason).join('\n'));

  const applied: Applied[] = [];
  for (const change of changes) {
    const file = files.find((one) => (change.kind === 'topic' ? one.topic.name : one.name) === change.name);
    if (file === undefined)
      throw new ConnectFailure('file-invalid', `No file stands behind ${change.kind} ${change.name}.`);
    const waitsFor = change.kind === 'connector' ? failedTopic(applied, file.topic) : undefined;
    applied.push(
      waitsFor === undefined
        ? await carryOut(change, file, options)
        : outcome(change, 'failed', `its topic ${waitsFor} could not be applied`),
    );
  }

  const names = applied.filter((one) => one.kind === 'connector' && one.outcome !== 'failed').map((one) => one.name);
  if (names.length === 0) return { applied, health: [] };
  const untouched = changes.every((change) => change.action === 'none');
  const health = await waitUntilRunning({ rest, names, limits, onStep, signal, ...(untouched ? { steadyMs: 0 } : {}) });
  return { applied, health };
}

function failedTopic(applied: readonly Applied[], topic: TopicSpec): string | undefined {
  return applied.find((one) => one.kind === 'topic' && one.name === topic.name && one.outcome === 'failed')?.name;
}

async function carryOut(change: Change, file: ConnectorFile, options: ApplyOptions): Promise<Applied> {
  if (change.action === 'none') return outcome(change, 'unchanged');
  options.onStep?.(`${change.action === 'create' ? 'creating' : 'altering'} ${change.kind} ${change.name}`);
  try {
    if (change.kind === 'connector') await applyConnector(file, options);
    else if (change.action === 'create') await options.topics.create(file.topic);
    else await options.topics.alter(file.topic.name, file.topic.config);
    return outcome(change, change.action === 'create' ? 'created' : 'altered');
  } catch (error) {
    if (!isConnectFailure(error) || error.code === 'aborted') throw error;
    return outcome(change, 'failed', error.message);
  }
}

function outcome({ kind, name }: Change, how: Outcome, error: string | null = null): Applied {
  return { kind, name, outcome: how, error };
}

async function applyConnector(file: ConnectorFile, { rest, limits, signal }: ApplyOptions): Promise<void> {
  const faults = await validateWithWorker(rest, file);
  if (faults.length > 0) {
    const told = faults.map(({ key, detail }) =>
      renderFault({ file: file.file, line: file.lineOf(['config', key]), key: `config.${key}`, detail }),
    );
    throw new ConnectFailure('worker-refused', told.join('\n'));
  }
  await putUntilEqual(rest, file, limits, signal);
}

/**
 * PUT, then GET until the worker shows what was sent: an answer may be lost after the worker has stored the config, and a
 * worker that just came back may still show the one before.
 */
async function putUntilEqual(
  rest: ConnectRest,
  file: ConnectorFile,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<void> {
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

export type Counts = Readonly<Record<Outcome, number>>;

export function countOutcomes(applied: readonly Applied[]): Counts {
  const count = (how: Outcome) => applied.filter((one) => one.outcome === how).length;
  return {
    created: count('created'),
    altered: count('altered'),
    deleted: count('deleted'),
    failed: count('failed'),
    unchanged: count('unchanged'),
  };
}
