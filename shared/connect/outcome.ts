// What became of each change, and how often.
import type { Change } from './reconcile.ts';

/** What is counted. */
type Counted = 'created' | 'altered' | 'deleted' | 'restarted' | 'refilled' | 'unchanged' | 'failed';
export type Outcome = Counted | 'stopped' | 'paused' | 'resumed' | 'reset';

export interface Applied {
  readonly kind: Change['kind'];
  readonly name: string;
  readonly outcome: Outcome;
  /** One sentence for `failed`; null otherwise. */
  readonly error: string | null;
}

export function failed(applied: readonly Applied[], kind: Change['kind'], name: string): boolean {
  return applied.some((one) => one.kind === kind && one.name === name && one.outcome === 'failed');
}

export type Counts = Readonly<Record<Counted, number>>;

export function countOutcomes(applied: readonly Applied[]): Counts {
  const count = (how: Outcome) => applied.filter((one) => one.outcome === how).length;
  return {
    created: count('created'),
    altered: count('altered'),
    deleted: count('deleted'),
    restarted: count('restarted'),
    refilled: count('refilled'),
    failed: count('failed'),
    unchanged: count('unchanged'),
  };
}
