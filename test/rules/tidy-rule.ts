// A rule of style that a machine can see: a pure function from a source file to what is wrong with it.
// What needs judgement (whether a comment says why, whether a name is right) is left to whoever reviews.
import type { Source } from './sources.ts';

export interface TidyRule {
  readonly name: string;
  /** Sentences for people; none when the file keeps the rule. */
  faults(source: Source): string[];
  /** Small files that break the rule: they show that it can fail. */
  readonly catches: readonly (readonly [path: string, text: string])[];
}
