// Whether something may be done that is not taken back: asked of a person, and only where one can answer.

import type { Lines } from './open-output.ts';

/** Of several lines the last one is the question. */
export type Confirm = (question: Lines) => Promise<boolean>;

export interface Asked {
  /** Undefined where nobody can answer. */
  readonly confirm: Confirm | undefined;
  readonly stderr: (lines: Lines) => void;
}

/** Asks, unless nobody can answer or `--yes` says so. A no is told. */
export async function agreed(question: Lines, yes: boolean | undefined, { confirm, stderr }: Asked): Promise<boolean> {
  if (yes || confirm === undefined || (await confirm(question))) return true;
  stderr('Nothing was done.');
  return false;
}
