// Carries out what a plan says, connector by connector, and says what became of each step. Deletions are asked for by name.
// The topic and the offsets of a deleted connector stay.

import { beginAnew, beginOnNewTopic, isBeginning, stopToBegin } from './begin-anew.ts';
import { copiesExisting } from './collection-counts.ts';
import type { Limits } from './config.ts';
import type { ConnectRest } from './connect-rest.ts';
import { type ConnectorFile, carries, filesThatCarry, type PlainFile, type TopicSpec } from './connector-file.ts';
import { ConnectFailure, isConnectFailure } from './failure.ts';
import { neededTopicsOf } from './needed-topics.ts';
import { type Applied, failed, type Outcome } from './outcome.ts';
import { pauseWhile } from './pause-while.ts';
import { positionIn } from './position.ts';
import { putUntilEqual, untilTasksAreTold } from './put-config.ts';
import { type Change, wantedConfig } from './reconcile.ts';
import type { Targets } from './targets.ts';
import { knowsOffsets, makesStopped } from './worker-version.ts';

interface Deleting {
  readonly rest: ConnectRest;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/** Deletes one and waits until the worker no longer shows it. False when it was not there. */
export async function deleteConnector(name: string, { rest, limits, signal }: Deleting): Promise<boolean> {
  const existed = await rest.remove(name);
  if (existed) await untilGone(name, rest, limits, signal);
  return existed;
}

async function untilGone(name: string, rest: ConnectRest, limits: Limits, signal?: AbortSignal): Promise<void> {
  const until = performance.now() + limits.retryForMs;
  while ((await rest.config(name)) !== undefined) {
    if (performance.now() > until) {
      throw new ConnectFailure(
        'worker-refused',
        `The worker took the deletion of ${name} and ${limits.retryForMs} ms later still shows it: is another program deploying at the same time?`,
      );
    }
    await pauseWhile(`deleting ${name}`, limits.pollMs, signal);
  }
}

export interface ApplyOptions extends Targets {
  readonly files: readonly PlainFile[];
  readonly changes: readonly Change[];
  readonly limits: Limits;
  readonly onStep?: ((step: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
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
export async function stopThoseToRefill(options: ApplyOptions): Promise<void> {
  const names = options.changes.filter(({ action }) => action === 'refill').map(({ name }) => name);
  for (const file of options.files.filter(({ name }) => names.includes(name))) {
    options.onStep?.(`stopping connector ${file.name}`);
    await stopToBegin(file, options);
  }
}

export async function carryOut(change: Change, before: readonly Applied[], options: ApplyOptions): Promise<Applied> {
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
    if (!isConnectFailure(error) || error.code === 'aborted') throw error;
    return outcome(change, 'failed', error.message);
  }
}

async function applyTopic({ name, action, keys }: Change, { files, topics }: ApplyOptions): Promise<void> {
  const spec: TopicSpec | undefined = neededTopicsOf(filesThatCarry(files)).find((one) => one.name === name);
  if (spec === undefined) throw new ConnectFailure('file-invalid', `No file needs topic ${name}.`);
  if (action === 'create') await topics.create(spec);
  else {
    const reset = keys.filter(({ to }) => to === null).map(({ key }) => key);
    await topics.alter(name, spec.config, reset);
  }
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
