// What an operator is told when the store or the disk keep a long verb from going on.
import { AdminFailure } from 'foldline/admin';
import { isFailure } from 'foldline/engine';
import { ForeignCollection, lackOfRights, unavailability } from 'foldline/mongodb';
import { wayOut } from '../src/own-collections.ts';

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
