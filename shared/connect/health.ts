// Whether a connector and all its tasks run, as the worker says it, and why not. Kafka Connect's word only:
// a connector that is RUNNING may still not deliver (its stream may be closed), which the services notice by their own progress.
import type { ConnectorState, ConnectorStatus, ConnectRest } from './connect-rest.ts';
import { maskUris } from './secrets.ts';

interface TaskHealth {
  readonly id: number;
  readonly state: ConnectorState;
  readonly worker: string;
}

export interface ConnectorHealth {
  readonly name: string;
  readonly state: ConnectorState | 'ABSENT';
  readonly tasks: readonly TaskHealth[];
  /** The connector and each of its tasks is RUNNING, and there is at least one task. */
  readonly running: boolean;
  /** Why not, in one sentence; null while running. */
  readonly reason: string | null;
}

export function healthOf(name: string, status: ConnectorStatus | undefined): ConnectorHealth {
  if (status === undefined)
    return { name, state: 'ABSENT', tasks: [], running: false, reason: `connector ${name} does not exist` };
  const tasks = status.tasks.map(({ id, state, worker_id }) => ({ id, state, worker: worker_id }));
  const reason = whyNotRunning(name, status);
  return { name, state: status.connector.state, tasks, running: reason === null, reason };
}

function whyNotRunning(name: string, { connector, tasks }: ConnectorStatus): string | null {
  if (isPaused(connector))
    return `connector ${name} is ${connector.state}, and a restart does not change that; to resume it: ${resumeLine(name)}`;
  const parts = [
    { what: `connector ${name}`, ...connector },
    ...tasks.map((task) => ({ what: `task ${task.id} of ${name}`, ...task })),
  ];
  const failed = parts.find((part) => part.state === 'FAILED');
  if (failed !== undefined) return `${failed.what} is FAILED: ${traceSummary(failed.trace)}`;
  const idle = parts.find((part) => part.state !== 'RUNNING');
  if (idle !== undefined) return `${idle.what} is ${idle.state}`;
  return tasks.length === 0 ? `connector ${name} has no task yet` : null;
}

const summaryCharsMax = 400;

/**
 * The first line of a stack trace and, since that often only says "unrecoverable exception", its innermost cause.
 * What a converter appends of the record itself is cut off: it may be personal data.
 */
export function traceSummary(trace: string | undefined): string {
  const lines = (trace ?? '').split('\n').filter((line) => line.trim() !== '');
  const first = lines[0]?.trim();
  if (first === undefined) return 'the worker gives no reason';
  const cause = lines.filter((line) => line.startsWith('Caused by: ')).at(-1);
  const summary = cause === undefined ? first : `${first} ${cause.trim()}`;
  return maskUris(summary.replace(/(for: )?Key=.*?(?=Caused by: |$)/s, '… '))
    .trim()
    .slice(0, summaryCharsMax);
}

export function isFailed({ state, tasks }: ConnectorHealth): boolean {
  return state === 'FAILED' || tasks.some((task) => task.state === 'FAILED');
}

/** Somebody had it stand still: it neither fails nor goes on by itself, whatever is waited for or restarted. */
export function isPaused({ state }: Pick<ConnectorHealth, 'state'>): boolean {
  return state === 'PAUSED' || state === 'STOPPED';
}

/** What lets a connector go on that stands still. */
export function resumeLine(name: string): string {
  return `npm run connect -- resume ${name}`;
}

/** The health of each name, in the order given. */
export async function readHealth(rest: ConnectRest, names: readonly string[]): Promise<ConnectorHealth[]> {
  const statuses = await rest.statuses();
  return names.map((name) => healthOf(name, statuses.get(name)));
}
