// How many references are pending and overdue, as series and in the verbose readiness.
// Overdue references never make the shop not ready: a target that is never created is a fact about the data.
import { cachedAnswer } from 'foldline';
import type { Clock } from 'foldline/engine';
import type { Document } from 'mongodb';
import type { ShopReadModel } from '../read-model.ts';
import { fieldNames, type ReferenceField, referenceFields } from './fields.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { fromTargets } from './pipelines.ts';
import { collectionsOf } from './walks.ts';

/** `pending` includes those that are overdue. Each is at most the cap. */
export interface ReferenceCounts {
  readonly pending: number;
  readonly overdue: number;
  readonly removed: number;
}

export interface CountLimits {
  /** What has waited longer than this is overdue. */
  readonly overdueAfterMs: number;
  /** References of one field and state that are counted, and targets that are looked at for them. */
  readonly countMax: number;
  /** How long the server may take for one count, and whoever asks waits for it. */
  readonly timeoutMs: number;
  /** How long a count is good for. */
  readonly cachedMs: number;
}

interface CountPorts {
  readonly shop: ShopReadModel;
  readonly clock: Clock;
  readonly limits: CountLimits;
}

/** @throws what the store throws, or that it took too long; the next call counts anew, unless the count is still on its way */
export function referenceCounts({ shop, clock, limits }: CountPorts): () => Promise<ReferenceCounts> {
  const nowMs = () => clock.now().getTime();
  return cachedAnswer(() => count(shop, new Date(nowMs() - limits.overdueAfterMs), limits), limits, nowMs);
}

async function count(shop: ShopReadModel, overdueBefore: Date, limits: CountLimits): Promise<ReferenceCounts> {
  const { countMax, timeoutMs } = limits;
  const of = collectionsOf(shop);
  const inState = async (field: ReferenceField, targetState: string): Promise<Document> => {
    const { referrer, target } = referenceFields[field];
    const referrers = of[referrer].collection.collectionName;
    const { hint, pipeline } = fromTargets({ field, targetState, referrers, scan: countMax, limit: countMax });
    const total = {
      $group: { _id: null, all: { $sum: 1 }, early: { $sum: { $cond: [{ $lt: ['$since', overdueBefore] }, 1, 0] } } },
    };
    const options = { hint, maxTimeMS: timeoutMs };
    return (await of[target].collection.aggregate([...pipeline, total], options).toArray())[0] ?? { all: 0, early: 0 };
  };
  const both = (targetState: string) => Promise.all(fieldNames.map((field) => inState(field, targetState)));
  const [pending, removed] = await Promise.all([both('notYetAvailable'), both('removed')]);
  const sum = (counts: readonly Document[], name: string) =>
    Math.min(
      counts.reduce((all, one) => all + Number(one[name]), 0),
      countMax,
    );
  return { pending: sum(pending, 'all'), overdue: sum(pending, 'early'), removed: sum(removed, 'all') };
}

const shownMax = 10;

interface OverduePorts {
  readonly ledger: Pick<Ledger, 'page'>;
  readonly counts: () => Promise<ReferenceCounts>;
  readonly countMax: number;
}

export interface OverdueCheck {
  readonly detail: string;
  readonly data: readonly LedgerEntry[];
}

/** @throws what the counts or the ledger throw */
export async function overdueCheck({ ledger, counts, countMax }: OverduePorts): Promise<OverdueCheck> {
  const [{ overdue, pending }, { entries }] = await Promise.all([
    counts(),
    ledger.page({ state: 'overdue' }, { limit: shownMax }),
  ]);
  const shown = (number: number) => (number >= countMax ? `${countMax} or more` : String(number));
  return { detail: `${shown(overdue)} overdue, ${shown(pending)} pending`, data: entries };
}
