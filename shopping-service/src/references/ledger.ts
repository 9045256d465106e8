// The ledger: pages of the references that documents hold now, each with the state that its target is in at that moment.
// It goes field by field, and inside one by (referrer, target), or by (target, referrer) where the targets' state leads.
import { fieldNames, type Kind, type ReferenceField, referenceFields } from './fields.ts';
import type { LedgerEntry, LedgerPlace } from './ledger-entry.ts';
import type { ReferenceState } from './states.ts';
import { openWalks, type Reach, type WalkPorts } from './walks.ts';

/** All of a kind, or one subject of it. */
export interface Narrowing {
  readonly kind: Kind;
  readonly subject?: string | undefined;
}

export interface LedgerQuery {
  /** `pending` includes those that are overdue. */
  readonly state?: ReferenceState | undefined;
  readonly referrer?: Narrowing | undefined;
  readonly target?: Narrowing | undefined;
}

interface LedgerPage {
  readonly entries: LedgerEntry[];
  /** Null on the last page. A page may be short, even empty, and not be the last: looking for more took too long. */
  readonly next: LedgerPlace | null;
}

interface LedgerLimits {
  /** What has waited longer than this is overdue. */
  readonly overdueAfterMs: number;
  /** How many documents one page looks at in search of references. */
  readonly scanMax: number;
}

interface LedgerPorts extends WalkPorts {
  readonly limits: LedgerLimits;
}

export interface Ledger {
  page(query: LedgerQuery, page: { limit: number; after?: LedgerPlace | undefined }): Promise<LedgerPage>;
  /** What has waited since before this instant is overdue. */
  overdueBefore(): Date;
}

export function openLedger(ports: LedgerPorts): Ledger {
  const { limits } = ports;
  const walks = openWalks(ports);

  function walk(field: ReferenceField, query: LedgerQuery, after: LedgerPlace | undefined, reach: Reach) {
    const { state, referrer, target } = query;
    const byTargets = state && state !== 'resolved' && !referrer?.subject && !target?.subject;
    if (byTargets) return walks.fromTargets(field, state, after, reach);
    return walks.fromReferrers(field, { state, referrer: referrer?.subject, target: target?.subject }, after, reach);
  }

  return {
    overdueBefore: walks.overdueBefore,
    async page(query, { limit, after }) {
      const entries: LedgerEntry[] = [];
      let scan = Math.min(limit + 1, limits.scanMax);
      let scanned = 0;
      let place = after;
      let [field, ...others] = fieldsFrom(after?.field, query);
      while (field) {
        const found = await walk(field, query, place, { limit: limit + 1 - entries.length, scan });
        entries.push(...found.entries);
        if (entries.length > limit) return { entries: entries.slice(0, limit), next: entries[limit - 1] ?? null };
        place = found.stoppedAt;
        if (!place) [field, ...others] = others;
        scanned += scan;
        if (scanned >= limits.scanMax && place) return { entries, next: place };
        // Where few of the documents match, the next walk reaches further; a page stays a handful of queries.
        if (place) scan = Math.min(scan * 4, Math.max(limits.scanMax - scanned, 1));
      }
      return { entries, next: null };
    },
  };
}

/** The fields whose references can match at all, from `first` on. */
function fieldsFrom(first: ReferenceField | undefined, { referrer, target }: LedgerQuery): readonly ReferenceField[] {
  return fieldNames.slice(first ? fieldNames.indexOf(first) : 0).filter((field) => {
    const ends = referenceFields[field];
    return (!referrer || referrer.kind === ends.referrer) && (!target || target.kind === ends.target);
  });
}
