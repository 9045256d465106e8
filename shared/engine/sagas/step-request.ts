// The key of a command that a saga issues: the same step gives the same key, so that a command that is sent again after a crash
// is known again, and its answer is the first one's.
import { createHash } from 'node:crypto';
import type { RequestKey } from '../execute-together.ts';

/** @param parts what tells this command from every other one of all sagas: the instance, the step, the target */
export function stepRequest(...parts: readonly (string | number)[]): RequestKey {
  const digest = createHash('sha256').update(parts.join('/')).digest('hex');
  return { claim: `key:${digest}`, digest };
}
