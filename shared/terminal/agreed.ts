// Whether something may be done that is not taken back: asked of a person, and only where one can answer.

export type Confirm = (question: string) => Promise<boolean>;

export interface Asked {
  /** Undefined where nobody can answer. */
  readonly confirm: Confirm | undefined;
  readonly stderr: (text: string) => void;
}

/** Asks, unless nobody can answer or `--yes` says so. A no is told. */
export async function agreed(question: string, yes: boolean | undefined, { confirm, stderr }: Asked): Promise<boolean> {
  if (yes || confirm === undefined || (await confirm(question))) return true;
  stderr('Nothing was done.');
  return false;
}
