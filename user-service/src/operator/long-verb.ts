// What import and adoption have around them: settings, the users' store, stages, and the one question before anything is stored. What
// keeps one from going on is one sentence for operators, and the store is closed however it ends.
import { block, type Context, exitCodes } from 'foldline/admin';
import type { ImportConfig } from '../config.ts';
import { settingsOf, told } from './failures.ts';
import { openUsers, type Users } from './open-users.ts';
import { type RunStage, stagesIn } from './stages.ts';

export interface LongVerb {
  readonly users: Users;
  readonly config: ImportConfig;
  readonly context: Context;
  readonly stage: RunStage;
}

/** @returns the exit code of the work */
export async function runLongVerb(context: Context, work: (verb: LongVerb) => Promise<number>): Promise<number> {
  const config = settingsOf(context);
  const users = await openUsers(config).catch((error: unknown) => {
    throw told(error);
  });
  try {
    return await work({ users, config, context, stage: stagesIn(context) });
  } catch (error) {
    throw told(error);
  } finally {
    await users.close();
  }
}

/** Says what is wrong with the command line. @returns the exit code for it */
export function wrongUsage({ stderr, colors }: Context, message: string): number {
  stderr(block(message).map(colors.red));
  return exitCodes.usage;
}

/** Asks where somebody can answer, unless told not to. */
export async function isWanted(question: string, { confirm, stderr }: Context, yes: boolean): Promise<boolean> {
  if (yes || !confirm || (await confirm(question))) return true;
  stderr('Nothing was stored.');
  return false;
}
