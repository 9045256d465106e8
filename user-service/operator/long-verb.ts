// What every long verb of user-service has around it: settings, a connection, progress, signals, and one sentence for each failure.
import { AdminFailure, type Context, exitCodes, startProgress, tellFault } from 'foldline/admin';
import { isFailure } from 'foldline/engine';
import { ForeignCollection, lackOfRights, unavailability } from 'foldline/mongodb';
import { wayOut } from '../src/own-collections.ts';
import { type ImportConfig, readImportConfig } from './config.ts';
import { openUsers, type Users } from './open-users.ts';

/** What was answered, in a sentence for operators; anything unexpected stays what it is. */
export function told(error: unknown): unknown {
  const afterwards = 'What was stored stays; the same command goes on where this one ended.';
  if (error instanceof ForeignCollection)
    return new AdminFailure('refused', `${error.message} ${wayOut}`, { cause: error });
  const denied = lackOfRights(error);
  if (denied !== undefined)
    return new AdminFailure(
      'service-refused',
      `MongoDB does not let the user of MONGODB_URI do this: ${denied}. Give that user the right, or name another in MONGODB_URI. ${afterwards}`,
      { cause: error },
    );
  const failure = isFailure(error) ? error : unavailability(error);
  if (failure) return new AdminFailure('service-unreachable', `${failure.message} ${afterwards}`, { cause: error });
  if (!isOfTheDisk(error)) return error;
  return new AdminFailure(
    'config-invalid',
    `The folder that DATA_DIR names cannot be used: ${error.message}. Make room or give the right, or name another folder in DATA_DIR. ${afterwards}`,
    { cause: error },
  );
}

/** Files of an export are told where they are read; what else is on the disk is in DATA_DIR. */
const faultsOfTheDisk: ReadonlySet<unknown> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'ENAMETOOLONG',
  'ELOOP',
]);

function isOfTheDisk(error: unknown): error is NodeJS.ErrnoException {
  const { syscall, code } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  return syscall !== undefined && faultsOfTheDisk.has(code);
}

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
