// Carries changes out: topics first, then connectors, one after another, then waits until all of them run.
// Idempotent: each step sets a state and reads it back, so that an interrupted or repeated run ends in the same place.
// What fails is told and counted, and does not keep the others from being applied.
import { type ApplyOptions, carryOut, stopThoseToRefill } from './carry-out.ts';
import { filesThatCarry } from './connector-file.ts';
import { type ConnectorHealth, isPaused, readHealth } from './health.ts';
import { supportTopicsOf } from './needed-topics.ts';
import { type Applied, failed } from './outcome.ts';
import { waitUntilRunning } from './wait.ts';

export interface ApplyResult {
  readonly applied: readonly Applied[];
  readonly health: readonly ConnectorHealth[];
}

/** The changes must have been surveyed without errors. @throws `aborted` when the signal ends it; what else fails is in the result. */
export async function applyChanges(options: ApplyOptions): Promise<ApplyResult> {
  const { files, changes, rest, limits, onStep, signal } = options;
  const applied: Applied[] = [];
  await stopThoseToRefill(options);
  for (const change of changes) applied.push(await carryOut(change, applied, options));
  await restartThoseThatStoodStill(applied, options);

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

/** A connector stands still while a topic is missing that it sends to. It was not touched so far, and goes on with a new start. */
async function restartThoseThatStoodStill(applied: Applied[], { files, rest, onStep }: ApplyOptions): Promise<void> {
  const made = (name: string) =>
    applied.some((one) => one.kind === 'topic' && one.name === name && one.outcome === 'created');
  const waiting = new Set(
    supportTopicsOf(filesThatCarry(files)).flatMap(({ name, neededBy }) => (made(name) ? neededBy : [])),
  );
  const untouched = applied.filter(
    ({ kind, name, outcome }) => kind === 'connector' && outcome === 'unchanged' && waiting.has(name),
  );
  if (untouched.length === 0) return;
  const health = await readHealth(
    rest,
    untouched.map(({ name }) => name),
  );
  for (const { name } of health.filter((one) => !isPaused(one))) {
    onStep?.(`restarting connector ${name}, which had stopped without its topic`);
    await rest.restart(name, false);
    const at = applied.findIndex((one) => one.kind === 'connector' && one.name === name);
    applied[at] = { kind: 'connector', name, outcome: 'restarted', error: null };
  }
}
