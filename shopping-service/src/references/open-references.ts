// Opens what the shop knows of references, with its settings: the ledger, the counts, what readiness says, and the policies.
import { systemClock } from 'foldline';
import type { ShoppingServiceConfig } from '../config.ts';
import type { ShopReadModel } from '../read-model.ts';
import { type OverdueCheck, overdueCheck, type ReferenceCounts, referenceCounts } from './counts.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { everythingKept, type RemovalPolicies } from './policies.ts';

export interface References {
  readonly ledger: Ledger;
  readonly counts: () => Promise<ReferenceCounts>;
  readonly check: () => Promise<OverdueCheck>;
  readonly policies: RemovalPolicies;
}

export function openReferences(shop: ShopReadModel, config: ShoppingServiceConfig): References {
  const overdueAfterMs = config.REFERENCE_OVERDUE_MS;
  const countMax = config.REFERENCE_COUNT_MAX;
  const ledger = openLedger({
    shop,
    clock: systemClock,
    limits: { overdueAfterMs, scanMax: config.REFERENCE_SCAN_MAX },
  });
  const counts = referenceCounts({
    shop,
    clock: systemClock,
    limits: {
      overdueAfterMs,
      countMax,
      timeoutMs: config.REFERENCE_COUNT_TIMEOUT_MS,
      cachedMs: config.REFERENCE_COUNT_EVERY_MS,
    },
  });
  return {
    ledger,
    counts,
    check: () => overdueCheck({ ledger, counts, countMax }),
    policies: config.REMOVED_REFERENCES ?? everythingKept,
  };
}
