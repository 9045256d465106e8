// `stop`, `pause`, `resume`: stops, pauses or resumes connectors by their names, and returns when the worker has done so.
import { isBeginning } from '../begin-anew.ts';
import { type Context, exitCodes, print, restOf, withPatience } from '../context.ts';
import { ConnectFailure } from '../failure.ts';
import { countOutcomes } from '../outcome.ts';
import { appliedAsText } from '../output.ts';
import { goOn, type Standing, untilState } from '../position.ts';
import { waitUntilRunning } from '../wait.ts';
import { requireOffsets } from '../worker-version.ts';
import { forEachName } from './by-name.ts';

interface StandFlags {
  /** Seconds that all may take to run. */
  readonly wait?: number | undefined;
}

export async function stop(names: readonly string[], context: Context): Promise<number> {
  const at = standingIn(context);
  await requireOffsets(at.rest, 'the verb stop');
  return stands(names, 'stopped', context, at, async (name) => {
    if (!(await at.rest.stop(name))) return false;
    await untilState(name, 'STOPPED', at);
    return true;
  });
}

export async function pauseConnectors(names: readonly string[], context: Context): Promise<number> {
  const at = standingIn(context);
  return stands(names, 'paused', context, at, async (name) => {
    if (!(await at.rest.pause(name))) return false;
    await untilState(name, 'PAUSED', at);
    return true;
  });
}

export async function resume(names: readonly string[], { wait }: StandFlags, given: Context): Promise<number> {
  const context = withPatience(given, wait);
  const { colors } = context;
  const at = standingIn(context);
  const applied = await forEachName(names, at.rest, async (name) => {
    const config = await at.rest.config(name);
    if (config === undefined) return undefined;
    // Resumed now, it would go on from its old position.
    if (isBeginning(config))
      throw new ConnectFailure(
        'worker-refused',
        'a restart of its copy was interrupted; npm run connect -- apply finishes the restart',
      );
    await goOn(name, at);
    return 'resumed';
  });
  const there = applied.filter(({ outcome }) => outcome !== 'failed').map(({ name }) => name);
  const health = await waitUntilRunning({ ...at, names: there, restartFailed: false });
  const counts = countOutcomes(applied);
  print(context, { applied, connectors: health }, appliedAsText(applied, health, undefined, colors));
  if (counts.failed > 0) return exitCodes.error;
  return health.every((one) => one.running) ? exitCodes.ok : exitCodes.notHealthy;
}

export function standingIn(context: Context): Standing {
  return { rest: restOf(context), limits: context.config.limits, signal: context.signal };
}

/** @param work false says that there is no such connector */
async function stands(
  names: readonly string[],
  outcome: 'stopped' | 'paused',
  context: Context,
  { rest }: Standing,
  work: (name: string) => Promise<boolean>,
): Promise<number> {
  const applied = await forEachName(names, rest, async (name) => ((await work(name)) ? outcome : undefined));
  print(context, { applied }, appliedAsText(applied, [], undefined, context.colors));
  return applied.some((one) => one.outcome === 'failed') ? exitCodes.error : exitCodes.ok;
}
