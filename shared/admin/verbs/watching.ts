// Follows work of a service until it ends: the wait before the next look, and the exit code for the end.

import { setTimeout as sleep } from 'node:timers/promises';
import { notKnown } from '../answers.ts';
import { type Context, exitCodes, json } from '../context.ts';
import { AdminFailure, isAdminFailure } from '../failure.ts';
import { type Progress, startProgress } from '../progress.ts';
import type { ServiceClient } from '../service-client.ts';

const ends: readonly string[] = ['equal', 'repaired', 'different', 'failed'];

export interface Ended {
  readonly state: string;
  readonly detail: string;
}

interface Telling {
  readonly at: ServiceClient;
  /** What the service was asked for, when its answer is not known here. */
  readonly about: string;
  /** For example `verify things`. */
  readonly work: string;
  text(): string[];
}

/** @throws AdminFailure when the state is none that is known here */
export function tellEnded<T extends Ended>(ended: T, { at, about, work, text }: Telling, context: Context): number {
  const { state, detail } = ended;
  if (!ends.includes(state)) throw notKnown(at, about);
  if (context.format === 'json') context.stdout(json({ service: at.name, ...ended }));
  if (state === 'failed') {
    context.stderr(context.colors.red(`${at.name} could not ${work}: ${detail}`));
    return exitCodes.error;
  }
  if (context.format === 'text') context.stdout(text());
  return state === 'different' ? exitCodes.different : exitCodes.ok;
}

const lookEveryMs = 200;

/** @throws AdminFailure `stopped` when a signal comes */
export async function untilNextLook({ signal }: Context): Promise<void> {
  await sleep(lookEveryMs, undefined, signal && { signal }).catch((cause: unknown) => {
    throw new AdminFailure('stopped', 'Stopped.', { cause });
  });
}

/** Work that Ctrl-C may end. @param soFar what is done, what goes on in the service, and what the same command does then */
export async function stoppable<T>(work: () => Promise<T>, soFar: () => string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isAdminFailure(cause, 'stopped')) throw cause;
    throw new AdminFailure('stopped', `Stopped. ${soFar()}`, { cause });
  }
}

/** How far work of a service is, as often as the settings say. */
export const watched = (context: Context, title: string, unit: string): Progress =>
  startProgress(context, { title, unit }, { lineEveryMs: context.config.ADMIN_PROGRESS_EVERY_MS });
