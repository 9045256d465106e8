// How results read: as text for people, or as JSON whose keys are only ever added to. Values of configs are masked in both.
import type { Colors } from 'picocolors/types.js';
import type { Applied, Counts } from './apply.ts';
import type { ConnectorHealth } from './health.ts';
import type { Change, KeyChange } from './reconcile.ts';
import { maskValue } from './secrets.ts';

export type Format = 'text' | 'json';

/** Changes as they may be shown: no secret in them. */
export function maskedChanges(changes: readonly Change[]): Change[] {
  const masked = (key: string, value: string | null) => (value === null ? null : maskValue(key, value));
  return changes.map((change) => ({
    ...change,
    keys: change.keys.map(({ key, from, to }) => ({ key, from: masked(key, from), to: masked(key, to) })),
  }));
}

const signs = { create: '+', alter: '~', none: '=', refuse: '!' } as const;

/** One block for each change that is due; what stays as it is, is only counted. */
export function changesAsText(changes: readonly Change[], colors: Colors): string {
  const paint = { create: colors.green, alter: colors.yellow, none: colors.dim, refuse: colors.red };
  const blocks = maskedChanges(changes)
    .filter((change) => change.action !== 'none')
    .flatMap(({ kind, name, action, keys, reason }) => [
      paint[action](`${signs[action]} ${action} ${kind} ${name}`),
      ...keys.map((change) => `    ${keyAsText(change)}`),
      ...(reason === undefined ? [] : [`    ${reason}`]),
    ]);
  const count = (action: Change['action']) => changes.filter((change) => change.action === action).length;
  const refused = count('refuse') > 0 ? `, refused ${count('refuse')}` : '';
  return [
    ...blocks,
    `to create ${count('create')}, to alter ${count('alter')}, unchanged ${count('none')}${refused}`,
  ].join('\n');
}

function keyAsText({ key, from, to }: KeyChange): string {
  if (from === null) return `+ ${key} = ${to}`;
  if (to === null) return `- ${key} (was ${from})`;
  return `~ ${key} = ${to} (was ${from})`;
}

export function appliedAsText(
  applied: readonly Applied[],
  health: readonly ConnectorHealth[],
  counts: Counts,
  colors: Colors,
): string {
  const lines = applied
    .filter((one) => one.outcome !== 'unchanged')
    .map(({ kind, name, outcome, error }) => {
      const line = `${outcome} ${kind} ${name}`;
      return outcome === 'failed' ? colors.red(`${line}: ${error}`) : colors.green(line);
    });
  return [...lines, ...(health.length > 0 ? [healthAsText(health, colors)] : []), countsAsText(counts)].join('\n');
}

export function countsAsText({ created, altered, deleted, failed, unchanged }: Counts): string {
  return `created ${created}, altered ${altered}, deleted ${deleted}, failed ${failed}, unchanged ${unchanged}`;
}

/** A table: name, state, tasks, and below each that does not run, why. */
export function healthAsText(health: readonly ConnectorHealth[], colors: Colors): string {
  const width = Math.max(...health.map((one) => one.name.length));
  return health
    .flatMap((one) => {
      const tasks = one.tasks.map((task) => `task ${task.id} ${task.state}`).join(', ') || 'no task';
      const paint = one.running ? colors.green : colors.red;
      return [
        `${one.name.padEnd(width)}  ${paint(one.state)}  ${tasks}`,
        ...(one.reason === null ? [] : [`    ${one.reason}`]),
      ];
    })
    .join('\n');
}
