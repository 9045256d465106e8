// `delete` and `restart`: what is done to connectors by their names. A name that is not there fails, since it may be a typo.
import { agreed } from '../../terminal/index.ts';
import { deleteConnector } from '../carry-out.ts';
import type { ConnectRest } from '../connect-rest.ts';
import { refuseErrors } from '../connector-file.ts';
import { type Context, exitCodes, print, restOf, sourceOf, withPatience } from '../context.ts';
import { isConnectFailure } from '../failure.ts';
import { isFailed, readHealth } from '../health.ts';
import { type Applied, countOutcomes, type Outcome } from '../outcome.ts';
import { appliedAsText } from '../output.ts';
import { waitUntilRunning } from '../wait.ts';

interface DeleteFlags {
  readonly yes?: boolean | undefined;
}

export async function remove(names: readonly string[], { yes }: DeleteFlags, context: Context): Promise<number> {
  const question = `Delete ${names.join(', ')}? Topics and offsets stay.`;
  if (!(await agreed(question, yes, context))) return exitCodes.error;
  const { colors, config, signal } = context;
  const rest = restOf(context);
  const applied = await forEachName(names, rest, async (name) =>
    (await deleteConnector(name, { rest, limits: config.limits, signal })) ? 'deleted' : undefined,
  );
  const counts = countOutcomes(applied);
  print(context, { applied, counts }, appliedAsText(applied, [], counts, colors));
  return counts.failed > 0 ? exitCodes.error : exitCodes.ok;
}

interface RestartFlags {
  readonly onlyFailed?: boolean | undefined;
  /** Seconds that all may take to run. */
  readonly wait?: number | undefined;
}

/** @param given names of connectors; none: all of `connect/connectors` */
export async function restart(given: readonly string[], flags: RestartFlags, around: Context): Promise<number> {
  const context = withPatience(around, flags.wait);
  const names = given.length > 0 ? given : await allNames(context);
  const { stderr, colors, config, signal } = context;
  const rest = restOf(context);
  const before = await readHealth(rest, names);
  const applied = await forEachName(names, rest, async (name) => {
    const health = before.find((one) => one.name === name);
    if (health !== undefined && health.state !== 'ABSENT' && flags.onlyFailed && !isFailed(health)) return 'unchanged';
    stderr(`restarting connector ${name}`);
    return (await rest.restart(name, flags.onlyFailed ?? false)) ? 'restarted' : undefined;
  });
  const there = applied.filter((one) => one.outcome !== 'failed').map((one) => one.name);
  const { limits } = config;
  // What fails again now has had its restart.
  const health = await waitUntilRunning({ rest, names: there, limits, signal, restartFailed: false });
  const counts = countOutcomes(applied);
  print(context, { applied, connectors: health, counts }, appliedAsText(applied, health, counts, colors));
  if (counts.failed > 0) return exitCodes.error;
  return health.every((one) => one.running) ? exitCodes.ok : exitCodes.notHealthy;
}

export async function allNames(context: Context): Promise<string[]> {
  const { files, findings } = await sourceOf([], context);
  refuseErrors(findings.filter(({ rule }) => rule === 'file-shape'));
  return files.map(({ name }) => name);
}

/** @param work undefined says that there is no such connector */
export async function forEachName(
  names: readonly string[],
  rest: ConnectRest,
  work: (name: string) => Promise<Outcome | undefined>,
): Promise<Applied[]> {
  const done: Applied[] = [];
  for (const name of names) {
    try {
      const outcome = await work(name);
      const there = outcome === undefined ? [...(await rest.configs()).keys()].join(', ') || 'none' : '';
      const error = outcome === undefined ? `there is no connector ${name} at ${rest.url}; it has ${there}` : null;
      done.push({ kind: 'connector', name, outcome: outcome ?? 'failed', error });
    } catch (error) {
      if (!isConnectFailure(error) || error.code === 'aborted') throw error;
      done.push({ kind: 'connector', name, outcome: 'failed', error: error.message });
    }
  }
  return done;
}
