// The verbs that take names of connectors: `delete`, `restart`, `stop`, `pause`, `resume`, `offsets show` and `offsets reset`. Each returns
// when the worker has done so. A name that is not there fails, since it may be a typo.
import { agreed } from '../../terminal/index.ts';
import { type Applied, countOutcomes, type Outcome, stoppedAfter } from '../apply.ts';
import { isBeginning, isCopying, resetOffsets } from '../begin-anew.ts';
import { copiesExisting } from '../collection-counts.ts';
import type { ConnectRest } from '../connect-rest.ts';
import { refuseErrors } from '../connector-file.ts';
import {
  atWorker,
  type Context,
  codeOf,
  exitCodes,
  type Flags,
  forALook,
  print,
  sourceOf,
  withPatience,
} from '../context.ts';
import { ConnectFailure, failureOf, isConnectFailure } from '../failure.ts';
import { type ConnectorHealth, isFailed, readHealth } from '../health.ts';
import { appliedAsText } from '../output.ts';
import { deleteConnector, goOn, untilState, waitUntilRunning } from '../wait.ts';
import { requireOffsets } from '../worker-version.ts';

type Names = readonly string[];

interface RestartFlags extends Flags {
  readonly onlyFailed?: boolean | undefined;
}

export async function remove(names: Names, context: Context, { yes }: Flags): Promise<number> {
  const question = `Delete ${names.join(', ')}? Topics and offsets stay.`;
  if (!(await agreed(question, yes, context))) return exitCodes.error;
  const at = atWorker(context);
  const applied = await forEachName(names, at.rest, async (name) =>
    (await deleteConnector(name, at)) ? 'deleted' : undefined,
  );
  return told(applied, { isCounted: true }, context);
}

/** @param given names of connectors; none: all of `connect/connectors` */
export async function restart(
  given: Names,
  around: Context,
  { wait, onlyFailed = false }: RestartFlags,
): Promise<number> {
  const context = withPatience(around, wait);
  const names = given.length > 0 ? given : await allNames(context);
  const at = atWorker(context);
  const before = await readHealth(at.rest, names);
  const applied = await forEachName(names, at.rest, async (name) => {
    const health = before.find((one) => one.name === name);
    if (health !== undefined && health.state !== 'ABSENT' && onlyFailed && !isFailed(health)) return 'unchanged';
    context.stderr(`restarting connector ${name}`);
    return (await at.rest.restart(name, onlyFailed)) ? 'restarted' : undefined;
  });
  return told(applied, { health: await healthOfDone(applied, context), isCounted: true }, context);
}

/** Stops or pauses connectors. */
export const halt =
  (verb: 'stop' | 'pause') =>
  async (names: Names, context: Context): Promise<number> => {
    const [outcome, state] = verb === 'stop' ? (['stopped', 'STOPPED'] as const) : (['paused', 'PAUSED'] as const);
    const at = atWorker(context);
    if (verb === 'stop') await requireOffsets(at.rest, 'the verb stop');
    const applied = await forEachName(names, at.rest, async (name) => {
      if (!(await at.rest[verb](name))) return undefined;
      await untilState(name, state, at);
      return outcome;
    });
    return told(applied, {}, context);
  };

export async function resume(names: Names, given: Context, { wait }: Flags): Promise<number> {
  const context = withPatience(given, wait);
  const at = atWorker(context);
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
  return told(applied, { health: await healthOfDone(applied, context) }, context);
}

/** What fails again now has had its restart. */
async function healthOfDone(applied: readonly Applied[], context: Context): Promise<ConnectorHealth[]> {
  const names = applied.filter(({ outcome }) => outcome !== 'failed').map(({ name }) => name);
  try {
    return await waitUntilRunning({ ...atWorker(context), names, restartFailed: false });
  } catch (error) {
    throw stoppedAfter(applied, error);
  }
}

interface Besides {
  readonly health?: readonly ConnectorHealth[];
  readonly isCounted?: boolean;
}

/** Prints what became of each connector. @returns the exit code for it */
function told(applied: readonly Applied[], { health, isCounted }: Besides, context: Context): number {
  const counts = isCounted ? countOutcomes(applied) : undefined;
  // JSON leaves out what is undefined.
  const data = { applied, connectors: health, counts };
  print(context, data, appliedAsText(applied, health ?? [], counts, context.colors));
  return codeOf(applied, health);
}

async function allNames(context: Context): Promise<string[]> {
  const { files, findings } = await sourceOf([], context);
  refuseErrors(findings.filter(({ rule }) => rule === 'file-shape'));
  return files.map(({ name }) => name);
}

/** @param work undefined says that there is no such connector */
async function forEachName(
  names: Names,
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
      if (isConnectFailure(error, 'aborted')) throw stoppedAfter(done, error);
      done.push({ kind: 'connector', name, outcome: 'failed', error: failureOf(error).message });
    }
  }
  return done;
}

/** @param given names of connectors; none: all of `connect/connectors` */
export async function showOffsets(given: Names, around: Context): Promise<number> {
  const context = forALook(around);
  const { rest } = atWorker(context);
  await requireOffsets(rest, 'the verb offsets');
  const names = given.length > 0 ? given : await allNames(context);
  const shown = [];
  for (const name of names) {
    const offsets = await rest.offsets(name);
    shown.push({ name, exists: offsets !== undefined, copying: isCopying(offsets ?? []), offsets: offsets ?? [] });
  }
  const lines = shown.flatMap(({ name, exists, copying, offsets }) => {
    if (!exists) return [context.colors.red(`${name}: there is no such connector`)];
    if (offsets.length === 0) return [`${name}: no position; it begins at its beginning`];
    return offsets.map(({ partition, offset }) => {
      const state = copying ? ' (it is copying)' : '';
      return `${name}: ${JSON.stringify(partition)} at ${JSON.stringify(offset)}${state}`;
    });
  });
  print(context, { connectors: shown }, lines);
  return shown.every(({ exists }) => exists) ? exitCodes.ok : exitCodes.error;
}

export async function reset(names: Names, context: Context, { yes }: Flags): Promise<number> {
  const at = atWorker(context);
  await requireOffsets(at.rest, 'the verb offsets');
  const question = `Reset the offsets of ${names.join(', ')}? A resumed connector copies its whole collection again.`;
  if (!(await agreed(question, yes, context))) return exitCodes.error;
  const applied = await forEachName(names, at.rest, async (name) => {
    const [health] = await readHealth(at.rest, [name]);
    if (health === undefined || health.state === 'ABSENT') return undefined;
    if (health.state !== 'STOPPED')
      throw new ConnectFailure(
        'worker-refused',
        `it is ${health.state}, and only the offsets of a connector that is STOPPED can be reset: npm run connect -- stop ${name}`,
      );
    const config = (await at.rest.config(name)) ?? {};
    if (!copiesExisting({ config }))
      throw new ConnectFailure(
        'worker-refused',
        `its startup.mode is ${config['startup.mode'] ?? 'latest'}: without its position it would leave out everything that was stored since it was stopped. Write "startup.mode": "copy_existing" into its file, and apply it`,
      );
    await resetOffsets(name, at);
    return 'reset';
  });
  return told(applied, {}, context);
}
