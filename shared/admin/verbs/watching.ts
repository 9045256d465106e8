// Follows work of a service until it ends: the wait before the next look, and the exit code for the end.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, exitCodes, json } from '../context.ts';
import { AdminFailure } from '../failure.ts';
import type { ServiceClient } from '../service-client.ts';
import { notKnown } from './read.ts';

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
export async function untilNextLook({ name }: ServiceClient, { signal }: Context): Promise<void> {
  try {
    await sleep(lookEveryMs, undefined, signal && { signal });
  } catch (cause) {
    throw new AdminFailure('stopped', `This command no longer waits for the work; the work continues in ${name}.`, {
      cause,
    });
  }
}
