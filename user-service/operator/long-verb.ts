// What import and adoption have around them: settings, the users' store, stages, and the one question before anything is stored. What
// keeps one from going on is one sentence for operators, and the store is closed however it ends.
import { AdminFailure, type Context, exitCodes, startProgress, tellFault } from 'foldline/admin';
import { type ImportConfig, readImportConfig } from './config.ts';
import { told } from './failures.ts';
import { openUsers, type Users } from './open-users.ts';

/** @throws AdminFailure `stopped` once a signal came */
type Reached = (share: number, count: number) => void;

export type RunStage = <T>(title: string, unit: string, work: (reached: Reached) => Promise<T>) => Promise<T>;

export interface LongVerb {
  readonly users: Users;
  readonly config: ImportConfig;
  readonly context: Context;
  readonly stage: RunStage;
}

/** @returns the exit code of the work */
export async function runLongVerb(context: Context, work: (verb: LongVerb) => Promise<number>): Promise<number> {
  const config = readImportConfig(context.env);
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
export function wrongUsage(context: Context, message: string): number {
  tellFault(message, context);
  return exitCodes.usage;
}

/** Asks where somebody can answer, unless told not to. */
export async function isWanted(question: string, { confirm, stderr }: Context, yes: boolean): Promise<boolean> {
  if (yes || !confirm || (await confirm(question))) return true;
  stderr('Nothing was stored.');
  return false;
}

/** Each stage says how far it is, and can be ended by a signal wherever it says so. */
function stagesIn(context: Context): RunStage {
  const { signal, config } = context;
  return async (title, unit, work) => {
    const progress = startProgress(context, { title, unit }, { lineEveryMs: config.ADMIN_PROGRESS_EVERY_MS });
    try {
      return await work((share, count) => {
        if (signal?.aborted)
          throw new AdminFailure(
            'stopped',
            'Stopped. What was stored stays; the same command goes on where this one ended.',
          );
        progress.at(share, count);
      });
    } finally {
      progress.end();
    }
  };
}
