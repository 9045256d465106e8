// The merges that ever were, found in the events themselves: what happened to an absorbed user says all of it.
import { idOf, type StoredEvent } from 'foldline/engine';
import { findEvents } from 'foldline/mongodb';
import type { Collection, IndexDescription } from 'mongodb';

export interface IdentityMerge {
  readonly id: string;
  readonly survivorId: string;
  readonly absorbedId: string;
  readonly reason: string;
  readonly state: 'merged' | 'retracted';
  /** Of the absorbed user, at the event that made or retracted the merge: what `minVersion` waits for. */
  readonly version: number;
}

export interface MergeLog {
  find(id: string): Promise<IdentityMerge | undefined>;
  /** Those of `ids` that were ever made, retracted or not. */
  among(ids: readonly string[]): Promise<IdentityMerge[]>;
  /** By id, those behind `after`. */
  page(after: string | undefined, limit: number): Promise<IdentityMerge[]>;
}

const absorbed = 'userAbsorbed_v1';
const retracted = 'mergeRetracted_v1';

/** By which merges are found among the events. */
export const mergesIndex: IndexDescription = {
  key: { type: 1, 'data.mergeId': 1 },
  name: 'merges',
  partialFilterExpression: { 'data.mergeId': { $type: 'string' } },
};

/** Only reads. */
export function mergeLogOf(events: Collection<StoredEvent>): MergeLog {
  /** When the reason of a merge cannot be read, its other fields are read alone, so that it does not hide the other merges. */
  async function readable(found: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const unreadable = found.filter((event) => event.unreadable !== undefined);
    if (unreadable.length === 0) return found;
    const $or = unreadable.map(({ subject, version }) => ({ subject, version }));
    const projection = { subject: 1, version: 1, 'data.mergeId': 1, 'data.survivorId': 1 };
    const again = await findEvents(events, { $or }, { projection }).toArray();
    const named = new Map(again.map((event) => [`${event.subject} ${event.version}`, event]));
    return found.flatMap((event) => {
      const one = named.get(`${event.subject} ${event.version}`) ?? event;
      return one.unreadable === undefined ? [one] : [];
    });
  }

  /** Two queries for all of them. */
  async function mergesIn(mergeId: object | string, limit: number): Promise<IdentityMerge[]> {
    const found = await findEvents(events, { type: absorbed, 'data.mergeId': mergeId } as object)
      .sort({ 'data.mergeId': 1 })
      .limit(limit)
      .toArray();
    const made = await readable(found);
    const ids = made.map(({ data }) => data.mergeId);
    const isRetracted = { type: retracted, 'data.mergeId': { $in: ids, $type: 'string' } };
    const ended = await findEvents(events, isRetracted, {
      projection: { subject: 1, version: 1, 'data.mergeId': 1 },
    }).toArray();
    const endOf = new Map(ended.map((event) => [`${event.data.mergeId} ${event.subject}`, event.version]));
    return made.map(({ subject, version, data }) => {
      const { mergeId: id, survivorId, reason = '' } = data as { mergeId: string; survivorId: string; reason: string };
      const end = endOf.get(`${id} ${subject}`);
      const state = end === undefined ? 'merged' : 'retracted';
      return { id, survivorId, absorbedId: idOf(subject), reason, state, version: end ?? version };
    });
  }

  return {
    find: async (id) => (await mergesIn(id, 1))[0],
    among: (ids) => mergesIn({ $in: [...ids], $type: 'string' }, ids.length),
    page: (after, limit) => mergesIn({ $gt: after ?? '', $type: 'string' }, limit),
  };
}
