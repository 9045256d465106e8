// How results read: as text for people, or as JSON whose keys are only ever added to. Values of configs are masked in both.

import type { Colors } from 'picocolors/types.js';
import { visible } from '../terminal/index.ts';
import type { Applied, Counts } from './apply.ts';
import type { ConnectorHealth } from './health.ts';
import { type Finding, isError, renderFinding } from './lint/rules.ts';
import type { Change, KeyChange, UnnamedSetting } from './reconcile.ts';
import { maskValue } from './secrets.ts';

/** Changes as they may be shown: no secret in them. */
export function maskedChanges(changes: readonly Change[]): Change[] {
  const masked = (key: string, value: string | null) => (value === null ? null : maskValue(key, value));
  return changes.map((change) => ({
    ...change,
    keys: change.keys.map(({ key, from, to }) => ({ key, from: masked(key, from), to: masked(key, to) })),
  }));
}

/** What the rules found, a line each, and how much it is; with the number of files that are free of errors when it is known. */
export function findingsAsText(findings: readonly Finding[], colors: Colors, valid?: number): string[] {
  const errors = findings.filter(isError).length;
  const counted = `errors ${errors}, warnings ${findings.length - errors}`;
  return [
    ...findings.map((one) => (isError(one) ? colors.red : colors.yellow)(renderFinding(one))),
    valid === undefined ? counted : `valid ${valid}, ${counted}`,
  ];
}

const signs = { create: '+', alter: '~', delete: '-', refill: '»', none: '=' } as const;

/** One block for each change that is due; what stays as it is, is only counted. */
export function changesAsText(changes: readonly Change[], strays: readonly string[], colors: Colors): string[] {
  const paint = {
    create: colors.green,
    alter: colors.yellow,
    delete: colors.red,
    refill: colors.yellow,
    none: colors.dim,
  };
  const blocks = maskedChanges(changes)
    .filter((change) => change.action !== 'none')
    .flatMap(({ kind, name, action, keys }) => [
      paint[action](`${signs[action]} ${action} ${kind} ${name}`),
      ...keys.map((change) => `    ${keyAsText(change)}`),
    ]);
  const count = (action: Change['action']) => changes.filter((change) => change.action === action).length;
  const refills = count('refill') > 0 ? `to refill ${count('refill')}, ` : '';
  return [
    ...blocks,
    ...strays.map((name) => colors.dim(`? connector ${name} has no file; --prune would delete it`)),
    `to create ${count('create')}, to alter ${count('alter')}, to delete ${count('delete')}, ${refills}unchanged ${count('none')}`,
  ];
}

/** A line for each setting of a topic that no file names, and what can be done about it. Those that are reset are among the changes. */
export function unnamedAsText(
  unnamed: readonly UnnamedSetting[],
  reset: boolean | undefined,
  colors: Colors,
): string[] {
  return unnamed
    .filter(({ resettable }) => !(reset && resettable))
    .map(({ topic, key, value, resettable }) => {
      const wayOut = resettable
        ? 'write it into the file, or take it off with --reset-topic-settings'
        : "write it into the file; it is not taken off, because the broker's own value may delete records";
      return colors.yellow(
        `? topic ${topic} has ${key} = ${value} of its own, and its file does not name it: ${wayOut}`,
      );
    });
}

function keyAsText({ key, from, to }: KeyChange): string {
  if (from === null) return `+ ${key} = ${to}`;
  if (to === null) return `- ${key} (was ${from})`;
  return `~ ${key} = ${to} (was ${from})`;
}

export function appliedAsText(
  applied: readonly Applied[],
  health: readonly ConnectorHealth[],
  counts: Counts | undefined,
  colors: Colors,
): string[] {
  const lines = applied
    .filter((one) => one.outcome !== 'unchanged')
    .map(({ kind, name, outcome, error }) => {
      const line = `${outcome} ${kind} ${name}`;
      return outcome === 'failed' ? colors.red(`${line}: ${error}`) : colors.green(line);
    });
  return [...lines, ...healthAsText(health, colors), ...(counts === undefined ? [] : [countsAsText(counts)])];
}

function countsAsText({ created, altered, deleted, restarted, refilled, failed, unchanged }: Counts): string {
  const again = `${restarted > 0 ? `, restarted ${restarted}` : ''}${refilled > 0 ? `, refilled ${refilled}` : ''}`;
  return `created ${created}, altered ${altered}, deleted ${deleted}, failed ${failed}${again}, unchanged ${unchanged}`;
}

/** A table: name, state, tasks, and below each that does not run, why. */
export function healthAsText(health: readonly ConnectorHealth[], colors: Colors): string[] {
  const width = Math.max(...health.map((one) => visible(one.name).length));
  return health.flatMap((one) => {
    const tasks = one.tasks.map((task) => `task ${task.id} ${task.state}`).join(', ') || 'no task';
    const paint = one.running ? colors.green : colors.red;
    return [
      `${visible(one.name).padEnd(width)}  ${paint(one.state)}  ${tasks}`,
      ...(one.reason === null ? [] : [`    ${one.reason}`]),
    ];
  });
}
