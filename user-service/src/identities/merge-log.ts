// The merges that ever were, found in the events themselves: what happened to an absorbed user says all of it.
import { idOf, type StoredEvent } from '@foldline/shared/engine';
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
  ...{ key: { type: 1, 'data.mergeId': 1 }, name: 'merges' },
  partialFilterExpression: { 'data.mergeId': { $type: 'string' } },
};

/** Only reads. */
export function mergeLogOf(events: Collection<StoredEvent>): MergeLog {
  /** Two queries for all of them. */
  async function mergesIn(mergeId: object | string, limit: number): Promise<IdentityMerge[]> {
    const made = await events
      .find({ type: absorbed, 'data.mergeId': mergeId } as object)
      .sort({ 'data.mergeId': 1 })
      .limit(limit)
      .toArray();
    const ids = made.map(({ data }) => data.mergeId);
    const ended = await events.find({ type: retracted, 'data.mergeId': { $in: ids, $type: 'string' } }).toArray();
    const endOf = new Map(ended.map((event) => [`${event.data.mergeId} ${event.subject}`, event.version]));
    return made.map(({ subject, version, data }) => {
      const { mergeId: id, survivorId, reason } = data as { mergeId: string; survivorId: string; reason: string };
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
