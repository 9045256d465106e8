// Carries changes out: topics first, then connectors, one after another, then waits until all of them run.
// Idempotent: each step sets a state and reads it back, so that an interrupted or repeated run ends in the same place.
// A change that fails is told and counted, and the others are applied all the same. Deletions are asked for by name.
import { beginAnew, beginOnNewTopic, isBeginning, positionIn, stopToBegin } from './begin-anew.ts';
import { copiesExisting } from './collection-counts.ts';
import { type ConnectorFile, carries, filesThatCarry, type PlainFile } from './connector-file.ts';
import { ConnectFailure, failureOf, isConnectFailure } from './failure.ts';
import { type ConnectorHealth, isPaused, readHealth } from './health.ts';
import { neededTopicsOf, supportTopicsOf } from './needed-topics.ts';
import { type Change, wantedConfig } from './reconcile.ts';
import {
  type AtWorker,
  deleteConnector,
  putUntilEqual,
  type Targets,
  untilTasksAreTold,
  waitUntilRunning,
} from './wait.ts';
import { knowsOffsets, makesStopped } from './worker-version.ts';

/** The outcomes that are counted, in the order in which they are told. */
const counted = ['created', 'altered', 'deleted', 'restarted', 'refilled', 'failed', 'unchanged'] as const;
type Counted = (typeof counted)[number];
export type Outcome = Counted | 'stopped' | 'paused' | 'resumed' | 'reset';

export interface Applied {
  readonly kind: Change['kind'];
  readonly name: string;
  readonly outcome: Outcome;
  /** One sentence for `failed`; null otherwise. */
  readonly error: string | null;
}

function failed(applied: readonly Applied[], kind: Change['kind'], name: string): boolean {
  return applied.some((one) => one.kind === kind && one.name === name && one.outcome === 'failed');
}

export type Counts = Readonly<Record<Counted, number>>;

export function countOutcomes(applied: readonly Applied[]): Counts {
  const entries = counted.map((outcome) => [outcome, applied.filter((one) => one.outcome === outcome).length]);
  return Object.fromEntries(entries) as Counts;
}

interface ApplyOptions extends AtWorker, Targets {
  readonly files: readonly PlainFile[];
  readonly changes: readonly Change[];
  readonly onStep?: ((step: string) => void) | undefined;
}

export interface ApplyResult {
  readonly applied: readonly Applied[];
  readonly health: readonly ConnectorHealth[];
}

/** The end by a signal, with what was done before it; any other error as it is. */
export function stoppedAfter(applied: readonly Applied[], error: unknown): unknown {
  if (!isConnectFailure(error, 'aborted')) return error;
  const done = applied.filter(({ outcome }) => outcome !== 'unchanged');
  const told = done.map(({ kind, name, outcome }) => `${outcome} ${kind} ${name}`).join(', ') || 'nothing';
  const message = `${error.message} Done before: ${told}. The same command goes on with the rest.`;
  return new ConnectFailure('aborted', message, { cause: error });
}

/**
 * The changes must have been surveyed without errors. What fails is in the result.
 * @throws `aborted` naming what was done when the signal ends it
 */
export async function applyChanges(options: ApplyOptions): Promise<ApplyResult> {
  const applied: Applied[] = [];
  try {
    await stopThoseToRefill(options);
    for (const change of options.changes) applied.push(await carryOut(change, applied, options));
    await restartThoseThatStoodStill(applied, options);
    return { applied, health: await healthOfApplied(applied, options) };
  } catch (error) {
    throw stoppedAfter(applied, error);
  }
}

async function healthOfApplied(applied: readonly Applied[], options: ApplyOptions): Promise<ConnectorHealth[]> {
  const { files, changes, limits } = options;
  const names = files.map(({ name }) => name).filter((name) => !failed(applied, 'connector', name));
  if (names.length === 0) return [];
  const untouched = changes.every((change) => change.action === 'none');
  const { healthyWithinMs } = limits;
  return waitUntilRunning({
    ...options,
    names,
    steadyMs: untouched || healthyWithinMs === 0 ? 0 : limits.steadyMs,
    restartFailed: healthyWithinMs > 0,
  });
}

/** A connector stands still while a topic is missing that it sends to. It was not touched so far, and goes on with a new start. */
async function restartThoseThatStoodStill(applied: Applied[], { files, rest, onStep }: ApplyOptions): Promise<void> {
  const made = (name: string) =>
    applied.some((one) => one.kind === 'topic' && one.name === name && one.outcome === 'created');
  const waiting = supportTopicsOf(filesThatCarry(files)).flatMap(({ name, neededBy }) => (made(name) ? neededBy : []));
  const untouched = applied
    .filter(({ kind, name, outcome }) => kind === 'connector' && outcome === 'unchanged' && waiting.includes(name))
    .map(({ name }) => name);
  if (untouched.length === 0) return;
  for (const { name } of (await readHealth(rest, untouched)).filter((one) => !isPaused(one))) {
    onStep?.(`restarting connector ${name}, which had stopped without its topic`);
    await rest.restart(name, false);
    const at = applied.findIndex((one) => one.kind === 'connector' && one.name === name);
    applied[at] = { kind: 'connector', name, outcome: 'restarted', error: null };
  }
}

const doing = { create: 'creating', alter: 'altering', delete: 'deleting', refill: 'refilling' } as const;
const done = {
  create: 'created',
  alter: 'altered',
  delete: 'deleted',
  refill: 'refilled',
  none: 'unchanged',
} as const;

/** Before a topic is made anew, so that nothing comes into it from an old position. @throws what kept one from stopping; nothing is changed yet */
async function stopThoseToRefill(options: ApplyOptions): Promise<void> {
  const names = options.changes.filter(({ action }) => action === 'refill').map(({ name }) => name);
  for (const file of options.files.filter(({ name }) => names.includes(name))) {
    options.onStep?.(`stopping connector ${file.name}`);
    await stopToBegin(file, options);
  }
}

async function carryOut(change: Change, before: readonly Applied[], options: ApplyOptions): Promise<Applied> {
  const { kind, name, action } = change;
  const file = options.files.find((one) => kind === 'connector' && one.name === name);
  if (file !== undefined && carries(file) && failed(before, 'topic', file.topic.name))
    return outcome(change, 'failed', `its topic ${file.topic.name} could not be applied`);
  if (action === 'delete' && before.some((one) => one.outcome === 'failed'))
    return outcome(change, 'failed', 'it stays, because something before it failed');
  if (action === 'none') return outcome(change, 'unchanged');
  options.onStep?.(`${doing[action]} ${kind} ${name}`);
  try {
    if (action === 'delete') await deleteConnector(name, options);
    else if (kind === 'topic') await applyTopic(change, options);
    else if (file === undefined) throw new ConnectFailure('file-invalid', `No file describes connector ${name}.`);
    else if (action === 'refill') await beginAnew(file, options);
    else await applyConnector(file, action, options);
    return outcome(change, done[action]);
  } catch (error) {
    return outcome(change, 'failed', failureOf(error).message);
  }
}

async function applyTopic({ name, action, keys }: Change, { files, topics }: ApplyOptions): Promise<void> {
  const spec = neededTopicsOf(filesThatCarry(files)).find((one) => one.name === name);
  if (spec === undefined) throw new ConnectFailure('file-invalid', `No file needs topic ${name}.`);
  if (action === 'create') return topics.create(spec);
  const reset = keys.filter(({ to }) => to === null).map(({ key }) => key);
  await topics.alter(name, spec.config, reset);
}

async function applyConnector(file: PlainFile, action: 'create' | 'alter', options: ApplyOptions): Promise<void> {
  const { rest, onStep } = options;
  const { name } = file;
  if (action === 'alter' && isBeginning(await rest.config(name))) return beginAnew(file, options);
  // One that copies nothing goes on from its position: a beginning would leave out what came since.
  const isNew = action === 'create' && carries(file) && copiesExisting(file) && (await hasNewTopic(file, options));
  const begins = `connector ${name} had a position of an earlier time; its topic is new, so it begins anew`;
  if (isNew && (await makesStopped(rest))) {
    if (await beginOnNewTopic(file, options)) onStep?.(begins);
    return;
  }
  await putUntilEqual(name, wantedConfig(file), options);
  await untilTasksAreTold(name, wantedConfig(file), options);
  if (!isNew) return;
  if (!(await knowsOffsets(rest)))
    return onStep?.(
      `whether a connector ${name} of an earlier time left a position, this worker cannot say before 3.6: if one did, raise the number in offset.partition.name`,
    );
  // A worker of 3.6 shows the position only now that the connector runs.
  if (positionIn((await rest.offsets(name)) ?? [], file).length === 0) return;
  onStep?.(begins);
  await beginAnew(file, options);
}

async function hasNewTopic({ topic }: ConnectorFile, { topics }: ApplyOptions): Promise<boolean> {
  return (await topics.lengths([topic.name])).get(topic.name) === 0;
}

function outcome({ kind, name }: Change, how: Outcome, error: string | null = null): Applied {
  return { kind, name, outcome: how, error };
}
