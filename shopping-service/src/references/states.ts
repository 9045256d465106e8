// The states of a reference. None is stored: each is joined from the target's document and the reader's clock on read, so that an event
// of a target never has to visit the documents that refer to the target.
import type { ShopState } from '../shop-view.ts';

export const referenceStates = ['pending', 'overdue', 'resolved', 'removed'] as const;
export type ReferenceState = (typeof referenceStates)[number];

/** @param overdueBefore what began to wait before this instant and still waits is overdue */
export function referenceState(target: ShopState, since: Date, overdueBefore: Date): ReferenceState {
  switch (target) {
    case 'available':
      return 'resolved';
    case 'removed':
      return 'removed';
    case 'notYetAvailable':
      return since < overdueBefore ? 'overdue' : 'pending';
  }
}

/** The state that a target must be in for a reference to be in `state`. */
export const targetStates: Readonly<Record<ReferenceState, ShopState>> = {
  pending: 'notYetAvailable',
  overdue: 'notYetAvailable',
  resolved: 'available',
  removed: 'removed',
};
