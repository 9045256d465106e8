// One line of the ledger, and a place between two lines. Shapes only.
import type { ReferenceField } from './fields.ts';
import type { ReferenceState } from './states.ts';

/** One reference, as it is now. */
export interface LedgerEntry {
  readonly referrer: string;
  readonly field: ReferenceField;
  readonly target: string;
  readonly since: Date;
  readonly sinceVersion: number;
  readonly state: ReferenceState;
}

/** Behind this reference, which need not exist. */
export type LedgerPlace = Pick<LedgerEntry, 'field' | 'referrer' | 'target'>;
