// Walks through the references of one field, from the referrers or from the targets, and stops at a page or after a number
// of documents. A target with a hundred thousand referrers is walked like any other: from where the page before ended.
import type { Clock } from 'foldline/engine';
import type { ShopCollection, ShopReadModel } from '../read-model.ts';
import { type ShopState, stateOf } from '../shop-view.ts';
import { type Kind, type ReferenceField, referenceFields } from './fields.ts';
import type { LedgerEntry, LedgerPlace } from './ledger-entry.ts';
import { fromReferrers, fromTargets, type Walk } from './pipelines.ts';
import { type ReferenceState, referenceState, targetStates } from './states.ts';

/** Some references of one field; `stoppedAt` where the search was given up before its end, and before the limit. */
export interface Segment {
  readonly entries: readonly LedgerEntry[];
  readonly stoppedAt?: LedgerPlace | undefined;
}

interface Narrowed {
  readonly state: ReferenceState | undefined;
  /** Subjects. */
  readonly referrer?: string | undefined;
  readonly target?: string | undefined;
}

type After = LedgerPlace | undefined;

/** How far one walk may go: so many references, from so many documents. */
export interface Reach {
  readonly limit: number;
  readonly scan: number;
}

export interface WalkPorts {
  readonly shop: ShopReadModel;
  readonly clock: Clock;
  readonly limits: {
    /** What has waited longer than this is overdue. */
    readonly overdueAfterMs: number;
  };
}

interface Walks {
  overdueBefore(): Date;
  fromReferrers(field: ReferenceField, only: Narrowed, after: After, reach: Reach): Promise<Segment>;
  fromTargets(field: ReferenceField, state: ReferenceState, after: After, reach: Reach): Promise<Segment>;
}

type Found = Omit<LedgerEntry, 'state'> & { readonly targetState: ShopState };

/** Sorts behind every subject. */
const behindAll = '~';

export function openWalks({ shop, clock, limits }: WalkPorts): Walks {
  const of = collectionsOf(shop);

  async function walk({ collection }: ShopCollection, { start, hint, pipeline }: Walk, reach: Reach, before: Date) {
    const found = await collection.aggregate<Found>([...pipeline], { hint }).toArray();
    const entries = found.map(({ referrer, field, target, since, sinceVersion, targetState }): LedgerEntry => {
      return { referrer, field, target, since, sinceVersion, state: referenceState(targetState, since, before) };
    });
    if (entries.length >= reach.limit) return { entries };
    const edge = collection.find(start, { hint, projection: { _id: 1 } }).sort({ _id: 1 });
    return {
      entries,
      scannedTo: (
        await edge
          .skip(reach.scan - 1)
          .limit(1)
          .toArray()
      )[0]?._id,
    };
  }

  /** Whether the target is in the wanted state; a target in another state needs no walk over its referrers. */
  async function fits({ state, target }: Narrowed, kind: Kind): Promise<boolean> {
    if (target === undefined || state === undefined) return true;
    return stateOf((await of[kind].documents.read([target])).get(target)) === targetStates[state];
  }

  const overdueBefore = () => new Date(clock.now().getTime() - limits.overdueAfterMs);
  const boundsOf = (field: ReferenceField, state: ReferenceState | undefined, reach: Reach, before: Date) => ({
    field,
    targetState: state && targetStates[state],
    sinceBefore: state === 'overdue' ? before : undefined,
    ...reach,
  });

  const walks: Walks = {
    overdueBefore,
    async fromReferrers(field, only, after, reach) {
      const kind = referenceFields[field];
      if (!(await fits(only, kind.target))) return { entries: [] };
      const before = overdueBefore();
      const bounds = boundsOf(field, only.state, reach, before);
      const targets = of[kind.target].collection.collectionName;
      const { referrer, target } = only;
      const way = fromReferrers({ ...bounds, targets, referrer, target, after });
      const { entries, scannedTo } = await walk(of[kind.referrer], way, reach, before);
      return {
        entries,
        stoppedAt: scannedTo === undefined ? undefined : { field, referrer: scannedTo, target: behindAll },
      };
    },

    async fromTargets(field, state, after, reach) {
      const kind = referenceFields[field];
      // First the rest of the target at which the page before ended, then the targets after it.
      const rest = after ? await walks.fromReferrers(field, { state, target: after.target }, after, reach) : undefined;
      const begun = rest?.entries ?? [];
      const left = { ...reach, limit: reach.limit - begun.length };
      if (rest?.stoppedAt && after)
        return { entries: begun, stoppedAt: { field, referrer: rest.stoppedAt.referrer, target: after.target } };
      if (left.limit <= 0) return { entries: begun };
      const before = overdueBefore();
      const bounds = { ...boundsOf(field, state, left, before), targetState: targetStates[state] };
      const referrers = of[kind.referrer].collection.collectionName;
      const way = fromTargets({ ...bounds, referrers, after: after?.target });
      const { entries, scannedTo } = await walk(of[kind.target], way, left, before);
      const stoppedAt = scannedTo === undefined ? undefined : { field, target: scannedTo, referrer: behindAll };
      return { entries: [...begun, ...entries], stoppedAt };
    },
  };
  return walks;
}

/** The collection of each kind. */
export function collectionsOf(shop: ShopReadModel): Readonly<Record<Kind, ShopCollection>> {
  return { user: shop.customers, category: shop.categories, item: shop.items, order: shop.orders };
}
